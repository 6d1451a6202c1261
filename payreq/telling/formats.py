"""Numbers, money and moments as people read them, in English."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from payreq.safety import clean

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_DIGITS = 30  # more than these, and a number is shown as it was sent


def number(value: Decimal) -> str:
    """Return a number, exact, with its thousands parted: "1,000.50"."""
    text = str(value)
    plain = value.is_finite() and abs(value.adjusted()) <= _DIGITS and len(text) <= _DIGITS
    return f"{value:,f}" if plain else clean(text, _DIGITS)


def quantity(value: Decimal, unit: str | None) -> str:
    """Return a number and what it counts: "1,000 requests", "12.50 USD"."""
    what = clean(unit or "", _DIGITS)
    return f"{number(value)} {what}" if what else number(value)


def moment(value: datetime) -> str:
    """Return a point in time, to the minute and with its zone: "1 December 2026, 00:00 UTC".

    Args:
        value: An aware datetime.
    """
    try:
        value = value.astimezone(UTC)
    except OverflowError:  # at either end of the calendar there is no such moment in UTC
        return value.isoformat(sep=" ", timespec="minutes")
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}, {value:%H:%M} UTC"
