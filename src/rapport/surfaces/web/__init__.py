"""Pages: one set of views for every object, standard or custom."""
