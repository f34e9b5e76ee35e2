"""Customer data: what visitors, customers and programs do, taken in as events and tied to people."""
