from __future__ import annotations

from datetime import UTC
from decimal import Decimal

import pytest

from payreq.telling.reader import ENGLISH, reader_of
from payreq.telling.units import UNITS


def test_the_first_sentence_is_said_of_which_all_is_known():
    options = ("{a} and {b}", "only {a}", "nothing")
    assert ENGLISH.say(options, {"a": "{b}", "b": "2"}) == "{b} and 2"
    assert ENGLISH.say(options, {"a": "1"}) == "only 1"
    assert ENGLISH.say(options, {}) == "nothing"
    assert ENGLISH.say(("{a}",), {}) == ""


def test_left_out_a_reader_reads_english_in_utc():
    assert reader_of(None, None) == reader_of("nl", UTC)
    assert (reader_of(None, None).language, reader_of(None, None).tz) == ("en", UTC)


@pytest.mark.parametrize(
    ("tag", "number", "form"),
    [
        ("en", "1", "{number} credit"),
        ("en", "0", "{number} credits"),
        ("en", "1.5", "{number} credits"),
        ("en", "0.5", "{number} credits"),
        ("de", "-1", "{number} Credit"),
        ("de", "1.5", "{number} Credits"),
        ("fr", "0", "{number} crédit"),
        ("fr", "1.5", "{number} crédit"),
        ("fr", "2", "{number} crédits"),
        ("pt", "1.5", "{number} crédito"),
        ("pt", "2.5", "{number} créditos"),
        ("ja", "2.5", "{number}クレジット"),
    ],
)
def test_what_is_counted_takes_the_form_of_its_number(tag, number, form):
    assert reader_of(tag, None).counted(UNITS["credits"], Decimal(number)) == form


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("0", "{number} صفحة"),
        ("1", "{number} صفحة"),
        ("2", "{number} صفحة"),
        ("3", "{number} صفحات"),
        ("10", "{number} صفحات"),
        ("11", "{number} صفحة"),
        ("103", "{number} صفحات"),
        ("0.5", "{number} صفحة"),
    ],
)
def test_arabic_has_a_plural_of_few(number, form):
    assert reader_of("ar", None).counted(UNITS["pages"], Decimal(number)) == form


def test_a_unit_is_known_by_its_singular_and_its_plural():
    assert UNITS["query"] is UNITS["queries"] == ("{number} query", "{number} queries")
