"""The data: which phrases carry which ideas, and how they are found."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from errors import document, read_wording

import payreq.reading.phrases as lexicon
from payreq.reading.phrases import read_sentences

READING = Path(lexicon.__file__).parent
LANGUAGES = sorted(READING.joinpath("phrases").glob("*.toml"))


def test_a_longer_phrase_hides_the_shorter_one_in_it():
    assert "credits" not in read_sentences("Give a credit card")[0]
    assert read_sentences("Nothing of the kind") == []


def test_numbers_signs_apostrophes_and_humps_do_not_matter():
    for text in ("DON'T_HAVE_ANY", "Don\u2019t have any", "dontHaveAny", "dont-have (any)"):
        assert read_sentences(text)[0]["lack"] == "dont have any"
    assert read_sentences("in 1,200 seconds")[0]["window"] == "0 seconds"
    assert read_sentences("0.00 remaining")[0]["over"] == "zero remaining"


def test_links_are_not_words():
    assert read_sentences("See https://example.com/no-credits/upgrade-your-plan") == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_every_phrase_of_a_language_is_found_in_its_own_words(path):
    ideas_of = tomllib.loads(path.read_text("utf-8"))
    english = tomllib.loads(READING.joinpath("phrases", "en.toml").read_text("utf-8"))
    assert ideas_of.keys() <= english.keys()
    for idea, phrases in ideas_of.items():
        for phrase in phrases:
            assert re.search(r"[^\w #*]|_|\s\s|\*.|[A-Z]", phrase) is None, phrase
            said = phrase.replace("#", "12").replace("zero", "0").replace("*", "x")
            heard = read_sentences(f"{said}.")
            assert heard, (idea, phrase)
            assert idea in heard[0], (idea, phrase)


def test_every_idea_of_a_rule_is_carried_by_a_phrase_or_a_sign():
    rules = tomllib.loads(READING.joinpath("rules.toml").read_text("utf-8"))
    carried = tomllib.loads(READING.joinpath("phrases", "en.toml").read_text("utf-8"))
    known = {*carried, "soon"}  # the Retry-After header carries it
    assert rules["keys"].keys() <= known
    for rule in rules["rules"]:
        assert rule.keys() <= {
            "means", "words", "beside", "unless", "weak", "never_on", "only_on", "scope",
        }  # fmt: skip
        for ideas in (*rule["words"], *rule.get("beside", ()), *rule.get("unless", ())):
            assert set(ideas.split("|")) <= known, rule


@pytest.mark.parametrize(
    "unit", ["billing ", "no ", "exceed", "rate limit ", "0 ", "0.", "https:", "!? ", "不足", "aB"]
)
def test_repetition_costs_no_more_than_its_length(unit):
    # A quadratic reader would take minutes for these, and the test's time-out would end it.
    text = unit * (60_000 // len(unit))
    for payload in (text, {"message": text}, {"errors": [{"message": text[:2_000]}] * 30}):
        for status in (402, 429):
            read_wording(document(payload, status))
