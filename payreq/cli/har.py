"""Reads HAR files, as browsers and proxies save them (HTTP Archive 1.2)."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from payreq.cli.capture import BadInputError, Capture, Headers


def is_har(document: Any) -> bool:
    """Say whether JSON is a HAR file, or was meant to be one."""
    return isinstance(document, dict) and "log" in document


def read_har(document: Any) -> list[Capture]:
    """Return the responses of a HAR file, in order.

    Args:
        document: What the file says, as JSON.

    Raises:
        BadInputError: It is no HAR file, or holds no response.
    """
    entries = _object(document, "log").get("entries")
    if not isinstance(entries, list):
        raise BadInputError("this is no HAR file: log.entries is missing")
    captures = [capture for capture in map(_capture, entries) if capture is not None]
    if not captures:
        raise BadInputError("this HAR file holds no response")
    return captures


def _capture(entry: Any) -> Capture | None:
    """Return an entry's response, or None: it was blocked, or never came."""
    request, response = _object(entry, "request"), _object(entry, "response")
    status = response.get("status")
    if not isinstance(status, int) or status < 100:  # noqa: PLR2004  # RFC 9110, 15: three digits
        return None
    url, method = request.get("url"), request.get("method")
    return Capture(
        status,
        _headers(response),
        _body(_object(response, "content")),
        method if isinstance(method, str) else None,
        url if isinstance(url, str) else None,
        _headers(request),
    )


def _object(parent: Any, name: str) -> dict[str, Any]:
    child = parent.get(name) if isinstance(parent, dict) else None
    return child if isinstance(child, dict) else {}


def _headers(message: dict[str, Any]) -> Headers:
    listed = message.get("headers")
    pairs = (
        (header.get("name"), header.get("value"))
        for header in (listed if isinstance(listed, list) else [])
        if isinstance(header, dict)
    )
    return tuple(
        (_bytes(name), _bytes(value))
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, str) and not name.startswith(":")
    )


def _body(content: dict[str, Any]) -> bytes:
    text = content.get("text")
    if not isinstance(text, str):
        return b""
    if content.get("encoding") != "base64":
        return _bytes(text)
    try:
        return b64decode(text)
    except ValueError:
        return b""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
