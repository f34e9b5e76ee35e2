"""The page of a record, its forms, inline edit, history and sharing; one set of views for every object."""
