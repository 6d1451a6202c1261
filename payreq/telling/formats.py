"""Numbers, money and moments as their reader writes them.

By Babel where it is installed. Without it, English has formats of its own, and every other
language has those of ISO, which are read everywhere: "1 000.50", "2026-12-01 00:00 UTC".
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from payreq.safety import clean
from payreq.telling import regional
from payreq.telling.regional import EXACT
from payreq.telling.units import UNITS

if TYPE_CHECKING:
    from datetime import datetime

    from payreq.telling.reader import Reader

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_CODE = 3  # letters of a currency's code
_CENTS = Decimal("0.01")  # no currency has tenths for its smallest coin
_DIGITS = 30  # more than these, and a number is shown as it was sent


def apart(text: str, limit: int) -> str:
    """Return anyone's name for something, as one line in which nothing looks like a link.

    Terminals and viewers make links of such text unasked.

    Args:
        text: What the server or the app sent.
        limit: Characters kept at most.
    """
    return clean(text.replace("://", ": //"), limit)


def number(value: Decimal, reader: Reader) -> str:
    """Return a number, exact, with its thousands parted: "1,000.50"."""
    if not _plain(value):
        return clean(str(value), _DIGITS)
    if reader.region is not None:
        return regional.number(value, reader.region)
    grouped = f"{value:,f}"
    return grouped if reader.language == "en" else grouped.replace(",", "\u202f")


def quantity(value: Decimal, unit: str | None, reader: Reader) -> str:
    """Return a number and what it counts: "1,000 requests"."""
    told = number(value, reader)
    forms = UNITS.get((unit or "").strip().lower())
    if forms and _plain(value):
        return reader.counted(forms, value).format(number=told)
    what = apart(unit or "", _DIGITS)
    return f"{told} {what}" if what else told


def money(value: Decimal, currency: str | None, reader: Reader) -> str:
    """Return an amount of money: "12.50 USD", or "12,50 $" by Babel."""
    if currency and reader.region is not None and _plain(value):
        told = regional.money(value, currency.upper(), reader.region)
        if told is not None:
            return told
    if len(currency or "") == _CODE and value.as_tuple().exponent == -1:
        value = value.quantize(_CENTS, context=EXACT)
    return quantity(value, currency, reader)


def moment(value: datetime, reader: Reader) -> str:
    """Return a point in time, to the minute and with its zone: "1 December 2026, 00:00 UTC".

    Args:
        value: An aware datetime.
        reader: In whose time zone it is told.
    """
    try:
        value = value.astimezone(reader.tz)
    except OverflowError:  # at either end of the calendar there is no such moment
        return value.isoformat(sep=" ", timespec="minutes")
    if reader.region is not None:
        return regional.moment(value, reader.region)
    if reader.language == "en":
        date = f"{value.day} {MONTHS[value.month - 1]} {value.year},"
    else:
        date = value.date().isoformat()
    return f"{date} {value:%H:%M} {regional.offset(value)}"


def _plain(value: Decimal) -> bool:
    small = value.is_finite() and abs(value.adjusted()) <= _DIGITS
    return small and len(str(value)) <= _DIGITS
