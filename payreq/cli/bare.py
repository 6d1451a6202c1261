"""Reads a body that was saved without its head: JSON, as logs and tools keep it."""

from __future__ import annotations

import re
from typing import Any

from payreq.cli.capture import Capture

UNKNOWN_STATUS = 400
"""What stands in for a status that nobody knows: an error, of no kind that means payment.

402 would make a refusal of everything, and 429 a rate limit; under 400 only what a body itself
says counts.
"""

_NAMES = ("status", "statusCode", "status_code", "httpStatus", "http_status", "code")
_ERROR = re.compile(r"[45][0-9]{2}")


def read_bare(body: bytes, document: Any, status: int | None = None) -> Capture:
    """Return a body as a response: with the status given, else the one it names.

    Args:
        body: The body.
        document: What it says, as JSON.
        status: The status that it came with, if that is known.
    """
    return Capture(status or _named(document) or UNKNOWN_STATUS, (), body)


def _named(document: Any) -> int | None:
    """Return the status that a body names, at its top or of its error (RFC 9457 and others)."""
    error = document.get("error") if isinstance(document, dict) else None
    places = [place for place in (document, error) if isinstance(place, dict)]
    values = (str(place.get(name)) for place in places for name in _NAMES)
    return next((int(value) for value in values if _ERROR.fullmatch(value)), None)
