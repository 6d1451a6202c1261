"""Headers that tell of waiting and of quotas: Retry-After and the RateLimit fields, as deployed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payreq.reading.values import after, http_date, moment_of, number_of, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from decimal import Decimal

LONG_WINDOW = 3_600
"""Seconds; a shorter window is that of a rate limit, whatever the answer is about."""

_WINDOWS = {
    "second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "daily": 86_400, "week": 604_800,
    "month": 2_592_000, "monthly": 2_592_000, "year": 31_536_000,
}  # fmt: skip
_ITEMS = 12
_HEADER_LIMIT = 1_000
_PARAMETER = re.compile(
    r"(?:^|[;,\s])(limit|remaining|reset|q|r|t|w)\s?=\s?\"?(\d{1,15})", re.IGNORECASE
)
_SEPARATE = re.compile(
    r"(?:x-)?(?:rate-?limit|quota)(?P<about>(?:-[a-z0-9]{1,30}){0,3}?)"
    r"-(?P<what>limit|remaining|reset)(?P<more>(?:-[a-z0-9]{1,30}){0,2})"
)


@dataclass(slots=True)
class _Quota:
    limit: Decimal | None = None
    remaining: Decimal | None = None
    resets: str | None = None
    window: float | None = None


def read_wait(headers: Mapping[str, str], sent: datetime | None) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, in any of its forms.

    Args:
        headers: The response's headers.
        sent: When the answer was sent, against which a date is counted.
    """
    milliseconds = number_of(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return seconds_of(milliseconds / 1000)
    value = headers.get("retry-after")
    if value is None:
        return None
    at = http_date(value)
    if at is None:
        return seconds_of(value)
    return None if sent is None else max(0.0, (at - sent).total_seconds())


def read_quota(headers: Mapping[str, str], sent: datetime | None) -> dict[str, Any]:
    """Return limit, remaining and reset of the quota that is used up, if headers tell of one.

    Most such headers are about requests a minute, also on answers that are not about them. So
    only a quota counts of which nothing is left and whose window is long.

    Args:
        headers: The response's headers.
        sent: When the answer was sent, against which a relative reset is counted.
    """
    if not any("limit" in name or "quota" in name for name in headers):
        return {}
    for quota in (*_combined(headers), *_separate(headers)):
        if quota.remaining is None or quota.remaining > 0:
            continue
        at, wait = _reset(quota.resets, sent)
        ahead = quota.window
        if ahead is None and at is not None and sent is not None:
            ahead = (at - sent).total_seconds()
        ahead = wait if ahead is None else ahead
        if ahead is not None and ahead >= LONG_WINDOW:
            facts = {"limit": quota.limit, "remaining": quota.remaining, "resets_at": at}
            return {name: value for name, value in facts.items() if value is not None}
    return {}


def _reset(value: str | None, sent: datetime | None) -> tuple[datetime | None, float | None]:
    """Return when a quota is renewed and in how many seconds, as far as either is known."""
    if value is None:
        return None, None
    at = http_date(value) or moment_of(value, sent)
    if at is not None:
        return at, None
    wait = seconds_of(value)
    return after(sent, wait), wait


def _combined(headers: Mapping[str, str]) -> Iterator[_Quota]:
    """Yield the quotas of `RateLimit` and `RateLimit-Policy`, from the oldest draft to the last."""
    policies = {_name(item): _parameters(item) for item in _items(headers, "ratelimit-policy")}
    whole = headers.get("ratelimit", "")[:_HEADER_LIMIT]
    one = "limit=" in whole.replace(" ", "").lower()  # the older form: one quota, by commas
    for item in [whole] if one else _items(headers, "ratelimit"):
        told = _parameters(item)
        policy = policies.get(told.get("limit") or _name(item), {})
        if len(policies) == 1:
            policy = next(iter(policies.values()))
        yield _Quota(
            number_of(told.get("limit") or policy.get("q")),
            number_of(told.get("remaining") or told.get("r")),
            told.get("reset") or told.get("t"),
            seconds_of(told.get("w") or policy.get("w")),
        )


def _separate(headers: Mapping[str, str]) -> Iterator[_Quota]:
    """Yield the quotas of `X-RateLimit-Limit-Day`, `X-RateLimit-Requests-Reset` and the like."""
    quotas: dict[str, _Quota] = {}
    found_in = ((_SEPARATE.fullmatch(name), value) for name, value in headers.items())
    for found, value in found_in:
        if found is None:
            continue
        about = f"{found['about']}{found['more']}"
        quota = quotas.setdefault(about, _Quota())
        words = about.split("-")
        named = (float(_WINDOWS[word]) for word in words if word in _WINDOWS)
        quota.window = next(named, quota.window)
        text = value[:_HEADER_LIMIT]
        if found["what"] == "limit":
            quota.limit = number_of(text)
            window = _parameters(text).get("w")
            quota.window = seconds_of(window) if window else quota.window
        elif found["what"] == "remaining":
            quota.remaining = number_of(text)
        else:
            quota.resets = text
    yield from quotas.values()


def _items(headers: Mapping[str, str], name: str) -> list[str]:
    items = headers.get(name, "")[:_HEADER_LIMIT].split(",")[:_ITEMS]
    return [item for item in items if item.strip()]


def _name(item: str) -> str:
    return item.partition(";")[0].strip()


def _parameters(text: str) -> dict[str, str]:
    return {name.lower(): value for name, value in _PARAMETER.findall(text)}
