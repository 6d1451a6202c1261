"""Facts out of the provider's sentences: figures, plans, names and moments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from payreq.reading.field_names import NO_FEATURES, NO_PLANS, POINTING, TIERS, UNITS
from payreq.reading.messages import looks_like_code
from payreq.reading.sentence_forms import FIGURES, NAMES, RENEWALS, WAITS, cues_of, fitting
from payreq.reading.values import after, currency_of, moment_of, number_of, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

_LIMIT = 1_000
_AHEAD = 80
_BESIDE = ("unit", "counted", "known")
_DIGIT = re.compile(r"\d")
_BETWEEN = re.compile(r"[\s,]+")


def read_sentence(text: str, sent: datetime | None = None) -> dict[str, Any]:
    """Return the facts that a sentence tells, under the names of `PaymentDetails`.

    Args:
        text: One or more sentences; the first 1,000 characters are read.
        sent: When the answer was sent, from which "in two hours" counts.
    """
    text = " ".join(text[:_LIMIT].split())
    facts: dict[str, Any] = {}
    cues = cues_of(text)
    if _DIGIT.search(text):
        for form in fitting(FIGURES, cues):
            found = form.search(text)
            if found is not None:
                _keep_figures(facts, found.groupdict())
        for name, value in _moments(text, cues, sent):
            facts.setdefault(name, value)
    for form in fitting(NAMES, cues):
        for match in form.finditer(text):
            for name, told in match.groupdict().items():
                word = told.rstrip(".- ")
                if name not in facts and _CHECKS[name](word):
                    facts[name] = word
    if "plan" in facts and facts["plan"] == facts.get("required_plan"):
        del facts["plan"]  # what is needed is not what the caller has
    return facts


def unit_of(word: str) -> str | None:
    """Return the plural of what is counted, if it is known.

    Args:
        word: "requests", "request"; lower case.
    """
    return next((unit for unit in (word, f"{word}s") if unit in UNITS), None)


def _keep_figures(facts: dict[str, Any], told: dict[str, str | None]) -> None:
    """Keep what a form found, unless an earlier one has told one of its figures."""
    numbers = {name: number_of(value) for name, value in told.items() if name not in _BESIDE}
    beside = " ".join(filter(None, (told.get(name) for name in _BESIDE)))
    # The last word is the head: "5 team members" are members.
    unit = next(filter(None, map(unit_of, reversed(beside.lower().split()))), None)
    if told.get("known") is not None and unit is None:
        return
    if any(value is None or name in facts for name, value in numbers.items()):
        return
    facts.update(numbers)
    amounts = [told[name] for name in numbers]
    currency = next(filter(None, map(currency_of, [*amounts, beside])), None)
    for name, value in (("unit", unit), ("currency", currency)):
        if value is not None:
            facts.setdefault(name, value)


def _moments(text: str, cues: set[str], sent: datetime | None) -> Iterator[tuple[str, Any]]:
    """Yield when the allowance is renewed and how long to wait, as far as either is said."""
    leads = [(lead, True) for lead in fitting(RENEWALS, cues)]
    leads += [(lead, False) for lead in fitting(WAITS, cues)]
    for lead, renews in leads:
        for found in lead.finditer(text):
            ahead = text[found.end() :][:_AHEAD]
            at, seconds = moment_of(ahead, sent), seconds_of(ahead)
            if at is None and renews:
                at = after(sent, seconds)
            if at is not None:
                yield "resets_at", at
            elif seconds is not None:
                yield "retry_after", seconds


def _is_plan(word: str) -> bool:
    """Say whether a word names a plan: a usual tier, or written as names are."""
    lower = word.lower()
    return lower not in NO_PLANS and (lower in TIERS or lower != word or looks_like_code(word))


def _is_required(name: str) -> bool:
    words = [word for word in _BETWEEN.split(name) if word not in {"or", "and"}]
    vague = [word.lower() in NO_PLANS for word in words]
    if all(vague) or (vague[0] and words[0] != "API"):
        return False
    return name[0].isupper() or any(word.lower() in TIERS for word in words)


def _is_id(word: str) -> bool:
    return any(c.isdigit() for c in word)


def _is_feature(name: str) -> bool:
    words = name.lower().split()
    if len(words) > 1 and (words[0] in POINTING or words[-1] in NO_FEATURES):
        return False
    return any(sign in name for sign in "-_ ") or looks_like_code(name)


_CHECKS: dict[str, Callable[[str], bool]] = {
    "plan": _is_plan,
    "required_plan": _is_required,
    "feature": _is_feature,
    "account_id": _is_id,
    "request_id": _is_id,
}
