from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.claims import amount, bounded, decoded, folded, moment, number_or_text, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("123456789012345678901234567890", Decimal(123456789012345678901234567890)),
        (" 0.010 ", Decimal("0.010")),
        (7, Decimal(7)),
        (Decimal("1.5"), Decimal("1.5")),
        ("$5", None),
        ("-1", None),
        ("1e5", None),
        ("9" * 61, None),
        ("", None),
        (True, None),
        (None, None),
        (-3, None),
        (Decimal("NaN"), None),
        (Decimal("1e999"), None),
        ([], None),
    ],
)
def test_an_amount_is_kept_exactly_or_not_at_all(value, expected):
    assert amount(value) == expected


def test_text_is_cleaned_and_never_cut():
    assert text("a\u202eb\n") == "a b"
    assert text("x" * 10, 9) is None
    assert text("\x00") is None
    assert text(5) is None


def test_versions_come_as_numbers_or_text():
    assert number_or_text(2) == "2"
    assert number_or_text("v1") == "v1"
    assert number_or_text(True) is None
    assert number_or_text(None) is None


def test_a_moment_must_name_its_zone():
    assert moment("2026-03-15T14:05:00+02:00") == datetime(2026, 3, 15, 12, 5, tzinfo=UTC)
    assert moment("2026-03-15T12:05:00") is None
    assert moment("0001-01-01T00:00:00+23:00") is None
    assert moment("soon") is None
    assert moment(12) is None


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padding", ["", "="])
def test_json_is_read_in_either_alphabet_with_or_without_padding(encode, padding):
    payload = {"say": "ÿþ?>~~~ÿ", "n": 1}
    value = encode(json.dumps(payload, ensure_ascii=False).encode()).decode()
    assert decoded(value if padding else value.rstrip("=")) == payload


def test_json_is_read_as_it_is_too():
    assert decoded(' {"a": 1}') == {"a": 1}


@pytest.mark.parametrize("value", ["", "true", "é", "%%%", "aGVsbG8=", "////", "a"])
def test_what_is_no_json_is_nothing(value):
    assert decoded(value) is None


def test_json_past_the_limit_is_left_alone():
    assert decoded('{"a": 1}', 5) is None


def test_members_are_found_by_folded_name_and_the_first_wins():
    assert folded({"payTo": 1, "pay_to": 2}) == {"payto": 1}
    assert folded([1]) == {}


def test_what_is_kept_is_neither_deep_nor_wide():
    deep: dict[str, object] = {}
    for _ in range(500):
        deep = {"in": deep}
    assert len(str(bounded(deep))) < 200
    wide = bounded({"list": list(range(1_000)), "text": "x" * 100_000})
    assert len(wide["list"]) == 100
    assert len(wide["text"]) < 10_000
    assert bounded({"\ud800": "\ud800"}) == {"?": "?"}


@given(JSON)
def test_what_is_kept_can_always_be_written(value):
    assert json.dumps(bounded(value), ensure_ascii=False).encode()
