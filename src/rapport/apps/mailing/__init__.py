"""Mail that people write from Rapport: templates, signatures, sending once, and how it went."""
