"""The text of an HTML document, as a reader without pictures and colours would have it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SPACED = frozenset({"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr"})
_APART = _SPACED | {
    "address", "article", "aside", "br", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "header",
    "li", "main", "nav", "pre", "section", "tr",
}  # fmt: skip
_UNSEEN = frozenset({"script", "style", "title", "template", "noscript"})


class _Reader(HTMLParser):
    """Gathers lines; elements that stand by themselves begin and end one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.unseen = 0
        self.quotes = 0

    def end_line(self, *, space: bool = False) -> None:
        """What stands in the line so far is one, with an empty one after it where there is to be `space`."""
        text, self.line = " ".join(self.line.split()), ""
        if text:
            self.lines.append("> " * self.quotes + text)
        if space and self.lines and self.lines[-1]:
            self.lines.append("")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag in _APART:
            self.end_line(space=tag in _SPACED)
            self.line = "- " if tag == "li" else ""
            self.quotes += tag == "blockquote"
        elif tag in {"td", "th"}:
            self.line += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag in _APART and tag != "br":
            self.end_line(space=tag in _SPACED)
            self.quotes = max(0, self.quotes - (tag == "blockquote"))

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.line += re.sub(r"\s+", " ", data)


def text_of(html: str) -> str:
    """Paragraphs and list items as lines, quotes with `>` before them; nothing of scripts and styles."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines).strip()
