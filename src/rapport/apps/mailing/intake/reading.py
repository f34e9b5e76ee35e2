"""`read`: what stands in the bytes of a mail. Whatever is in them, a letter comes out; the bytes are kept elsewhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message

from imap_tools import MailMessage
from mailparser_reply import EmailReplyParser

from rapport.lib.htmltext import text_of

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "sv", "da")
"""Languages whose way to begin a quote is known."""
FIRST_YEAR = 1971
"""Of earlier days no mail is: what has no readable date is given one long ago."""
LONGEST_BODY, LONGEST_SUBJECT, MOST_PARTS, MOST_REFERENCES = 200_000, 250, 50, 50
ORIGINAL = "original.eml"
"""The name of the file that holds the bytes themselves."""
_ID = re.compile(r"<[^<>\s]{1,248}>")
_MACHINES = ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply")


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is read. `answers` are the ids that it refers to, `automatic` that no human wrote it."""

    fingerprint: str
    subject: str
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    sent_at: dt.datetime | None
    message_id: str
    answers: tuple[str, ...]
    automatic: bool
    body: str
    parts: tuple[Part, ...]


def read(raw: bytes) -> Letter:
    """The letter in these bytes (RFC 5322, MIME)."""
    message = MailMessage.from_bytes(raw)
    found = _header(message.obj, "Message-ID", _ID)
    sender = message.from_values
    body = _clean(message.text or text_of(message.html))[:LONGEST_BODY].strip()
    return Letter(
        fingerprint=_fingerprint(found[0], message, body) if found else hashlib.sha256(raw).hexdigest(),
        subject=_line(message.subject)[:LONGEST_SUBJECT],
        sender=(sender.email if sender else "").lower(),
        sender_name=_line(sender.name if sender else "")[:150],
        recipients=tuple(address.lower() for address in (*message.to, *message.cc)),
        sent_at=_moment(message.date),
        message_id=found[0] if found else "",
        answers=_answered(message.obj),
        automatic=_is_automatic(message.obj, sender.email if sender else ""),
        body=body,
        parts=tuple(_parts(message)),
    )


def _fingerprint(message_id: str, message: MailMessage, body: str) -> str:
    """What is the same of one mail in several mailboxes, though each server adds lines of its own."""
    text = "\0".join((message_id, message.from_.lower(), message.date_str, body))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def unreadable(raw: bytes) -> Letter:
    """What stands for a mail that nothing can be made of, so that it is not lost."""
    key = hashlib.sha256(raw).hexdigest()
    return Letter(key, "", "", "", (), None, "", (), automatic=True, body="", parts=())


def _header(message: Message, name: str, form: re.Pattern[str]) -> list[str]:
    texts = message.get_all(name, [])
    return [found for text in texts for found in form.findall(str(text))]


def _answered(message: Message) -> tuple[str, ...]:
    """Ids of what it answers, the nearest first (RFC 5322, 3.6.4)."""
    ids = [*_header(message, "In-Reply-To", _ID), *reversed(_header(message, "References", _ID))]
    return tuple(dict.fromkeys(ids))[:MOST_REFERENCES]


def _is_automatic(message: Message, sender: str) -> bool:
    """Whether a machine sent it: by RFC 3834, or by what lists, bounces and senders that read nothing say."""
    said = str(message.get("Auto-Submitted") or "no").split(";")[0].strip().lower()
    bulk = str(message.get("Precedence") or "").strip().lower() in {"bulk", "list", "junk", "auto_reply"}
    lists = any(message.get(name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond"))
    bounced = str(message.get("Return-Path") or "").strip() == "<>" or message.get_content_type() == "multipart/report"
    return said != "no" or bulk or lists or bounced or sender.lower().partition("@")[0] in _MACHINES


def _moment(sent: dt.datetime) -> dt.datetime | None:
    if sent.year < FIRST_YEAR:
        return None
    try:
        return sent.replace(tzinfo=dt.UTC) if sent.tzinfo is None else sent.astimezone(dt.UTC)
    except OverflowError:
        return None


def reply_of(body: str) -> str:
    """What was written, without what is quoted below; all of it where nothing would be left."""
    found = EmailReplyParser(languages=list(LANGUAGES)).parse_reply(body) or ""
    return found.strip() or body


def _parts(message: MailMessage) -> Iterable[Part]:
    """Attachments, each with a name of its own."""
    taken = {ORIGINAL}
    for number, part in enumerate(message.attachments[:MOST_PARTS], 1):
        if part.payload:
            name = _line(part.filename)[-150:] or f"part-{number}"
            name = f"{number}-{name}" if name.lower() in taken else name
            taken.add(name.lower())
            yield Part(name, part.payload)


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """Without control characters, and with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF))
