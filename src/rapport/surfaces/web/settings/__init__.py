"""Pages of the settings, the trash, the jobs and the audit log."""
