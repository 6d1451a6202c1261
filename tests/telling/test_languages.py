from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq.telling.languages import LANGUAGES, catalogue, isolated, joined, right_to_left, spoken
from payreq.telling.reader import reader_of


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch.UTF-8", "de"),
        ("de_DE@euro", "de"),
        ("de-DE-u-nu-latn", "de"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-Hant", "en"),
        ("zh-TW", "en"),
        ("zh-Hant-CN", "en"),
        ("en-GB", "en"),
        ("nl", "en"),
        ("C", "en"),
        ("", "en"),
        (None, "en"),
        ("not a tag", "en"),
        ("-", "en"),
        ("d" * 100_000, "en"),
    ],
)
def test_a_tag_is_served_by_the_nearest_language_else_by_english(tag, language):
    assert spoken(tag) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_serves_itself(language):
    assert spoken(language) == language
    assert spoken(language.upper()) == language


def test_apps_can_ask_which_languages_there_are():
    assert payreq.LANGUAGES == LANGUAGES


def test_a_catalogue_is_loaded_once_and_changes_nothing_global():
    assert catalogue("de") is catalogue("de")
    assert catalogue("en").gettext("A feature is paused") == "A feature is paused"
    assert catalogue("de").gettext("A feature is paused") == "Eine Funktion ist pausiert"


def test_direction_and_spacing_are_those_of_the_language():
    assert right_to_left("ar-EG")
    assert right_to_left("he")
    assert not right_to_left("de")
    assert joined(["A.", "B."], "de") == "A. B."
    assert joined(["A。", "B。"], "ja") == "A。B。"
    assert joined(["A。", "B。"], "zh-Hans") == "A。B。"


def test_a_value_is_isolated_where_directions_meet():
    assert isolated("Export", "ar") == "\u2068Export\u2069"
    assert isolated("Export", "de") == "Export"
    assert isolated("Übersicht", "de") == "Übersicht"
    assert isolated("تصدير", "de") == "\u2068تصدير\u2069"


@given(st.text() | st.from_regex(r"(de|en|zh|ar|pt)[-_][\w/.@%-]*", fullmatch=True))
def test_no_tag_is_an_error(tag):
    assert reader_of(tag, None).language in LANGUAGES
