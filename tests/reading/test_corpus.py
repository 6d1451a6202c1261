"""The corpus is read exactly, and holds a case for every rule of every profile."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from statistics import mean

import httpx
import pytest

import payreq
from payreq.reading import providers
from payreq.reading.document import fold_headers, read_document

CORPUS = Path(__file__).parents[1] / "corpus"
AT_LEAST = 250
FLOORS = {"recall": 1.0, "reason": 1.0, "fields": 1.0, "false alarms": 0}
CODED = {"content-encoding", "content-length"}


def cases_in(*files):
    return [
        json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line
    ]


CASES = cases_in(*sorted(CORPUS.rglob("*.jsonl")))
PROFILES = {profile.name: profile for profile in providers.known()}


def response_of(case):
    sent, got = case["request"], case["response"]
    return httpx.Response(
        got["status"],
        headers={name: text for name, text in got["headers"].items() if name.lower() not in CODED},
        content=got["body"].encode(),
        request=httpx.Request(sent["method"], sent["url"]),
    )


def document_of(case):
    response = response_of(case)
    return read_document(
        response.status_code,
        fold_headers(response.headers.multi_items()),
        response.content,
        url=case["request"]["url"],
    )


def told(details, name):
    """Return a field, or the first of any challenge, as JSON would have it."""
    found = getattr(details, name, None)
    if found is None:
        terms = [getattr(challenge, name, None) for challenge in details.challenges]
        found = next((value for value in terms if value is not None), None)
    return found


def same(wanted, found):
    if isinstance(found, Decimal | float) and not isinstance(found, bool):
        return Decimal(str(found)) == Decimal(str(wanted))
    if isinstance(found, datetime):
        return found == datetime.fromisoformat(wanted)
    return found == wanted


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_is_read_exactly(case):
    details = payreq.parse(response_of(case))
    wanted = case["expect"]
    assert (details is not None) is wanted["payment"], details
    assert (details.reason.value if details else None) == wanted["reason"], details
    for name, value in wanted.get("fields", {}).items():
        assert same(value, told(details, name)), f"{name}: {told(details, name)!r}, not {value!r}"


def test_the_figures_of_the_whole_corpus_do_not_drop():
    found = [(case["expect"], payreq.parse(response_of(case))) for case in CASES]
    refused = [(wanted, details) for wanted, details in found if wanted["payment"]]
    reasons = [details and details.reason == wanted["reason"] for wanted, details in refused]
    facts = [
        details is not None and same(value, told(details, name))
        for wanted, details in refused
        for name, value in wanted.get("fields", {}).items()
    ]
    figures = {
        "recall": mean(details is not None for _, details in refused),
        "reason": mean(map(bool, reasons)),
        "fields": mean(facts),
        "false alarms": sum(bool(details) for wanted, details in found if not wanted["payment"]),
    }
    assert figures == FLOORS


def test_the_corpus_is_large_and_its_cases_can_be_told_apart():
    assert len(CASES) >= AT_LEAST
    counts = Counter(case["id"] for case in CASES)
    assert [name for name, count in counts.items() if count > 1] == []
    assert sum(case["expect"]["payment"] for case in CASES) >= AT_LEAST / 2
    assert sum(not case["expect"]["payment"] for case in CASES) >= AT_LEAST / 5
    assert all(case["source"].startswith("https://") for case in CASES)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_rule_of_a_profile_decides_some_case(name):
    file = CORPUS / "providers" / f"{name}.jsonl"
    assert file.exists(), f"{name} has no case"
    hit = set()
    for case in cases_in(file):
        document = document_of(case)
        profile = providers.find(document)
        assert profile is not None, f"{case['id']} is nobody's"
        assert profile.name == name, f"{case['id']} is that of {profile.name}"
        matched = (providers._matched(document, rule) for rule in profile.rules)
        hit.add(next((n for n, values in enumerate(matched) if values is not None), None))
    missed = [n for n in range(len(PROFILES[name].rules)) if n not in hit]
    assert missed == [], f"no case is decided by {[PROFILES[name].rules[n] for n in missed]}"


@pytest.mark.parametrize("name", [name for name in sorted(PROFILES) if PROFILES[name].signature])
def test_a_signature_tells_its_provider_behind_other_hosts(name):
    elsewhere = {"request": {"method": "POST", "url": "https://gateway.example.org/v1"}}
    found = [
        providers.find(document_of(case | elsewhere))
        for case in cases_in(CORPUS / "providers" / f"{name}.jsonl")
    ]
    assert name in {profile.name for profile in found if profile}
