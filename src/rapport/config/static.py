"""Static files: names that carry a hash of the content, so that browsers keep them for good; compressed once."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites the imports between ES modules to the hashed names."""

    support_js_module_import_aggregation = True
