"""Where a billing refusal can hide, told from a response's head: other bodies stay unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payreq.reading.catalogue import host_matches, name_of, said_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payreq.reading.profiles import Profile

_PAYMENT_REQUIRED = 402

NEVER = frozenset({407, 408, 411, *range(413, 418), 421, 424, 425, 428, 431, 444, 451, 499})
"""What these say is of the size, the form, the state or the connection, not of money.
Where a provider thinks otherwise, its profile has a rule for the status."""
_NO_TEXT = (
    "image/", "audio/", "video/", "font/", "multipart/", "application/font", "application/gzip",
    "application/octet-stream", "application/ogg", "application/pdf", "application/vnd.ms-",
    "application/vnd.openxml", "application/wasm", "application/x-7z", "application/x-bzip",
    "application/x-gzip", "application/x-rar", "application/x-tar", "application/x-xz",
    "application/x-zip", "application/zip", "application/zstd", "binary/",
)  # fmt: skip


def may_hide_refusal(
    status: int, content_type: str, host: str, *, extra: Sequence[Profile] = ()
) -> bool:
    """Return whether a body may hold a refusal, as far as status and headers tell.

    Args:
        status: The HTTP status.
        content_type: The header as it came; "" where there is none.
        host: The host that answered.
        extra: Profiles of the user's own, which go before those that come with payreq.
    """
    kind = content_type.strip().lower()
    if kind.startswith(_NO_TEXT):
        return False
    if status == _PAYMENT_REQUIRED:
        return True
    match status // 100:
        case 2:
            return not kind.startswith("text/event-stream") and watches(host, extra)
        case 4 if status not in NEVER:
            return True
        case 4 | 5:
            return _has_rule(status, host, extra)
        case _:
            return False


def watches(host: str, extra: Sequence[Profile] = ()) -> bool:
    """Return whether even a 2xx answer of a host may hold a refusal."""
    for profile in extra:
        if host_matches(host, profile.hosts):
            return profile.in_success
    name = name_of(host)
    return name is not None and said_of(name).get("in_success", False) is True


def _has_rule(status: int, host: str, extra: Sequence[Profile]) -> bool:
    for profile in extra:
        if host_matches(host, profile.hosts):
            return any(status in rule.status for rule in profile.rules)
    name = name_of(host)
    rules = said_of(name).get("rules", ()) if name else ()
    return any(status in rule.get("status", ()) for rule in rules)
