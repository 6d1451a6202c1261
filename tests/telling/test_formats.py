from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from payreq.telling.formats import moment, number, quantity


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1000", "1,000"),
        ("1E+3", "1,000"),
        ("12.50", "12.50"),
        ("-0.000001", "-0.000001"),
        ("1E+999999", "1E+999999"),
        ("1E-999999", "1E-999999"),
        ("NaN", "NaN"),
    ],
)
def test_numbers_are_exact_and_never_endless(value, text):
    assert number(Decimal(value)) == text
    assert len(number(Decimal("1" * 500))) <= 30


def test_a_quantity_says_what_it_counts():
    assert quantity(Decimal(1000), "requests") == "1,000 requests"
    assert quantity(Decimal(5), None) == "5"
    assert quantity(Decimal(5), "\u202e") == "5"


def test_a_moment_is_told_in_utc():
    zone = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 12, 1, 1, 30, tzinfo=zone)) == "30 November 2026, 23:30 UTC"
    assert moment(datetime.max.replace(tzinfo=UTC)) == "31 December 9999, 23:59 UTC"


def test_a_moment_beyond_the_calendar_is_told_as_it_came():
    zone = timezone(timedelta(hours=-5))
    assert moment(datetime.max.replace(tzinfo=zone)) == "9999-12-31 23:59-05:00"
