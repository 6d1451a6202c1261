"""What somebody saved, in a file or on standard input, as the responses that it holds."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path

from payreq.cli.bare import read_bare
from payreq.cli.capture import HOW, WANTED, BadInputError, Capture
from payreq.cli.curl import read_curl
from payreq.cli.har import is_har, read_har

STANDARD_INPUT = "-"

_BINARY = b"\x00"


def read(file: str, status: int | None = None) -> list[Capture]:
    """Return the responses of a file, in order: never none.

    Args:
        file: Its path, or "-": what `curl -i` printed, a HAR file, or a body alone.
        status: The status of a body alone.

    Raises:
        BadInputError: It cannot be read, or is nothing of the kind.
    """
    data = _bytes_of(file)
    if data.startswith(b"HTTP/"):
        if status is not None:
            raise BadInputError("it says its status itself; --status is for a body alone")
        return [read_curl(data)]
    if data.startswith((b"{", b"[")):
        document = _json(data)
        return read_har(document) if is_har(document) else [read_bare(data, document, status)]
    if status is not None:
        return [Capture(status, (), data)]
    kind = "binary data" if _BINARY in data else "no HTTP response"
    raise BadInputError(f"this is {kind}: {WANTED}; for a body alone, give its --status")


def name_of(file: str) -> str:
    """Return what errors call a file."""
    return "standard input" if file == STANDARD_INPUT else file


def _bytes_of(file: str) -> bytes:
    """Return what a file holds, in UTF-8 where it is text."""
    if file == STANDARD_INPUT and sys.stdin.isatty():
        print("payreq: paste a response, then end the input", file=sys.stderr)
    try:
        data = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        raise BadInputError(error.strerror or str(error)) from None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # What PowerShell's `>` makes of any output.
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if not data:
        raise BadInputError(f"it is empty; {HOW}")
    return data


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"this is no JSON, or only a part of it: {error}; {HOW}") from None
