"""Posting to an address that somebody gave: public addresses only, no redirects, bounded in time and size.

The name is resolved once, every address that it has must be public, and the connection goes to the address that was
looked at. `private` names hosts (`host` or `host:port`) that may be inner ones and may be without TLS.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

SECONDS = 10.0
MOST_BYTES = 64 * 1024
_WITHIN = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("::ffff:0:0/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
)
"""Networks of IPv6 that carry an address of IPv4, and how many bits stand behind it."""


class Refused(Exception):
    """An address that is not posted to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the first bytes of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def checked(url: str, private: Collection[str] = ()) -> SplitResult:
    """The parts of an address that may be posted to, as far as its text tells. Raises Refused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Refused("no address") from error
    if not host or parts.username or parts.password or parts.fragment or any(c <= " " for c in url) or len(url) > 2000:
        raise Refused("no address")
    if not (parts.path + parts.query).isascii():
        raise Refused("no address")
    if parts.scheme != "https" and not (parts.scheme == "http" and _named(host, port, private)):
        raise Refused("only https")
    return parts


def _named(host: str, port: int | None, private: Collection[str]) -> bool:
    return host in private or f"{host}:{port}" in private


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet, also where IPv6 carries one of IPv4."""
    found = ipaddress.ip_address(address.partition("%")[0])
    for network, bits in _WITHIN:
        if found.version == 6 and found in network:
            found = ipaddress.IPv4Address((int(found) >> bits) & 0xFFFFFFFF)
            break
    return found.is_global and not found.is_multicast


def address(parts: SplitResult, private: Collection[str] = ()) -> tuple[str, int]:
    """Address and port to connect to. Raises Refused for an inner one that is not named, OSError for none."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return resolved(host, port, inner=_named(host, port, private)), port


def resolved(host: str, port: int, *, inner: bool = False) -> str:
    """The address to connect to. Raises Refused when the name has an inner one, OSError when it has none."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Refused("no address") from error
    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
    if not inner and not all(is_public(address) for address in found):
        raise Refused("an inner address")
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name says by now, that can be cut off from another thread."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self.address, self.context, self.is_cut = address, context, False

    def connect(self) -> None:
        """Connect to the address; TLS is checked against the name."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.context:
            # The handshake comes after the socket is known, so that it can be cut off, too.
            wrapped = self.context.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = wrapped
            wrapped.do_handshake()
        if self.is_cut:
            raise TimeoutError

    def cut(self) -> None:
        """End it: whoever waits for it has an error at once."""
        self.is_cut = True
        with contextlib.suppress(OSError):
            if self.sock:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, private: Collection[str] = (), seconds: float = SECONDS
) -> Answer:
    """Post once, within so many seconds from the name's address to the end of the answer.

    Raises Refused for an address that is not posted to, TimeoutError where it takes longer, OSError when there is no
    answer.
    """
    parts = checked(url, private)
    pinned, port = address(parts, private)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(parts.hostname or "", port, pinned, context, seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    watch = threading.Timer(seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        answer = _asked(connection, target, body, headers)
    except (http.client.HTTPException, OSError) as error:
        if connection.is_cut:
            raise TimeoutError(f"no whole answer within {seconds:g} seconds") from error
        if isinstance(error, OSError):
            raise
        raise OSError(f"no answer of HTTP: {type(error).__name__}") from error
    finally:
        watch.cancel()
        connection.close()
    if connection.is_cut:
        raise TimeoutError(f"no whole answer within {seconds:g} seconds")
    return answer


def _asked(connection: _Pinned, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    connection.request("POST", target, body, {**headers, "Connection": "close"})
    answer = connection.getresponse()
    kept = {name.lower(): value for name, value in answer.getheaders()}
    body = answer.read(MOST_BYTES)
    if answer.length and len(body) < MOST_BYTES:
        raise http.client.IncompleteRead(body, answer.length)
    return Answer(answer.status, kept, body)
