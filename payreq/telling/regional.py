"""Numbers, money and moments as a region writes them, by Babel, where that is installed."""

from __future__ import annotations

from decimal import Context, localcontext
from functools import cache
from typing import TYPE_CHECKING

from payreq.telling.languages import subtags

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from babel import Locale

EXACT = Context(prec=100)
"""In which decimals are computed with: the app's own context may round, or raise."""

_MARKS = str.maketrans("", "", "\u061c\u200e\u200f")  # whole values are isolated instead


def region_of(tag: str, language: str) -> Locale | None:
    """Return Babel's locale for a tag; None where payreq's own formats serve.

    They serve without Babel, and in English of no region, which is read everywhere.

    Args:
        tag: What was asked for: "de-AT", "pt_BR.UTF-8".
        language: The language of `LANGUAGES` that serves it.
    """
    parts = subtags(tag)
    served = language.partition("-")[0]
    least = 2 if served == "en" else 1
    if parts[0].lower() != served or len(parts) < least:
        return None
    try:
        from babel import Locale, UnknownLocaleError  # noqa: PLC0415  # the extra [i18n]
    except ImportError:
        return None
    for known in range(min(3, len(parts)), least - 1, -1):  # language, script, region
        try:
            return Locale.parse("_".join(parts[:known]))
        except (ValueError, UnknownLocaleError):
            continue
    return None


def number(value: Decimal, region: Locale) -> str:
    """Return a number, exact: "1.000,5"."""
    from babel.numbers import format_decimal  # noqa: PLC0415  # the extra [i18n]

    with localcontext(EXACT):
        told = format_decimal(value, locale=region, decimal_quantization=False)
    return told.translate(_MARKS)


def money(value: Decimal, currency: str, region: Locale) -> str | None:
    """Return an amount, exact: "12,50 $"; None if the currency is none.

    Args:
        value: The amount.
        currency: An ISO 4217 code.
        region: How it is written.
    """
    from babel.numbers import format_currency, is_currency  # noqa: PLC0415  # the extra [i18n]

    if not is_currency(currency):
        return None
    with localcontext(EXACT):
        told = format_currency(value, currency, locale=region, decimal_quantization=False)
    return told.translate(_MARKS)


def moment(value: datetime, region: Locale) -> str:
    """Return a point in time, to the minute and with its zone: "1. Dezember 2026, 00:00 UTC".

    Args:
        value: An aware datetime, in the zone in which it is told.
        region: How it is written.
    """
    from babel.dates import format_datetime, get_timezone_name  # noqa: PLC0415  # the extra [i18n]

    zone = offset(value)
    if zone != "UTC":  # which Babel translates, to names that few know
        name = get_timezone_name(value, "short", locale=region)
        zone = zone if name.startswith(("+", "-")) else name
    told = format_datetime(value, _pattern(region), locale=region)
    return f"{told} {zone}"


def offset(value: datetime) -> str:
    """Return how far the zone of an aware datetime is from UTC: "UTC", "UTC+01:00"."""
    ahead = value.isoformat(timespec="minutes")[len("2026-12-01T00:00") :]
    return "UTC" if ahead == "+00:00" else f"UTC{ahead}"


@cache
def _pattern(region: Locale) -> str:
    """Return how a date and a time to the minute are written in a row."""
    both = str(region.datetime_formats["long"])
    date, time = region.date_formats["long"].pattern, region.time_formats["short"].pattern
    return both.replace("{1}", date).replace("{0}", time)
