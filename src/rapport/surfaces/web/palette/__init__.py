"""Command palette, search page, and the choices of comboboxes."""
