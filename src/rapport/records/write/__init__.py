"""The write door: `create`, `update`, `delete`, `restore`, `erase` and their bulk forms, each one transaction.

Check rights and input → write → a change row each → outbox. Hooks of the object (`prepare`, `effects`) and of features
(`extensions.Within`) run in the same transaction, over the whole set.
"""

from rapport.records.write.batch import Batch, Entry
from rapport.records.write.creating import cleaned, create, create_many, insert
from rapport.records.write.deriving import derive
from rapport.records.write.erasing import erase
from rapport.records.write.trashing import delete, purge, restore
from rapport.records.write.updating import update, update_each, update_many

__all__ = [
    "Batch",
    "Entry",
    "cleaned",
    "create",
    "create_many",
    "delete",
    "derive",
    "erase",
    "insert",
    "purge",
    "restore",
    "update",
    "update_each",
    "update_many",
]
