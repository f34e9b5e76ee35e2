"""The tour: a few stations through the product, on the records that are there, left and taken up again at any time."""
