"""The calendar: what stands in one's own days and in those of colleagues, laid over each other."""
