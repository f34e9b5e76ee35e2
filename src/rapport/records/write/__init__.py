"""The write door: `create`, `update`, `delete`, `restore`, `merge`, `unmerge`, `erase` and bulk forms.

Each is one transaction: check rights and input → write → a change row each → outbox. Hooks of the object (`prepare`,
`effects`) and of features (`extensions.Within`) run in the same transaction, over the whole set.
"""

from rapport.records.write.batch import Batch, Entry
from rapport.records.write.creating import cleaned, create, create_many, insert
from rapport.records.write.deriving import derive
from rapport.records.write.erasing import erase
from rapport.records.write.merging import merge
from rapport.records.write.previewing import Preview, preview_merge
from rapport.records.write.trashing import delete, purge, restore
from rapport.records.write.unmerging import Unmerged, unmerge
from rapport.records.write.updating import update, update_each, update_many

__all__ = [
    "Batch",
    "Entry",
    "Preview",
    "Unmerged",
    "cleaned",
    "create",
    "create_many",
    "delete",
    "derive",
    "erase",
    "insert",
    "merge",
    "preview_merge",
    "purge",
    "restore",
    "unmerge",
    "update",
    "update_each",
    "update_many",
]
