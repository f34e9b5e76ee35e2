"""Calendars: a feed for each user, invitations to meetings, and a page on which others book one."""
