"""Reads what `curl -i` prints."""

from __future__ import annotations

import re

from payreq.cli.capture import WANTED, BadInputError, Capture, Headers

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?: [^\r\n]*)?(?:\r?\n|\Z)")
_BLANK_LINE = re.compile(rb"(?:\A|\r?\n)\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")


def read_curl(data: bytes) -> Capture:
    """Return the last response of what `curl -i` printed.

    Before it may stand the heads of others, without bodies: interim answers (1xx), a proxy's
    answer to CONNECT, redirects that were followed, challenges that were answered.

    Raises:
        BadInputError: There is no status line.
    """
    line = _STATUS_LINE.match(data)
    if line is None:
        raise BadInputError(f"this is no HTTP response: {WANTED}")
    head = b""
    last = line
    while line is not None:
        last = line
        head, data = _split(data[line.end() :])
        line = _STATUS_LINE.match(data)
    return Capture(int(last[1]), _headers(head), data, cut=_ends_within_a_header(head, data))


def _split(data: bytes) -> tuple[bytes, bytes]:
    end = _BLANK_LINE.search(data)
    return (data, b"") if end is None else (data[: end.start()], data[end.end() :])


def _ends_within_a_header(head: bytes, body: bytes) -> bool:
    lines = head.splitlines()
    return not body and bool(lines) and b":" not in lines[-1]


def _headers(head: bytes) -> Headers:
    lines = _FOLD.sub(b" ", head).splitlines()
    pairs = (line.partition(b":") for line in lines)
    return tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
