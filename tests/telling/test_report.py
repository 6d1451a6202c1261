from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace

from payreq import Challenge
from payreq.credentials import Credential
from payreq.telling.report import support_data, support_report

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_report_holds_what_support_needs(refused, about):
    subject = refused(
        status=429,
        message="Out of *credit*.",
        code="insufficient_quota",
        request_id="req_1",
        account_id="org_1",
        account="tenant-7",
        plan="free",
        balance=0,
        currency="USD",
        evidence=("openai: code",),
        credential=Credential("bearer token", "abcd"),
    )
    report = support_report(subject, about=about)
    assert report.startswith("# A request to Example Corp was refused for billing reasons\n")
    for line in (
        "- **Time:** 2026-11-24T16\\:00\\:00+00\\:00",
        "- **Method:** POST",
        "- **Host:** api\\.example\\.com",
        "- **Request id:** req\\_1",
        "- **Status:** 429",
        "- **Code:** insufficient\\_quota",
        "- **Key:** bearer token …abcd",
        "- **Account:** org\\_1",
        "- **Account, as the app names it:** tenant-7",
        "- **Feature, as the app names it:** export",
        "- **Cause, as read by payreq:** credits\\_exhausted: the credits are used up",
        "- **Read from:** openai: code",
        "- **Plan:** free",
        "- **Balance:** 0 USD",
        "    Out of *credit*.",
        "- The request was sent and refused; it was not sent again.",
    ):
        assert line in report.splitlines()


def test_what_is_not_known_is_left_out(refused):
    report = support_report(refused(origin=None, request=None, at=None, feature=None))
    assert report.startswith("# A request to the API was refused")
    for label in ("Time", "Method", "Host", "Key", "Account", "Feature"):
        assert f"**{label}" not in report
    assert "Nothing in words." in report


def test_what_was_held_back_is_said(refused):
    block = SimpleNamespace(since=NOON, next_check=NOON, refused=7)
    lines = support_report(refused(sent=False, block=block)).splitlines()
    assert (
        "- The request was refused before it was sent: an earlier one had met the refusal." in lines
    )
    assert "- Requests held back since then: 7." in lines
    assert any("Refused since 2026-11-24T12" in line for line in lines)
    assert any("Next check" in line for line in lines)


def test_terms_of_payment_are_told_as_sent(refused):
    challenges = (
        Challenge(protocol="x402", amount=10000, asset="USDC", network="base"),
        Challenge(protocol="l402"),
    )
    report = support_report(refused("payment_challenge", challenges=challenges))
    assert "- **Terms, x402:** 10000 USDC base" in report
    assert "- **Terms, l402:** not stated" in report


def test_the_report_is_to_be_had_as_json_too(refused, about):
    subject = refused(
        status=429,
        message="Out of *credit*.",
        request_id="req_1",
        account_id="org_1",
        limit=1,
        unit="requests",
        evidence=("a code", "a word"),
        credential=Credential("bearer token", "abcd"),
        challenges=(Challenge(protocol="l402"),),
    )
    assert json.loads(json.dumps(support_data(subject, about=about))) == {
        "provider": "Example Corp",
        "time": "2026-11-24T16:00:00+00:00",
        "method": "POST",
        "host": "api.example.com",
        "request_id": "req_1",
        "status": 429,
        "key": "bearer token …abcd",
        "account_id": "org_1",
        "feature": "export",
        "cause": "credits_exhausted: the credits are used up",
        "evidence": ["a code", "a word"],
        "limit": "1 request",
        "terms": [{"protocol": "l402", "offer": "not stated"}],
        "words": "Out of *credit*.",
        "tried": ["The request was sent and refused; it was not sent again."],
    }
    assert list(support_data(refused(origin=None, request=None, at=None, feature=None))) == [
        "status",
        "cause",
        "tried",
    ]
