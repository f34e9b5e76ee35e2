"""Lists, boards and calendars of every object; saved views; bulk edit."""
