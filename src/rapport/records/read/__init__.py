"""The read door: what a caller may see of an object, and nothing else."""

from rapport.records.read.records import RecordView, RowView
from rapport.records.read.visible import Page, Visible, visible

__all__ = ["Page", "RecordView", "RowView", "Visible", "visible"]
