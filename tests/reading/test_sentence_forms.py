from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.sentence_forms import FIGURES, NAMES, RENEWALS, WAITS, cues_of, fitting

CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "providers").glob("*.jsonl"))
FORMS = [
    (form, {cue for cue, numbers in forms.by_cue.items() if number in numbers})
    for forms in (FIGURES, NAMES, RENEWALS, WAITS)
    for number, form in enumerate(forms.each)
]
WORDS = (
    "30 1,000 $5 (30 30/30 30) : = ( [ , . of out your the plan tier Pro Free pro is are was left "
    "remaining limit quota budget max allowance limited to allows includes permits used up all "
    "consumed spent more than no can may only have store requests credits credit available balance "
    "you costs price at requires needs owe minimum least invoice amount due outstanding required "
    "needed upgrade switch move subscribe not access support included enabled for on in with users "
    "current account org project id ID request-id reference acct-12345678 model 'a-model' a_b "
    "resets renews refill again gain back filled try retry wait after another"
)


def holds_one_of(cues, match):
    return not cues.isdisjoint(cues_of(match.group()))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_each_match_in_what_providers_say_holds_a_cue(path):
    for line in path.read_text("utf-8").splitlines():
        for form, cues in FORMS:
            matches = re.finditer(form.written, line[:4_000], form.flags)
            assert all(holds_one_of(cues, match) for match in matches), form.written


@given(st.lists(st.sampled_from(re.findall(r"\S+", WORDS)), max_size=12).map(" ".join))
def test_each_match_holds_a_cue(text):
    for form, cues in FORMS:
        match = re.search(form.written, text, form.flags)
        assert match is None or holds_one_of(cues, match), form.written


def test_only_forms_with_a_cue_are_tried():
    for forms in (FIGURES, NAMES, RENEWALS, WAITS):
        assert not fitting(forms, cues_of("Nothing is here"))
    (found,) = fitting(RENEWALS, cues_of("The quota resets at noon"))
    assert found.search("The quota resets at noon")


@pytest.mark.parametrize("text", ["3 / 7 are allowed", "(max 3 of 7) limit remaining"])
def test_forms_are_tried_in_their_order(text):
    order = [form.written for form in FIGURES.each]
    places = [order.index(form.pattern) for form in fitting(FIGURES, cues_of(text))]
    assert len(places) > 1
    assert places == sorted(places)
