"""Where a request goes, told by one look at its URL."""

from __future__ import annotations

from typing import Any

Place = tuple[str, str, int | None, str]
"""Scheme, host, port and path of a URL: the host in lower case and IDNA, the path escaped."""


def place_of(url: Any) -> tuple[Place, str]:
    """Return the place that a URL names, and its query.

    Args:
        url: A URL of httpx or httpx2.
    """
    try:
        # On every request's way: the URL's own properties encode and decode anew each time.
        scheme, _, host, port, path, query, _ = url._uri_reference  # noqa: SLF001  # as the comment above says
    except (AttributeError, TypeError, ValueError):  # another httpx keeps them elsewhere
        path, _, query = url.raw_path.decode("latin-1").partition("?")
        return (url.scheme, url.raw_host.decode("ascii"), url.port, path), query
    return (scheme, host, port, path or "/"), query or ""
