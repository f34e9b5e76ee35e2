"""Rapport: sales, marketing, service, analytics and customer data on one record of each customer."""

__version__ = "0.1.0"
