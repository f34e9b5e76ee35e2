"""The commands of `rapport`, one file for each subject, loaded when called."""
