"""The app's own words, numbers and months, in each of its languages."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_interval, format_skeleton
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
WORDS: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (HERE / "strings.toml").read_text(encoding="utf-8")
)
"""By language, then by name."""

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def direction(language: str) -> str:
    """Return "ltr" or "rtl".

    Args:
        language: A BCP 47 tag.
    """
    return Locale.parse(language, sep="-").text_direction


def preferred(accept_language: str) -> str:
    """Return the app's language that a browser asks for first, else English.

    Args:
        accept_language: The header: "de-CH, fr;q=0.8".
    """
    asked = [part.partition(";")[0].strip() for part in accept_language.split(",")]
    return negotiate_locale(asked, list(WORDS), sep="-") or "en"


def zone(name: str) -> tzinfo:
    """Return a time zone, UTC where there is none of that name.

    Args:
        name: As a browser says it: "Europe/Berlin".
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # none, a folder of zones, a path to elsewhere
        return UTC


def number(value: int, language: str) -> str:
    """Return a number as it is written: "1,184", "1.184"."""
    return format_decimal(value, locale=language)


def span(first: str, last: str, language: str) -> str:
    """Return how a run of months is written, with the year once where that is usual.

    Args:
        first: "2026-05".
        last: "2026-10".
        language: The language.
    """
    return format_interval(_day(first), _day(last), skeleton="yMMM", locale=language)


def month(value: str, language: str) -> str:
    """Return the name of a month.

    Args:
        value: "2026-10".
        language: For "October 2026", "Oktober 2026".
    """
    return format_skeleton("yMMMM", _day(value), locale=language)


def _day(value: str) -> date:
    return date.fromisoformat(f"{value}-01")
