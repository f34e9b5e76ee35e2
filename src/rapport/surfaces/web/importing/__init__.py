"""Pages of imports: a file is uploaded, its columns are placed, tried, and imported in the background."""
