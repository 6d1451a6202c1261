"""An HTTP response that somebody saved: in a file, or on standard input."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payreq.credentials import holds_key, secrets_of
from payreq.safety import hide

if TYPE_CHECKING:
    from collections.abc import Collection

    import httpx

Headers = tuple[tuple[bytes, bytes], ...]

BODY_LIMIT = 65_536
"""How many bytes of a compressed body are unpacked: as much as a guard would read."""

HOW = "save the whole response with: curl -i URL > FILE"

WANTED = "the first line must be a status line, such as 'HTTP/1.1 402 Payment Required'; " + HOW
"""What to say where there is none."""

_DIGITS = 19  # of a Content-Length; Python reads no number of thousands of digits
_GZIP = b"\x1f\x8b"
_UNPACKED = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
_CLOSED_BY = {b"{": b"}", b"[": b"]"}
_WORD = re.compile(r"[\w.:-]{16,}")


class BadInputError(Exception):
    """What was given is no HTTP response; says why, and what to give instead."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One response, with as much of its request as is known.

    Attributes:
        status: Its status.
        headers: Its headers, in order.
        body: Its body, no longer chunked.
        method: The request's method, if it is known.
        url: The request's URL, if it is known.
        request_headers: The request's headers, so that no credential of theirs is shown.
        cut: Whether its head ends too early.
    """

    status: int
    headers: Headers
    body: bytes
    method: str | None = None
    url: str | None = None
    request_headers: Headers = ()
    cut: bool = False

    def response(self) -> httpx.Response:
        """Return it as a response that has been read, without the secrets that it quotes."""
        import httpx  # noqa: PLC0415  # `payreq --help` needs none

        request = self._request()
        secrets = secrets_of(request) if request is not None else frozenset()
        return httpx.Response(
            self.status,
            headers=[
                (name, hide(value.decode("latin-1"), secrets).encode())
                for name, value in self.headers
                if name.lower() not in _UNPACKED
            ],
            content=_without_secrets(_unpacked(self.body), secrets),
            request=request,
        )

    def missing(self) -> str | None:
        """Say how it ends too early, or None where it is whole as far as can be seen."""
        if self.cut:
            return "its head ends within a header"
        names = {name.lower(): value for name, value in self.headers}
        if not self.body or b"content-encoding" in names:
            return None
        length = names.get(b"content-length", b"")
        # Whoever saved it may have turned each CRLF into LF, and dropped the last one.
        spared = self.body.count(b"\n") + 2
        announced = int(length[:_DIGITS]) if length.isdigit() else 0
        if announced > len(self.body) + spared:
            return f"{len(self.body)} of {announced} bytes of the body are there"
        first, last = self.body.lstrip()[:1], self.body.rstrip()[-1:]
        if first in _CLOSED_BY and last != _CLOSED_BY[first]:
            return "the JSON of the body does not end"
        return None

    def _request(self) -> httpx.Request | None:
        import httpx  # noqa: PLC0415  # `payreq --help` needs none

        if self.url is None:
            return None
        try:
            return httpx.Request(self.method or "GET", self.url, headers=self.request_headers)
        except httpx.InvalidURL:
            return None


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, BODY_LIMIT)
    except zlib.error:
        return body


def _without_secrets(body: bytes, secrets: Collection[str]) -> bytes:
    """Hide the request's secrets and all that has the shape of a key."""
    text = body.decode("utf-8", "surrogateescape")
    words = (word.strip(".:") for word in _WORD.findall(text))  # a sentence may end in a key
    keys = {word for word in words if holds_key(word)}
    return hide(text, keys.union(secrets)).encode("utf-8", "surrogateescape")
