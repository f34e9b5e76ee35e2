"""Playbooks: what to ask and to say in a stage or on a call, and what was answered."""
