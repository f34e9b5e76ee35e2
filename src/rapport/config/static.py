"""Static files: names that carry a hash of the content, so that browsers keep them for good; compressed once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULES = ".js"


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites imports between ES modules to hashed names.

    Modules import each other, even in circles, so that the hash of one depends on the others: all share one hash.
    """

    support_js_module_import_aggregation = True
    _modules_hash = ""

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Hash the modules together before names are given."""
        digest = hashlib.sha256()
        for name, (storage, path) in sorted(paths.items()):
            if name.endswith(MODULES):
                with storage.open(path) as file:
                    digest.update(file.read())
        self._modules_hash = digest.hexdigest()[:12]
        yield from super().post_process(paths, dry_run, **options)

    def file_hash(self, name: str | None, content: Any = None) -> str | None:
        """The hash of all modules for a module, else that of the file."""
        if name and name.endswith(MODULES) and self._modules_hash:
            return self._modules_hash
        found: str | None = super().file_hash(name, content)
        return found
