"""Products, prices, quotes, orders, invoices, payments."""
