from __future__ import annotations

from datetime import UTC

import pytest

from examples.soft_block.words import WORDS, direction, month, number, preferred, zone


@pytest.mark.parametrize("language", WORDS)
def test_each_language_has_every_word(language):
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert all(WORDS[language].values())


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-CH, fr;q=0.8", "de"),
        ("fr, ja;q=0.9", "ja"),
        ("ar-EG", "ar"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        (";;,\x00-", "en"),
    ],
)
def test_the_first_language_that_a_browser_asks_for_and_there_is_wins(header, language):
    assert preferred(header) == language


def test_numbers_and_months_are_written_as_the_language_writes_them():
    assert number(1184, "en") == "1,184"
    assert number(1184, "de") == "1.184"
    assert month("2026-10", "de") == "Oktober 2026"
    assert month("2026-10", "ja") == "2026年10月"


def test_only_arabic_is_written_from_right_to_left():
    assert [each for each in WORDS if direction(each) == "rtl"] == ["ar"]
    assert direction("pt-BR") == "ltr"


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Atall", "Europe", "/etc/passwd", "../UTC", "a\x00b", "x" * 10_000]
)
def test_a_time_zone_that_is_none_is_utc(name):
    assert zone(name) is UTC


def test_a_time_zone_is_had_by_its_name():
    assert str(zone("Europe/Berlin")) == "Europe/Berlin"
