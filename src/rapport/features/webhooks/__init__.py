"""Webhooks: what happens to records, posted to addresses that users name, as Standard Webhooks 1.0 says."""
