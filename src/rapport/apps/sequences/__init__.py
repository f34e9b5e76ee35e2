"""Follow-up sequences: tasks and mail drafts by day for a person, until they answer."""
