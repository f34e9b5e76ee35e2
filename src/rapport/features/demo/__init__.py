"""A plausible organisation to try Rapport with: loaded and removed by one command each."""
