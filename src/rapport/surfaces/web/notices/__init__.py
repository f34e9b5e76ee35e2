"""Notifications: the bell, their page, and what one wants to be told of."""
