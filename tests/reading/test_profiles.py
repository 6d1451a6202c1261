from __future__ import annotations

import tomllib

import pytest
from pydantic import ValidationError

from payreq.reading.profiles import FIELDS, Profile, Rule

WHOLE = """
name = "example"
title = "Example"
hosts = ["api.example.com", "*.example.dev"]
in_success = true
returns = "minutes"
billing_url = "https://example.com/billing"

[[sources]]
url = "https://example.com/docs"
read = 2026-11-24

[[signature]]
at = "header:x-example-request-id"
present = true

[fields]
limit = ["/error/quota/limit", "header:x-limit"]

[[rules]]
status = [429]
when = [{ at = "/error/code", is = ["used_up"] }, { at = "/balance", below = 0.5 }]
means = "credits_exhausted"
scope = "account"

[[rules]]
when = [{ at = "text", has = ["slow down"] }]
means = "not_billing"
"""


def profile(**changes):
    return Profile.model_validate({"name": "a", "title": "A", "hosts": ["a.com"]} | changes)


def when(**condition):
    return profile(rules=[{"when": [condition], "means": "unknown"}])


def test_a_profile_says_all_that_its_form_knows():
    read = Profile.model_validate(tomllib.loads(WHOLE))
    assert read.hosts == ("api.example.com", "*.example.dev")
    assert (read.in_success, read.returns) == (True, "minutes")
    assert read.fields == {"limit": ("/error/quota/limit", "header:x-limit")}
    first, second = read.rules
    assert first.when[0].equals == ("used_up",)
    assert str(first.when[1].below) == "0.5"
    assert (first.means, first.scope, second.means) == (
        "credits_exhausted",
        "account",
        "not_billing",
    )


def test_a_profile_never_changes():
    with pytest.raises(ValidationError):
        profile().name = "b"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"nmae": "a"}, "nmae"),
        ({"name": "A b"}, "name"),
        ({"title": ""}, "title"),
        ({"hosts": ["https://a.com"]}, "hosts"),
        ({"hosts": ["a.*.com"]}, "hosts"),
        ({"hosts": ["A.com"]}, "hosts"),
        ({"hosts": []}, "hosts or a signature is needed"),
        ({"returns": "soon"}, "returns"),
        ({"billing_url": "http://a.com"}, "must be an https URL, not 'http://a.com'"),
        ({"billing_url": "https://user:word@a.com"}, "must be an https URL"),
        ({"sources": [{"url": "https://a.com"}]}, "read"),
        ({"fields": {"limt": ["/a"]}}, "fields: 'limt' is none of "),
        ({"fields": {"reason": ["/a"]}}, "fields: 'reason' is none of "),
        ({"fields": {"limit": ["/a/**/b"]}}, '"**" stands first in a pointer'),
        ({"fields": {"limit": ["/**"]}}, '"**" stands first in a pointer'),
        ({"fields": {"limit": ["a"]}}, 'a place is "/a/pointer", "header:NAME", "text" or "url"'),
        ({"rules": [{"means": "unknown"}]}, 'a rule needs "status", "when", or both'),
        ({"rules": [{"status": [99], "means": "unknown"}]}, "greater than or equal to 100"),
        ({"rules": [{"status": [402], "means": "broke"}]}, "means"),
        ({"rules": [{"status": [402], "means": "unknown", "scope": "world"}]}, "scope"),
    ],
)
def test_what_no_profile_may_say_is_refused(changes, told):
    with pytest.raises(ValidationError) as caught:
        profile(**changes)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "condition",
    [
        {"at": "/a"},
        {"at": "/a", "is": ["x"], "has": ["y"]},
        {"at": "/a", "present": True, "below": 1},
        {"at": "/a", "is": []},
        {"at": "/a", "has": [""]},
        {"at": "/a", "is": [7]},
        {"at": "header", "present": True},
        {"present": True},
    ],
)
def test_a_condition_is_one_test_of_one_place(condition):
    with pytest.raises(ValidationError):
        when(**condition)


@pytest.mark.parametrize("place", ["/", "/a/*/b", "header:x-a", "text", "url"])
def test_a_place_is_a_pointer_a_header_the_text_or_the_url(place):
    assert when(at=place, present=True).rules[0].when[0].at == place


def test_a_signature_alone_is_enough():
    assert profile(hosts=[], signature=[{"at": "header:x-a", "present": True}]).hosts == ()


def test_the_verdict_itself_is_no_field():
    assert {"limit", "plan", "resets_at", "message", "code"} <= FIELDS
    assert not {"reason", "status", "provider", "certainty", "evidence"} & FIELDS


def test_a_rule_by_the_status_alone_needs_no_conditions():
    assert Rule(status=(402,), means="unknown").when == ()
