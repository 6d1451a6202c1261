"""Plain values of payloads, headers and sentences into numbers, moments, seconds, texts and links.

Each function returns None for what it cannot read; none asks a clock, so what is relative is
counted from the moment that the caller gives.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from payreq.safety import clean

TOKEN_LIMIT = 200
"""How long an id, a code or a plan's name may be."""

LONGEST_WAIT = 400 * 86_400
"""Seconds; what lies further ahead is no waiting time."""

_MILLISECONDS = 1e11  # as seconds, this were the year 5138
_YEARS = range(2000, 2200)  # others are placeholders: 0001-01-01, 9999-12-31

_CODES = (
    "USDC|USDT|USD|EUR|GBP|JPY|CNY|INR|BRL|CAD|AUD|CHF|SEK|NOK|DKK|PLN|CZK|RUB|KRW|SGD|HKD|NZD|MXN|"
    "ZAR|TRY|ILS|AED|BTC|ETH"
)
# A yen sign may be Chinese: it stays what was sent.
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "¥": "¥"} | {
    "R$": "BRL", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "US$": "USD", "HK$": "HKD",
}  # fmt: skip

DIGITS = r"\d{1,30}+(?:[.,]\d{1,30}+){0,10}+"
"""A figure with its separators, taken whole or not at all."""

AMOUNT = (
    rf"(?<![\w.,])\[?[-+]?(?:[A-Za-z]{{0,2}}[$€£¥₹₩₽]\s?|(?:USD|EUR|GBP)\s)?[-+]?{DIGITS}"
    r"(?:[km]\b)?(?:\s?[€£¥₹₩₽])?"
)
"""A number in a sentence, as money or not; a currency behind it is a word like any other."""

_FIGURE = re.compile(r"\d[\d.,]{0,40}(?:[eE][-+]?\d{1,2}\b)?(?P<scale>[kKM]\b)?", re.ASCII)
_CURRENCY = re.compile(rf"[A-Za-z]{{0,2}}[$€£¥₹₩₽]|\b(?:{_CODES})\b", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3}){1,9}(?:\.\d+)?", re.ASCII)
_GROUPED_BY_DOTS = re.compile(r"\d{1,3}(?:\.\d{3}){1,9}(?:,\d+)?", re.ASCII)

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH_NUMBERS = {name[:3].title(): number for number, name in enumerate(_MONTHS, start=1)}
_CLOCK = (
    r"(?:,?(?:T|\s|\sat\s)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?)?"
    r"\s?(?P<zone>Z\b|UTC|GMT|[-+]\d\d:?\d\d)?"
)
_MOMENTS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)" + _CLOCK, re.ASCII | re.IGNORECASE),
    re.compile(
        r"(?:[a-z]{3,9},\s)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-](?:of\s)?(?P<month>[a-z]{3,9})\b\.?"
        r"(?:,?[\s-](?P<year>\d{4}))?" + _CLOCK,
        re.ASCII | re.IGNORECASE,
    ),
    re.compile(
        r"(?:[a-z]{3,9},\s)?(?P<month>[a-z]{3,9})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?\b"
        r"(?:,?\s(?P<year>\d{4}))?" + _CLOCK,
        re.ASCII | re.IGNORECASE,
    ),
)
# RFC 9110, 5.6.7: what is sent as a rule, and read much faster than all that mail may hold.
_HTTP_DATE = re.compile(
    r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)
_EPOCH = re.compile(r"(?:\d{10}|\d{13})(?:\.\d{1,9})?(?![\d.])", re.ASCII)
_TIMESPAN = re.compile(r"(?:(\d{1,4})\.)?(\d{1,3}):(\d\d):(\d\d)(?:\.\d{1,7})?(?!\d)", re.ASCII)
_ISO_SPAN = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d{1,9})?S)?)?(?!\w)",
    re.ASCII,
)
_PART = re.compile(
    r"(?:about\s|approximately\s|~\s?|,?\s?(?:and\s)?)"
    r"(?P<count>an?\b|\d{1,10}(?:\.\d{1,9})?)[\s-]?"
    r"(?P<unit>ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?)"
    r"(?![a-z])",
    re.ASCII | re.IGNORECASE,
)
_SECONDS = {
    "ms": 0.001,
    "milli": 0.001,
    "m": 60.0,
    "s": 1.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}


def text_of(value: Any, limit: int = TOKEN_LIMIT) -> str | None:
    """Return a value as a clean line, or None if nothing is left of it.

    Args:
        value: A string, or a number that serves as a code or an id.
        limit: Characters kept at most.
    """
    if value is None or isinstance(value, bool):
        return None
    return clean(str(value), limit) or None


def number_of(value: Any) -> Decimal | None:
    """Return 30, "30", "1,234.50", "$5" or "30 credits" as a number.

    Args:
        value: What the server sent.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        return number if number.is_finite() and abs(number.adjusted()) < TOKEN_LIMIT else None
    if not isinstance(value, str):
        return None
    found = _FIGURE.search(value[:TOKEN_LIMIT])
    if found is None:
        return None
    read = _decimal(found.group().rstrip("kKM.,"))
    scale = {"k": 1_000, "m": 1_000_000}.get((found["scale"] or "").lower(), 1)
    sign = -1 if "-" in value[: found.start()][-4:] else 1
    return None if read is None else read * scale * sign


def _decimal(figure: str) -> Decimal | None:
    """Read digits with separators: three digits behind a comma are thousands, else decimals."""
    if _GROUPED.fullmatch(figure):
        figure = figure.replace(",", "")
    elif "," in figure and (_GROUPED_BY_DOTS.fullmatch(figure) or "." not in figure):
        figure = figure.replace(".", "").replace(",", ".")
    elif figure.count(".") > 1 and _GROUPED_BY_DOTS.fullmatch(figure):
        figure = figure.replace(".", "")
    try:
        return Decimal(figure)
    except ArithmeticError:
        return None


def currency_of(value: Any) -> str | None:
    """Return the currency that stands beside a number: "USD" for "$5", "EUR" for "5 EUR".

    Args:
        value: What the server sent.
    """
    found = _CURRENCY.search(value[:TOKEN_LIMIT]) if isinstance(value, str) else None
    if found is None:
        return None
    sign = found.group().upper()
    return sign if sign.isalpha() else _SIGNS.get(sign, _SIGNS[sign[-1]])


def truth_of(value: Any) -> bool | None:
    """Return true, "true", false or "false" as a bool.

    Args:
        value: What the server sent.
    """
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).strip().lower())


def moment_of(value: Any, sent: datetime | None = None) -> datetime | None:
    """Return the point in time that a value starts with; UTC where no zone is said.

    Args:
        value: An epoch in seconds or milliseconds, ISO 8601, an HTTP date, or as people write:
            "1 December 2026", "Dec 1 at 10:00 UTC".
        sent: When the answer was sent: a date without a year is the next one after it.
    """
    if value is None or isinstance(value, bool):
        return None
    text = str(value)[:TOKEN_LIMIT].strip()
    try:
        epoch = _EPOCH.match(text)
        if epoch is not None:
            seconds = float(epoch.group())
            seconds = seconds / 1000 if seconds > _MILLISECONDS else seconds
            return _plausible(datetime.fromtimestamp(seconds, UTC))
        found = next(filter(None, (form.match(text) for form in _MOMENTS)), None)
        return None if found is None else _plausible(_date(found.groupdict(), sent))
    except ValueError:  # the 31st of February
        return None


def _plausible(at: datetime) -> datetime | None:
    return at if at.year in _YEARS else None


def _date(parts: dict[str, str | None], sent: datetime | None) -> datetime:
    named = parts["month"] or ""
    month = int(named) if named.isdigit() else _month(named.lower())
    year = int(parts["year"]) if parts["year"] else sent.year if sent else 0
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    zone = _zone(parts["zone"])
    at = datetime(year, month, int(parts["day"] or 0), hour, minute, second, tzinfo=zone)
    if not parts["year"] and sent is not None and at < sent:
        at = at.replace(year=year + 1)
    return at


def _month(name: str) -> int:
    numbers = (number for number, full in enumerate(_MONTHS, start=1) if full.startswith(name))
    return 9 if name == "sept" else next(numbers, 0)


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    away = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-away if text[0] == "-" else away)


def seconds_of(value: Any) -> float | None:
    """Return the length of time that a value starts with, in seconds.

    Args:
        value: 30, "30", "30s", "1h30m", "PT5M", "22.14:18:12", "3 hours and 50 minutes".
    """
    if value is None or isinstance(value, bool):
        return None
    text = str(value)[:TOKEN_LIMIT].strip()
    span = _TIMESPAN.match(text) or _ISO_SPAN.match(text)
    if span is not None:
        parts = zip((86_400, 3_600, 60, 1), span.groups(), strict=True)
        total = float(sum(size * int(count or 0) for size, count in parts))
    else:
        try:
            total = float(text)
        except ValueError:
            total = _spoken(text)
    return total if 0 <= total <= LONGEST_WAIT else None


def _spoken(text: str) -> float:
    """Add up "3 hours and 50 minutes" or "1h30m"; -1 where the text starts otherwise."""
    total, at = -1.0, 0
    while found := _PART.match(text, at):
        unit = found["unit"].lower()
        size = next(size for name, size in _SECONDS.items() if unit.startswith(name))
        count = float(found["count"]) if found["count"][0].isdigit() else 1.0
        total = max(total, 0.0) + count * size
        at = found.end()
    return total


def after(sent: datetime | None, seconds: float | None) -> datetime | None:
    """Return the moment so many seconds after another, or None if either is not known.

    Args:
        sent: When the answer was sent.
        seconds: How long after it.
    """
    return None if sent is None or seconds is None else sent + timedelta(seconds=seconds)


def http_date(value: str | None) -> datetime | None:
    """Return the moment of an HTTP date, as in the `Date` header.

    Args:
        value: The header's value.
    """
    if not value:
        return None
    usual = _HTTP_DATE.fullmatch(value)
    try:
        if usual is not None:
            day, month, year, hour, minute, second = usual.groups()
            date = int(year), _MONTH_NUMBERS.get(month, 0), int(day)
            return _plausible(datetime(*date, int(hour), int(minute), int(second), tzinfo=UTC))
        at = parsedate_to_datetime(value[:TOKEN_LIMIT])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return _plausible(at if at.tzinfo else at.replace(tzinfo=UTC))
