"""Tickets, queues, survey answers, costs."""
