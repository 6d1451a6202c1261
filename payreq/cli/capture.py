"""An HTTP response that somebody saved: in a file, or on standard input."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payreq.credentials import holds_key, secrets_of
from payreq.safety import hide

if TYPE_CHECKING:
    import httpx

Headers = tuple[tuple[bytes, bytes], ...]

BODY_LIMIT = 65_536
"""How many bytes of a compressed body are unpacked: as much as a guard would read."""

_GZIP = b"\x1f\x8b"
_UNPACKED = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
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
        method: The request's method.
        url: The request's URL, if it is known.
        request_headers: The request's headers, so that no credential of theirs is shown.
    """

    status: int
    headers: Headers
    body: bytes
    method: str = "GET"
    url: str | None = None
    request_headers: Headers = ()

    def response(self) -> httpx.Response:
        """Return it as a response that has been read, without the secrets that it quotes."""
        import httpx  # noqa: PLC0415  # `payreq --help` needs none

        request = self._request()
        return httpx.Response(
            self.status,
            headers=[pair for pair in self.headers if pair[0].lower() not in _UNPACKED],
            content=_without_secrets(_unpacked(self.body), request),
            request=request,
        )

    def _request(self) -> httpx.Request | None:
        import httpx  # noqa: PLC0415  # `payreq --help` needs none

        if self.url is None:
            return None
        try:
            return httpx.Request(self.method, self.url, headers=self.request_headers)
        except httpx.InvalidURL:
            return None


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, BODY_LIMIT)
    except zlib.error:
        return body


def _without_secrets(body: bytes, request: httpx.Request | None) -> bytes:
    """Hide the request's secrets and all that has the shape of a key."""
    text = body.decode("utf-8", "surrogateescape")
    words = (word.strip(".:") for word in _WORD.findall(text))  # a sentence may end in a key
    secrets = {word for word in words if holds_key(word)}
    if request is not None:
        secrets |= secrets_of(request)
    return hide(text, secrets).encode("utf-8", "surrogateescape")
