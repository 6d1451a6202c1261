from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Context, Decimal, Inexact, localcontext
from zoneinfo import ZoneInfo

import pytest

from payreq.telling.formats import moment, money, number, quantity
from payreq.telling.reader import ENGLISH, reader_of

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


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
    assert number(Decimal(value), ENGLISH) == text
    assert len(number(Decimal("1" * 500), ENGLISH)) <= 30


def test_a_quantity_says_what_it_counts():
    assert quantity(Decimal(1000), "requests", ENGLISH) == "1,000 requests"
    assert quantity(Decimal(1), "Requests", ENGLISH) == "1 request"
    assert quantity(Decimal(1), "widgets", ENGLISH) == "1 widgets"
    assert quantity(Decimal("1E+999999"), "requests", ENGLISH) == "1E+999999 requests"
    assert quantity(Decimal(5), None, ENGLISH) == "5"
    assert quantity(Decimal(5), "\u202e", ENGLISH) == "5"


def test_english_of_no_region_names_the_currency():
    assert money(Decimal("12.50"), "USD", ENGLISH) == "12.50 USD"
    assert money(Decimal("12.5"), "USD", ENGLISH) == "12.50 USD"
    assert money(Decimal(5), "USD", ENGLISH) == "5 USD"
    assert money(Decimal("0.0003"), "USD", ENGLISH) == "0.0003 USD"
    assert money(Decimal("0.5"), "credits", ENGLISH) == "0.5 credits"
    assert money(Decimal("12.50"), None, ENGLISH) == "12.50"


def test_a_moment_is_told_in_utc_unless_a_zone_is_given():
    zone = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 12, 1, 1, 30, tzinfo=zone), ENGLISH) == (
        "30 November 2026, 23:30 UTC"
    )
    assert moment(DECEMBER, reader_of("en", BERLIN)) == "1 December 2026, 01:00 UTC+01:00"
    assert moment(datetime.max.replace(tzinfo=UTC), ENGLISH) == "31 December 9999, 23:59 UTC"


def test_a_moment_beyond_the_calendar_is_told_as_it_came():
    zone = timezone(timedelta(hours=-5))
    assert moment(datetime.max.replace(tzinfo=zone), ENGLISH) == "9999-12-31 23:59-05:00"


@pytest.mark.parametrize(
    ("tag", "figure", "price", "at"),
    [
        ("en-US", "1,234.50 requests", "$12.50", "December 1, 2026, 12:00\u202fAM UTC"),
        ("en-GB", "1,234.50 requests", "US$12.50", "1 December 2026, 00:00 UTC"),
        ("de", "1.234,50 Anfragen", "12,50\u00a0$", "1. Dezember 2026, 00:00 UTC"),
        ("de-AT", "1.234,50 Anfragen", "$\u00a012,50", "1. Dezember 2026, 00:00 UTC"),
        ("fr", "1\u202f234,50 requêtes", "12,50\u00a0$US", "1 décembre 2026, 00:00 UTC"),
        ("ja", "1,234.50件のリクエスト", "$12.50", "2026年12月1日 0:00 UTC"),
        ("ar", "1,234.50 طلب", "12.50\u00a0US$", "1 ديسمبر 2026، 12:00 ص UTC"),
    ],
)
def test_with_babel_numbers_and_dates_are_those_of_the_region(tag, figure, price, at):
    pytest.importorskip("babel")
    reader = reader_of(tag, None)
    assert quantity(Decimal("1234.5"), "requests", reader) == figure.replace("50", "5")
    assert money(Decimal("12.5"), "usd", reader) == price
    assert moment(DECEMBER, reader) == at


def test_with_babel_amounts_stay_exact(german):
    assert money(Decimal("0.00012"), "EUR", german) == "0,00012\u00a0€"
    assert money(Decimal(5), "USDC", german) == "5 USDC"
    assert money(Decimal(5), "credits", german) == "5 Credits"
    assert money(Decimal("1E+999999"), "EUR", german) == "1E+999999 EUR"
    assert number(Decimal("0.000100"), german) == "0,0001"


@pytest.mark.parametrize("tag", ["en", "de"])
def test_the_apps_own_context_rounds_nothing(tag):
    reader = reader_of(tag, None)
    digits = Decimal("12345678901234567890.123")
    with localcontext(Context(prec=3, traps=[Inexact])):
        told = quantity(digits, "requests", reader)
        priced = money(digits, "EUR", reader)
    assert "".join(filter(str.isdigit, told)) == "12345678901234567890123"
    assert "".join(filter(str.isdigit, priced)) == "12345678901234567890123"


def test_with_babel_a_zone_has_its_name_where_the_language_has_one():
    pytest.importorskip("babel")
    assert moment(DECEMBER, reader_of("de", BERLIN)) == "1. Dezember 2026, 01:00 MEZ"
    tokyo = ZoneInfo("Asia/Tokyo")
    assert moment(DECEMBER, reader_of("de", tokyo)) == "1. Dezember 2026, 09:00 UTC+09:00"


@pytest.mark.parametrize(
    ("tag", "region"),
    [
        ("de-XX", "de"),
        ("de-DE-u-nu-latn", "de_DE"),
        ("pt-PT", "pt_PT"),
        ("zh-CN", "zh_Hans_CN"),
        ("en-XX", "None"),
        ("zh-Hant", "None"),
        ("nl", "None"),
    ],
)
def test_the_region_is_as_much_of_the_tag_as_babel_knows(tag, region):
    pytest.importorskip("babel")
    assert str(reader_of(tag, None).region) == region


@pytest.mark.usefixtures("_without_babel")
def test_without_babel_every_language_but_english_has_the_formats_of_iso():
    german = reader_of("de-AT", BERLIN)
    assert german.language == "de"
    assert number(Decimal("1234567.50"), german) == "1\u202f234\u202f567.50"
    assert quantity(Decimal(1), "requests", german) == "1 Anfrage"
    assert money(Decimal("12.50"), "USD", german) == "12.50 USD"
    assert moment(DECEMBER, german) == "2026-12-01 01:00 UTC+01:00"
    assert moment(DECEMBER, reader_of("de", None)) == "2026-12-01 00:00 UTC"
    assert moment(DECEMBER, reader_of("en-US", None)) == "1 December 2026, 00:00 UTC"
