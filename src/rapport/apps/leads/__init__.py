"""Leads: where they come from, who answers them and how fast, what qualifies them, and what becomes of them."""
