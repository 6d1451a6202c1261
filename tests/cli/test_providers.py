from __future__ import annotations

import json
from datetime import date

import pytest

from payreq.cli import knowledge
from payreq.reading import providers

KNOWN = providers.known()

MADE_UP = {
    "name": "example",
    "title": "Example",
    "hosts": ["api.example.com"],
    "in_success": True,
    "status_url": "https://status.example.com",
    "sources": [{"url": "https://example.com/docs", "read": date(2026, 11, 24)}],
    "signature": [{"at": "header:x-example", "present": True}],
    "fields": {"resets_at": ["/error/resets", "header:x-resets"]},
    "rules": [
        {
            "status": [402, 403, 429],
            "when": [
                {"at": "/code", "is": ["used_up", "gone"]},
                {"at": "/", "present": False},
                {"at": "header:x-left", "below": 0.5},
            ],
            "means": "credits_exhausted",
            "scope": "account",
            "payer": "upstream",
            "retryable": False,
        },
        {"when": [{"at": "text", "has": ["slow down"]}], "means": "not_billing"},
        {"status": [402], "means": "unknown", "retryable": True, "payer": "caller"},
        {"when": [{"at": "url", "has": ["/x"]}], "means": "payment_failed", "scope": "request"},
    ],
}


def one_line(text):
    return " ".join(text.split())


@pytest.fixture
def shown(capsys, monkeypatch):
    """Show a made-up profile, changed as said; return what is printed, on one line."""
    monkeypatch.setenv("COLUMNS", "80")

    def command(**changes):
        knowledge.show(providers.load(MADE_UP | changes))
        return one_line(capsys.readouterr().out)

    return command


def test_without_a_name_everyone_is_listed_with_a_host_and_how_fast_access_returns(run):
    ran = run("providers")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert f"{len(KNOWN)} providers" in ran.out
    firsts = [line.split()[0] for line in lines if line and not line.startswith(" ")]
    assert {profile.name for profile in KNOWN} <= set(firsts)
    (openai,) = (line for line in lines if line.startswith("openai "))
    assert openai.split() == ["openai", "OpenAI", "api.openai.com", "+2", "minutes"]
    (litellm,) = (line for line in lines if line.startswith("litellm "))
    assert "any, by its answers" in litellm
    (deepgram,) = (line for line in lines if line.startswith("deepgram "))
    assert deepgram.split() == ["deepgram", "Deepgram", "api.deepgram.com", "+1"]


@pytest.mark.parametrize("argv", [(), ("openai",), ("apilayer",), ("google-cloud",)])
def test_a_pipe_gets_80_columns_and_no_colour(shell, argv):
    ran = shell("providers", *argv)
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "name",
    ["openai", "OpenAI", "api.openai.com", "API.OPENAI.COM.", "eu.api.openai.com", " openai "],
)
def test_a_provider_is_found_by_its_name_and_by_its_hosts(run, name):
    ran = run("providers", name)
    assert ran.code == 0
    assert "Provider: openai" in ran.out


@pytest.mark.parametrize("profile", KNOWN, ids=[profile.name for profile in KNOWN])
def test_of_a_provider_every_rule_page_and_source_is_told(run, profile):
    ran = run("providers", profile.name)
    told = "".join(ran.out.split())
    assert ran.code == 0
    assert f"{len(profile.rules)}." in ran.out
    assert all(str(rule.means) in ran.out for rule in profile.rules)
    words = [
        w for rule in profile.rules for each in rule.when for w in each.equals or each.has or ()
    ]
    assert all("".join(word.split()) in told for word in words)
    pages = [getattr(profile, name) for name in knowledge.PAGES]
    assert all(page in told for page in pages if page)
    assert all(f"{source.read}{source.url}" in told for source in profile.sources)
    places = {"".join(place.split()) for place in places_of(profile)} - {"/"}
    assert all(place.removeprefix("header:").lower() in told.lower() for place in places)


def places_of(profile):
    named = {place for places in profile.fields.values() for place in places}
    return named | {each.at for rule in profile.rules for each in rule.when}


@pytest.mark.parametrize(
    "told",
    [
        "Example",
        "4 rules, 1 source ",
        "- api.example.com - any other, if header x-example is there",
        "A refusal may stand in an answer of success",
        "Access returns after payment Not known.",
        "Status https://status.example.com",
        'status 402, 403 or 429, if /code is "used_up" or "gone", and the body is missing, and ',
        "and header x-left is below 0.5 the credits are used up (credits_exhausted); holds for",
        "holds for the account; the provider itself owes it; no retry helps",
        'any status, if the text has "slow down" no billing refusal (not_billing)',
        "status 402 payment is required (unknown); the caller owes it; a retry helps",
        'any status, if the URL has "/x" the payment did not go through (payment_failed); holds',
        "; holds for this request alone",
        "Resets at /error/resets; header x-resets",
        "2026-11-24 https://example.com/docs",
    ],
)
def test_rules_and_places_are_told_in_words(shown, told):
    assert told in shown()


@pytest.mark.parametrize("returns", ["at once", "minutes", "hours"])
def test_how_fast_access_returns_is_told(shown, returns):
    assert f"{returns}." in shown(returns=returns).lower()


def test_what_is_not_known_has_no_head(shown):
    few = shown(status_url=None, fields={}, sources=[], in_success=False, hosts=[])
    assert "0 sources" in few
    assert "Hosts - any, if header x-example is there" in few
    assert not [head for head in ("Pages", "Where facts", "Read in", "success") if head in few]


def test_json_tells_a_profile_as_a_guard_would_take_it(run):
    ran = run("providers", "loqate", "--json")
    data = json.loads(ran.out)
    assert ran.code == 0
    assert data["rules"][0]["when"][0] == {"at": "/Items/*/Error", "is": ["3"]}
    assert providers.load(data) == providers.about("loqate")


def test_json_without_a_name_is_a_list_of_everyone(run):
    data = json.loads(run("providers", "--json").out)
    assert tuple(map(providers.load, data)) == KNOWN


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("opnai", "openai"),
        ("api.opnai.com", "openai"),
        ("google", "google-cloud"),
        ("alibaba", "dashscope"),
    ],
)
def test_an_unknown_name_is_told_with_names_near_it(run, name, near):
    ran = run("providers", name)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"payreq: '{name}' is no provider's name or host; near it: ")
    assert near in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("name", ["", "#", "a\nb\x1b[31m", "x" * 1_000])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_name_that_is_near_to_none_is_one_line_as_well(run, name, options):
    ran = run("providers", name, *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("; all names: payreq providers\n")
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
    assert len(ran.err) < 200
