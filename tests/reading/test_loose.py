from __future__ import annotations

import json
from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from payreq.reading.loose import DEPTH, parse_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**50), 10**50) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
).map(lambda value: [value])


def test_sound_json_is_read_as_it_is():
    assert parse_json('{"a": [1, 2.50, true, null, "x\\n\\u00e4"]} and more') == {
        "a": [1, Decimal("2.50"), True, None, "x\nä"]
    }


@given(PLAIN)
def test_every_payload_is_read_back(value):
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False) + "\0") == value


@given(PLAIN)
def test_so_is_one_that_lost_its_end(value):
    text = json.dumps({"code": "no_credit", "rest": value})
    assert parse_json(text[:-1]) == {"code": "no_credit", "rest": value}


@given(PLAIN)
def test_what_python_prints_is_read(value):
    text = repr(value)
    assume("\\U" not in text)  # unassigned characters beyond the first plane
    assert parse_json(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            '{"error": {"code": 7, "message": "Nothing le',
            {"error": {"code": 7, "message": "Nothing le"}},
        ),
        ('{"message": "Nothing left\\', {"message": "Nothing left"}),
        ('{"a": 1,, "b": 2,}', {"a": 1, "b": 2}),
        (
            "{'a': True, 'b': False, 'c': None, 'd': ('x', 2)}",
            {"a": True, "b": False, "c": None, "d": ["x", 2]},
        ),
        (
            "{error: no_credit, left: -0.50, at: 1e3}",
            {"error": "no_credit", "left": Decimal("-0.50"), "at": Decimal("1e3")},
        ),
        ("{a: NaN, b: undefined, c: ..., d: null}", {"a": None, "b": None, "c": None, "d": None}),
        ('{"a":: 1}', {"a": 1}),
        ('{: 1, "b": 2}', {"b": 2}),
        ('{"a":, "b": 2}', {"b": 2}),
        ("[1: 2]", [1, 2]),
        ('{"a": [1}, "b": 2}', {"a": [1], "b": 2}),
        ("['a\\n\\/\\u00e4\\ud83d\\ude00\\\nb']", ["a\n/ä😀b"]),
        ("'one' 'two'", "one"),
        ('"', ""),
        ("[", []),
        ("]", None),
        ("] 1", 1),
        ("", None),
    ],
)
def test_damage_costs_no_more_than_what_is_damaged(text, value):
    assert parse_json(text) == value


@pytest.mark.parametrize(
    "number", ["1" * 61, "1e99999", "-1e999999999999999999999", "0." + "1" * 61]
)
def test_a_number_too_long_to_be_one_stays_text(number):
    assert parse_json(f"[{number}]") == [number]
    assert parse_json(f"[{number},") == [number]


def test_half_a_character_is_replaced_and_a_whole_one_is_not():
    text = r'["\ud83d\ude00 \ud83d \uDE00 \\ud83d \u00e4"]'
    assert parse_json(text) == ["😀 \ufffd \ufffd \\ud83d ä"]
    assert parse_json(text[:-1]) == parse_json(text)


def test_what_lies_too_deep_is_dropped_and_the_rest_is_read():
    deep = "[" * 10_000 + "1" + "]" * 10_000
    read = parse_json(f'{{"deep": {deep}, "code": "no_credit"}}')
    assert read["code"] == "no_credit"
    depth, inner = 0, read["deep"]
    while inner:
        depth, inner = depth + 1, inner[0]
    assert depth < DEPTH


@given(st.text(alphabet="{}[]()\"',:\\ \n-.eE0123abuU\ud800Nn", max_size=60))
@example("'\\")
@example("[\\ud800\\udc0")
def test_no_text_breaks_it(text):
    parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":x ' + '"\\' * 40_000 + "\\",
        "{'a':" + '"\\"' * 30_000 + "\\",
        "[" * 80_000,
        "[(" * 40_000,
        '["' + "\\ud8" * 20_000,
        "[" + "9" * 80_000,
        "{" + "a:" * 40_000,
    ],
    ids=range(7),
)
def test_no_text_takes_more_than_linear_time(text):
    begun = perf_counter()
    parse_json(text)
    assert perf_counter() - begun < 3
