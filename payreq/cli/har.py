"""Reads HAR files, as browsers and proxies save them (HTTP Archive 1.2)."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from payreq.cli.capture import BadInputError, Capture, Headers


def read_har(data: bytes) -> list[Capture]:
    """Return the responses of a HAR file, in order.

    Raises:
        BadInputError: It is no HAR file, is cut off, or holds no response.
    """
    try:
        entries = json.loads(data)["log"]["entries"]
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInputError(f"this is no HAR file, or only a part of one: {error}") from None
    except (KeyError, TypeError, RecursionError):
        raise BadInputError(
            "this is JSON, but no HAR file: log.entries is missing; a body alone does not do, "
            "so save the whole response with: curl -i URL > FILE"
        ) from None
    found = [_capture(entry) for entry in entries] if isinstance(entries, list) else []
    captures = [capture for capture in found if capture is not None]
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
        method if isinstance(method, str) else "GET",
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
