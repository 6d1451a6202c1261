from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.values import (
    after,
    currency_of,
    http_date,
    moment_of,
    number_of,
    seconds_of,
    text_of,
    truth_of,
)

NOVEMBER = datetime(2026, 11, 24, 10, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (30, "30"),
        (0.5, "0.5"),
        (Decimal("1e3"), "1000"),
        ("30", "30"),
        ("1,234.50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1.234,50 €", "1234.50"),
        ("1.234.567", "1234567"),
        ("12,50", "12.50"),
        ("$5", "5"),
        ("$-0.02", "-0.02"),
        ("-7", "-7"),
        ("30 credits", "30"),
        ("10k", "10000"),
        ("2M tokens", "2000000"),
        ("8192MB", "8192"),
        ("1e3", "1000"),
    ],
)
def test_numbers_are_read_as_machines_and_people_write_them(sent, number):
    assert number_of(sent) == Decimal(number)


@pytest.mark.parametrize(
    "sent", [None, True, "", "none", "1.2.3", "1,2,3.4", float("nan"), float("inf"), 1e300, []]
)
def test_what_is_no_number_is_left_out(sent):
    assert number_of(sent) is None


@pytest.mark.parametrize(
    ("sent", "currency"),
    [
        ("$5", "USD"),
        ("US$5", "USD"),
        ("CA$5", "CAD"),
        ("5 €", "EUR"),
        ("¥5", "¥"),
        ("XX$5", "USD"),
        ("5 gbp", "GBP"),
        ("5", None),
        (5, None),
    ],
)
def test_a_sign_or_a_code_tells_the_currency(sent, currency):
    assert currency_of(sent) == currency


@pytest.mark.parametrize(
    "sent",
    [
        1796083200,
        "1796083200",
        1796083200000,
        "1796083200.0 or so",
        "2026-12-01",
        "2026-12-01T00:00:00Z",
        "2026-12-01T00:00:00.000000Z",
        "2026-12-01 00:00:00",
        "2026-12-01 01:00 +0100",
        "2026-11-30T19:00:00-05:00",
        "1 December 2026",
        "1st of December, 2026.",
        "December 1, 2026",
        "Dec 1st 2026 at 00:00 UTC",
        "Tue, 01 Dec 2026 00:00:00 GMT",
        "1 Dec",
    ],
)
def test_a_moment_is_read_in_every_usual_form_and_is_aware(sent):
    assert moment_of(sent, NOVEMBER) == DECEMBER


def test_a_date_without_a_year_is_the_next_one_after_the_answer():
    assert moment_of("3 February", NOVEMBER) == datetime(2027, 2, 3, tzinfo=UTC)
    assert moment_of("Sept 3", NOVEMBER) == datetime(2027, 9, 3, tzinfo=UTC)
    assert moment_of("3 February") is None


@pytest.mark.parametrize(
    "sent",
    [
        None,
        True,
        "",
        "soon",
        "5 days",
        "2026-02-31",
        "31 February 2026",
        "9" * 13,
        "2026-12-01 +99:99",
        "0001-01-01T00:00:00Z",
    ],
)
def test_what_is_no_moment_is_left_out(sent):
    assert moment_of(sent, NOVEMBER) is None


def test_a_leap_day_that_the_next_year_lacks_is_left_out():
    assert moment_of("29 February", datetime(2028, 6, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (30, 30),
        ("30", 30),
        ("1.5", 1.5),
        ("30s", 30),
        ("250ms", 0.25),
        ("20 milliseconds", 0.02),
        ("1h30m", 5_400),
        ("6m0s", 360),
        ("1d2h", 93_600),
        ("PT5M", 300),
        ("P1DT2H", 93_600),
        ("00:01:30", 90),
        ("22.14:18:12.", 1_952_292),
        ("about 15 days", 1_296_000),
        ("an hour", 3_600),
        ("3 hours and 50 minutes", 13_800),
        ("1 week, 2 days", 777_600),
    ],
)
def test_a_length_of_time_is_read_in_every_usual_form(sent, seconds):
    assert seconds_of(sent) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "sent", [None, False, "", "soon", "-5", "nan", "inf", "1e12", "5 subtitles", "900 weeks"]
)
def test_what_is_no_waiting_time_is_left_out(sent):
    assert seconds_of(sent) is None


def test_a_truth_is_read_from_words():
    assert [truth_of(each) for each in (True, "false", " True ", 1, "yes", None)] == [
        True,
        False,
        True,
        None,
        None,
        None,
    ]


def test_a_text_is_one_clean_line_and_bounded():
    assert text_of("a\n\x00b") == "a b"
    assert text_of(1308) == "1308"
    assert text_of("x" * 500) == "x" * 199 + "…"
    assert [text_of(each) for each in (None, True, "", " \n")] == [None] * 4


def test_what_is_relative_counts_from_the_answer():
    assert after(NOVEMBER, 60.0) == NOVEMBER + timedelta(minutes=1)
    assert after(None, 60.0) is None
    assert after(NOVEMBER, None) is None


def test_an_http_date_is_read_or_left_out():
    assert http_date("Tue, 24 Nov 2026 10:00:00 GMT") == NOVEMBER
    assert http_date("Tue, 24 Nov 2026 10:00:00 -0000") == NOVEMBER
    away = datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=2)))
    assert http_date("Tue, 24 Nov 2026 12:00:00 +0200") == away
    assert [http_date(each) for each in (None, "", "120", "Tue, 99 Nov 2026 10:00:00 GMT")] == [
        None
    ] * 4


@given(
    st.text() | st.integers() | st.floats() | st.decimals() | st.from_regex(r"[\d:.,TZPDHMS+ -]+")
)
def test_no_value_makes_reading_raise(value):
    for read in (text_of, number_of, currency_of, truth_of, seconds_of, moment_of):
        read(value)
    moment = moment_of(value, NOVEMBER)
    assert moment is None or moment.tzinfo is not None
    http_date(str(value))
