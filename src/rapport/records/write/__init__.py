"""The write door: `create`, `update`, `delete`, `restore`, `erase` and their bulk forms, each one transaction.

Check rights and input → write → a change row each → outbox. Hooks of the object (`prepare`, `effects`) and of features
(`extensions.Within`) run in the same transaction, over the whole set.
"""

from rapport.records.write.batch import Batch, Entry
from rapport.records.write.creating import create, create_many
from rapport.records.write.deriving import derive
from rapport.records.write.erasing import erase
from rapport.records.write.trashing import delete, purge, restore
from rapport.records.write.updating import update, update_each, update_many

__all__ = [
    "Batch",
    "Entry",
    "create",
    "create_many",
    "delete",
    "derive",
    "erase",
    "purge",
    "restore",
    "update",
    "update_each",
    "update_many",
]
