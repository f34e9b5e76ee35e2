"""Mail that comes in: mailboxes, fetching from them, reading a message, and filing it under whom it is from."""
