"""Babel's way into Django templates (allauth's pages); Python and Jinja2 it knows by itself."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def extract_django(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """Messages of `{% translate %}` and `{% blocktranslate %}`, as Babel's extractors yield them."""
    source = templatize(fileobj.read().decode("utf-8"))
    yield from extract_python(BytesIO(source.encode("utf-8")), keywords, comment_tags, options)
