"""The change log: who changed what, from what, to what, through which door."""
