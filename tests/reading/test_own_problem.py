"""payreq's own problems, read back: all that was sent, and nothing that no sender may say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq import Challenge, PaymentDetails, Reason
from payreq.problems import problem_of
from payreq.reading.document import read_document
from payreq.reading.standard import PROBLEM_TYPE, own_problem

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def document(payload, status=403):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read_document(status, {}, body)


def sent_back(reason="quota_exceeded", *, detail=None, status=402, **fields):
    made = payreq.problem(reason, detail=detail, status=status, **fields)
    return own_problem(read_document(made.status, {}, made.body))


def test_a_problem_of_payreq_is_read_back_whole():
    fields = {
        "code": "plan_small",
        "request_id": "r-1",
        "account_id": "acct",
        "plan": "free",
        "required_plan": "pro",
        "feature": "export",
        "limit": Decimal("1000.50"),
        "used": Decimal("1e6"),
        "remaining": Decimal(0),
        "balance": Decimal("-0.25"),
        "amount": Decimal(20),
        "currency": "EUR",
        "unit": "requests",
        "resets_at": DECEMBER,
        "retry_after": 12.5,
        "retryable": False,
        "billing_url": "https://example.com/billing",
        "upgrade_url": "https://example.com/plans",
        "invoice_url": "https://example.com/invoices/7",
        "docs_url": "https://example.com/docs",
        "scope": "feature",
        "payer": "caller",
        "challenges": (
            Challenge(protocol="x402", amount=Decimal("0.10"), expires_at=DECEMBER),
            Challenge(protocol="mpp", raw={"price": 0.1, "more": [{"n": 3}, 0.5, "base"]}),
        ),
    }
    details = sent_back("plan_upgrade_required", detail="Export needs Pro", status=429, **fields)
    assert details is not None
    assert {name: getattr(details, name) for name in fields} == fields
    assert details.reason is Reason.PLAN_UPGRADE_REQUIRED
    assert (details.status, details.message) == (429, "Export needs Pro")
    assert details.certainty == "standard"
    assert details.evidence == (f"type {PROBLEM_TYPE}plan_upgrade_required",)
    assert details.truncated is False
    assert details.provider is None


@given(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001  # made aware below
    st.text(max_size=1_500).filter(str.strip),
    st.floats(0, 1e12),
)
def test_whatever_is_sent_is_what_is_read(number, moment, words, wait):
    try:
        made = payreq.problem(
            "credits_exhausted",
            balance=number,
            resets_at=moment.replace(tzinfo=UTC),
            feature=words,
            retry_after=wait,
        )
    except ValueError:
        return  # what pydantic finds too long is never sent
    want = PaymentDetails.model_validate(
        {"reason": "unknown", "status": 402, "balance": number, "retry_after": wait}
    )
    details = own_problem(read_document(402, {}, made.body))
    assert details is not None
    assert details.balance == want.balance
    assert details.resets_at == moment.replace(tzinfo=UTC)
    assert details.retry_after == want.retry_after
    assert (details.feature or "") == json.loads(made.body).get("feature", "")


def test_a_member_that_does_not_fit_is_left_out_and_the_others_stay():
    details = own_problem(
        document(
            {
                "type": PROBLEM_TYPE + "credits_exhausted",
                "detail": 7,
                "balance": "plenty",
                "retry_after": -1,
                "resets_at": "soon",
                "upgrade_url": "javascript:go",
                "scope": "galaxy",
                "feature": "\u202e",
                "currency": "EUR\u200b",
                "plan": "free",
                "certainty": "provider",
                "status": 200,
                "unheard": 1,
                "challenges": [
                    3,
                    {"protocol": "x402", "amount": "much", "network": "base"},
                    {"amount": 3},
                ],
            }
        )
    )
    assert details is not None
    assert details.challenges == (Challenge(protocol="x402", network="base"),)
    assert (details.plan, details.currency) == ("free", "EUR")
    assert (details.certainty, details.status) == ("standard", 403)
    for name in (
        "message", "balance", "retry_after", "resets_at", "upgrade_url", "scope", "feature",
    ):  # fmt: skip
        assert getattr(details, name) is None, name


@pytest.mark.parametrize(("wait", "kept"), [(b"0", 0), (b"0.5", 0.5), (b"1e999", None)])
def test_a_wait_without_end_is_left_out_of_a_problem(wait, kept):
    body = b'{"type":"urn:payreq:problem:unknown","retry_after":%s}' % wait
    assert own_problem(document(body)).retry_after == kept


def test_a_problem_whose_detail_shows_nothing_has_no_message():
    hollow = {"type": PROBLEM_TYPE + "unknown", "detail": "\u202e "}
    assert own_problem(document(hollow)).message is None


def test_a_long_text_of_a_problem_is_read_whole_and_so_many_challenges():
    words = "every export of the last year " * 50
    details = sent_back(feature=words, challenges=[{"protocol": "x402"}] * 32)
    assert details.feature == words.strip()
    assert len(details.challenges) == 32
    kind = {"type": PROBLEM_TYPE + "unknown"}
    many = own_problem(document({**kind, "challenges": [{"protocol": "x402"}] * 33}))
    assert len(many.challenges) == 32


def test_who_sent_a_problem_and_its_cause_are_not_the_senders_to_say():
    claimed = {"type": PROBLEM_TYPE + "unknown", "provider": "openai", "reason": "trial_expired"}
    details = own_problem(document(claimed))
    assert details.provider is None
    assert details.reason is Reason.UNKNOWN


def test_what_a_reader_says_of_a_refusal_is_not_sent_on():
    details = PaymentDetails(
        reason="unknown",
        status=403,
        message="No.",
        provider="openai",
        certainty="wording",
        evidence=("no",),
        truncated=True,
    )
    body = json.loads(problem_of(details).body)
    assert set(body) == {"type", "title", "status", "detail"}


def test_challenges_that_are_no_list_and_terms_without_end_are_left_out():
    kind = {"type": PROBLEM_TYPE + "unknown"}
    nested = b'{"a":' * 200 + b"1" + b"}" * 200
    deep = b'{"type":"%s","challenges":[{"protocol":"x","raw":%s}]}'
    assert own_problem(document({**kind, "challenges": "none"})).challenges == ()
    kept = own_problem(document(deep % (kind["type"].encode(), nested)))
    assert kept.challenges[0].protocol == "x"
    assert str(kept.challenges[0].raw).count("{") == 32
    nested = b"[" * 200 + b"]" * 200
    kept = own_problem(document(deep % (kind["type"].encode(), b'{"a":%s}' % nested)))
    assert str(kept.challenges[0].raw).count("[") <= 32


@pytest.mark.parametrize(
    ("status", "payload"),
    [
        (200, {"type": PROBLEM_TYPE + "unknown"}),
        (402, {"type": PROBLEM_TYPE + "bad_weather"}),
        (402, {"type": "urn:example:unknown"}),
        (402, {"type": 5}),
        (402, [PROBLEM_TYPE + "unknown"]),
        (402, f"type={PROBLEM_TYPE}unknown".encode()),
        (402, f"<p><type>{PROBLEM_TYPE}unknown</type></p>".encode()),
    ],
)
def test_what_only_resembles_such_a_problem_is_left_to_others(status, payload):
    assert own_problem(document(payload, status)) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*PaymentDetails.model_fields, "detail", "protocol", "raw"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_no_member_makes_reading_a_problem_raise(members):
    payload = {"filler": members, **(members if isinstance(members, dict) else {})}
    payload["type"] = PROBLEM_TYPE + "unknown"
    details = own_problem(document(payload, 402))
    assert details is not None
    assert details.reason is Reason.UNKNOWN
