from __future__ import annotations

import json
import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

import httpx
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq import Reason, problem, problems
from payreq.details import Challenge, Payer, PaymentDetails, Scope
from payreq.reasons import MEANINGS

SENDABLE = [reason for reason in Reason if reason is not Reason.PAYMENT_FAILED]
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)

# What is sent is a value as an API means it: words of one line, amounts of a ledger's size.
LETTERS = string.ascii_letters + string.digits + " .,:;!?/_-+@#äßéñ中文日本語עברית€😀"
WORDS = st.text(LETTERS, min_size=1, max_size=60).map(lambda text: " ".join(text.split()) or "x")
AMOUNTS = st.decimals(-(10**9), 10**12, allow_nan=False, allow_infinity=False, places=4)
TIMES = st.integers(0, 4 * 10**15).map(lambda at: DECEMBER - timedelta(microseconds=at))
URLS = st.builds(
    "https://{}.example/{}".format,
    st.from_regex(r"[a-z]{1,12}", fullmatch=True),
    st.from_regex(r"[a-zA-Z0-9/_?=&#.-]{0,30}", fullmatch=True),
)
CHALLENGES = st.builds(
    Challenge,
    protocol=st.sampled_from(["x402", "l402", "mpp"]),
    version=st.none() | WORDS,
    amount=st.none() | AMOUNTS,
    network=st.none() | WORDS,
    resource=st.none() | URLS,
    expires_at=st.none() | TIMES,
    raw=st.none()
    | WORDS
    | st.dictionaries(WORDS, st.integers(-(2**53), 2**53) | WORDS, max_size=3),
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("code", "request_id", "account_id", "plan", "required_plan"), WORDS),
        **dict.fromkeys(("feature", "currency", "unit"), WORDS),
        **dict.fromkeys(("limit", "used", "remaining", "balance", "amount"), AMOUNTS),
        **dict.fromkeys(("billing_url", "upgrade_url", "invoice_url", "docs_url"), URLS),
        "resets_at": TIMES,
        "retry_after": st.integers(0, 10**7).map(float),
        "retryable": st.booleans(),
        "scope": st.sampled_from(get_args(Scope)),
        "payer": st.sampled_from(get_args(Payer)),
        "challenges": st.lists(CHALLENGES, max_size=2).map(tuple),
    },
)
SENT = {
    "reason": st.sampled_from(SENDABLE),
    "detail": st.none() | WORDS,
    "status": st.sampled_from(problems.STATUSES),
    "fields": FIELDS,
}


def body(made):
    return json.loads(made.body)


def test_a_problem_says_what_must_be_paid_for():
    made = problem(
        "quota_exceeded",
        detail="All 1,000 exports of\nthis month are used.",
        limit=1000,
        used=Decimal("1000.5"),
        unit="exports",
        resets_at=DECEMBER,
        retry_after=1.2,
        upgrade_url="https://example.com/plans",
    )
    assert made.status == 402
    assert made.headers == {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "Retry-After": "2",
    }
    assert body(made) == {
        "type": "urn:payreq:problem:quota_exceeded",
        "title": "The plan's allowance is used up",
        "status": 402,
        "detail": "All 1,000 exports of this month are used.",
        "limit": "1000",
        "used": "1000.5",
        "unit": "exports",
        "resets_at": "2026-12-01T00:00:00Z",
        "retry_after": 1.2,
        "upgrade_url": "https://example.com/plans",
    }


def test_what_is_not_known_is_not_sent():
    made = problem(Reason.UNKNOWN, detail="", plan=None, code=" \u200b ")
    assert set(body(made)) == {"type", "title", "status"}
    assert "Retry-After" not in made.headers


def test_terms_of_payment_can_be_sent():
    sent = body(problem("payment_challenge", challenges=[{"protocol": "x402", "amount": 5}]))
    assert sent["challenges"] == [{"protocol": "x402", "amount": "5"}]


@pytest.mark.parametrize("status", problems.STATUSES)
def test_clients_may_expect_another_status(status):
    made = problem("credits_exhausted", status=status)
    assert made.status == body(made)["status"] == status


def test_another_status_is_none_for_billing():
    with pytest.raises(ValueError, match="status must be 402, 403 or 429, not 400"):
        problem("credits_exhausted", status=400)


def test_a_failed_payment_is_no_problem_to_send_and_the_error_says_why():
    with pytest.raises(ValueError, match="402 is for access that must be paid for"):
        problem("payment_failed")


@pytest.mark.parametrize("reason", ["no_credit", "", None, 402])
def test_an_unknown_reason_is_an_error_that_names_the_known(reason):
    with pytest.raises(ValueError, match="credits_exhausted, quota_exceeded") as error:
        problem(reason)
    assert "payment_failed" not in str(error.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"message": "x"}, "message is given as detail="),
        ({"certainty": "status"}, "certainty is for the reader to say"),
        ({"provider": "x"}, "provider is for the reader to say"),
        ({"required_plans": "pro"}, "'required_plan' is near"),
        ({"zzz": 1}, "'zzz' is no field of PaymentDetails: request_id|code"),
        ({"detail": 7}, "detail must be text, not int"),
    ],
)
def test_a_wrong_name_is_a_type_error_that_helps(fields, words):
    with pytest.raises(TypeError, match=words):
        problem("credits_exhausted", **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"limit": "many"}, "limit: .*'many'"),
        ({"limit": Decimal("NaN")}, "limit: "),
        ({"resets_at": "2026-12-01T00:00:00"}, "resets_at: .*timezone"),
        ({"scope": "world"}, "scope: .*'world'"),
        ({"challenges": [{}]}, r"challenges\.0\.protocol: "),
        ({"retry_after": -1}, "retry_after must be seconds from now, not -1"),
        ({"retry_after": float("inf")}, "retry_after must be seconds from now"),
        ({"retry_after": float("nan")}, "retry_after must be seconds from now"),
        ({"upgrade_url": "/plans"}, r"upgrade_url must be an absolute http\(s\) URL, not '/plans'"),
        ({"docs_url": "javascript:x"}, "docs_url must be"),
    ],
)
def test_a_value_that_does_not_fit_is_a_value_error_that_helps(fields, words):
    with pytest.raises(ValueError, match=words):
        problem("credits_exhausted", **fields)


def test_a_refusal_that_was_read_elsewhere_can_be_told():
    details = PaymentDetails(
        reason="trial_expired",
        status=403,
        provider="examplecorp",
        message="It is over",
        plan="trial",
    )
    made = problems.problem_of(details)
    assert made.status == 402
    assert body(made) == {
        "type": "urn:payreq:problem:trial_expired",
        "title": "The trial has ended",
        "status": 402,
        "detail": "It is over",
        "plan": "trial",
    }


def test_every_title_is_a_phrase_and_every_reason_has_an_exception():
    assert set(MEANINGS) == set(Reason)
    for meaning in MEANINGS.values():
        assert meaning.title[0].islower()
        assert issubclass(getattr(payreq, meaning.exception), payreq.PaymentRequired)
    lasting = {reason for reason, meaning in MEANINGS.items() if meaning.restricts_access}
    assert set(Reason) - lasting == {Reason.PAYMENT_FAILED, Reason.PAYMENT_CHALLENGE}


def test_facts_are_frozen_and_say_nothing_of_the_terms_sent():
    details = PaymentDetails(
        reason="payment_challenge", status=402, challenges=[{"protocol": "l402", "raw": "macaroon"}]
    )
    with pytest.raises(ValueError, match="frozen"):
        details.status = 403
    assert "macaroon" not in repr(details)


def test_a_feature_needs_no_more_than_its_patterns():
    plain = payreq.Feature("POST /v1/exports*")
    assert (plain.title, plain.audience, plain.url) == (None, None, None)
    assert payreq.Feature(["GET /a", "GET /b"], title="Lists").patterns == ["GET /a", "GET /b"]


def test_the_schema_is_sound_and_describes_every_member():
    schema = problems.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    described = [schema["properties"], schema["$defs"]["Challenge"]["properties"]]
    for members in described:
        for name, declared in members.items():
            assert declared["description"] not in {"", name}
            assert {"type": "null"} not in declared.get("anyOf", [])
    assert "urn:payreq:problem:payment_failed" not in schema["properties"]["type"]["enum"]
    assert set(schema["properties"]).isdisjoint(problems.READERS - {"status"})


@given(**SENT)
def test_the_schema_accepts_what_problem_makes(reason, detail, status, fields):
    made = problem(reason, detail=detail, status=status, **fields)
    jsonschema.validate(body(made), problems.schema())


@pytest.mark.parametrize(
    "change",
    [
        {"type": "urn:payreq:problem:payment_failed"},
        {"status": 400},
        {"limit": []},
        {"resets_at": 5},
        {"upgrade_url": None},
        {"challenges": [{"amount": "5"}]},
        {"scope": "world"},
    ],
)
def test_the_schema_refuses_anything_else(change):
    sound = body(problem("credits_exhausted", limit=5))
    jsonschema.validate(sound, problems.schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(sound | change, problems.schema())


@given(**SENT)
def test_parse_reads_every_problem_back_whole(reason, detail, status, fields):
    made = problem(reason, detail=detail, status=status, **fields)
    read = payreq.parse(httpx.Response(made.status, headers=made.headers, content=made.body))
    assert (read.reason, read.status, read.message) == (reason, status, detail)
    assert {name: getattr(read, name) for name in fields} == fields


def test_parse_reads_back_a_time_of_another_zone():
    later = DECEMBER.astimezone(tz=None) + timedelta(microseconds=5)
    made = problem("quota_exceeded", resets_at=later)
    read = payreq.parse(httpx.Response(made.status, headers=made.headers, content=made.body))
    assert read.resets_at == later
