from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payreq import Challenge
from payreq.cli.facts import facts, seconds, terms
from payreq.testing import exception


def told(title=None, **details):
    return dict(facts(exception("quota_exceeded", **details), title))


def test_what_is_not_known_is_not_told():
    assert told() == {"Raised as": "payreq.QuotaExceeded", "Blocked": "the feature that meets it"}


@pytest.mark.parametrize(
    ("details", "label", "value"),
    [
        ({"provider": "openai", "title": "OpenAI"}, "Provider", "OpenAI (openai)"),
        ({"provider": "mine"}, "Provider", "mine"),
        ({"message": "Pay,\x1b[2J now"}, "In its words", "“Pay, [2J now”"),
        ({"account_id": "org_1"}, "Account", "org_1"),
        ({"limit": 12000, "unit": "requests"}, "Limit", "12,000 requests"),
        ({"used": "0.5", "currency": "USD"}, "Used", "0.5 USD"),
        ({"balance": "-1.20", "unit": "credits", "currency": "EUR"}, "Balance", "-1.20 EUR"),
        ({"remaining": 0}, "Left", "0"),
        ({"resets_at": datetime(2026, 12, 1, tzinfo=UTC)}, "Resets", "2026-12-01 00:00 UTC"),
        ({"retry_after": 34}, "Retry after", "34 seconds"),
        ({"scope": "account"}, "Holds for", "the whole account"),
        ({"payer": "upstream"}, "Owed by", "the gateway itself; nothing that the caller can pay"),
        ({"retryable": True}, "A retry", "may help: the answer says so"),
        ({"scope": "request"}, "Blocked", "nothing"),
    ],
)
def test_a_fact_is_told_in_words(details, label, value):
    assert told(**details)[label] == value


def test_payment_terms_are_told_as_far_as_they_go():
    challenge = Challenge(
        protocol="mpp", amount="10", pay_to="0x42", expires_at=datetime(2026, 12, 1, tzinfo=UTC)
    )
    assert dict(terms(challenge)) == {
        "Amount": "10",
        "Pay to": "0x42",
        "Until": "2026-12-01 00:00 UTC",
    }


def test_one_second_is_one():
    assert (seconds(1), seconds(1.5)) == ("1 second", "1.5 seconds")
