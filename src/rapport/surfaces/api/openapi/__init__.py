"""The description of this deployment's API, and the page that shows it."""
