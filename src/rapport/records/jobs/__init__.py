"""Background work in rows of our own: queue, lease, heartbeat, schedule, and the worker that runs it."""
