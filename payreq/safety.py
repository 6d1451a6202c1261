"""Text and links from servers, made safe to keep and to show; secrets, hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_LIMIT = 1_000
"""How many characters of a server's sentence are kept."""

URL_LIMIT = 2_048
"""How long a link may be."""

# Controls, and everything that reorders or hides text: bidirectional overrides and isolates,
# zero-width characters, line and paragraph separators, tags, unpaired surrogates.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]+"
)
"""What a text from a server may not hold."""

# The same for words of ours, which may isolate a value of another writing direction.
_UNSAFE_IN_WORDS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2067\u206a-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]+"
)
# Of shorter credentials, four characters would tell too much.
_SHORTEST_TAIL = 12
_SPACES = re.compile(r"\s+")
_BREAKABLE_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_ISOLATES = re.compile("[\u2068\u2069]")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return a server's text as one line without control or reordering characters.

    Args:
        text: What the server sent.
        limit: Characters kept at most; a longer text ends in an ellipsis.
    """
    return _one_line(text, limit, UNSAFE, _SPACES)


def typeset(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return words of ours, or of an app, as one line: clean, yet set as they should be.

    No-break spaces stay, and so do isolates, if each that is opened is closed.

    Args:
        text: A sentence.
        limit: Characters kept at most; a longer text ends in an ellipsis.
    """
    line = _one_line(text, limit, _UNSAFE_IN_WORDS, _BREAKABLE_SPACES)
    open_now = 0
    for isolate in _ISOLATES.findall(line):
        open_now += 1 if isolate == "\u2068" else -1
        if open_now < 0:
            break
    return _ISOLATES.sub("", line) if open_now else line


def _one_line(text: str, limit: int, unsafe: re.Pattern[str], spaces: re.Pattern[str]) -> str:
    line = text[: 4 * limit]
    if "  " in line or not line.isprintable():  # true of nothing that is unsafe
        line = spaces.sub(" ", unsafe.sub(" ", line))
    line = line.strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def web_url(value: object, base: str | None = None) -> str | None:
    """Return an absolute http(s) URL that is safe to keep, or None.

    Args:
        value: What the server sent as a link.
        base: The URL of the request, against which a path is resolved.
    """
    if not isinstance(value, str) or not value or len(value) > URL_LIMIT:
        return None
    value = value.strip()
    if UNSAFE.search(value) or any(c in value for c in " <>\"'\\`{}"):
        return None
    try:
        if base is not None and value.startswith("/"):
            value = urljoin(base, value)
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        return None
    if parts.username is not None or parts.password is not None or port == 0:
        return None
    return value


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return the text with each secret replaced by its mask.

    Args:
        text: Any text that may quote a credential.
        secrets: Credentials of the request, longest first or in any order.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if secret and secret in text:
            text = text.replace(secret, mask(secret))
    return text


def mask(secret: str) -> str:
    """Return the last four characters of a credential behind an ellipsis, if it is long enough."""
    return f"…{secret[-4:]}" if len(secret) >= _SHORTEST_TAIL else "…"
