"""The ways of reading, put together: which of them decides, and what no input can do."""

from __future__ import annotations

import json
from types import SimpleNamespace

import httpx
import httpx2
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import payreq
from payreq import reading
from payreq.reading import challenges, fields
from payreq.reading.document import read_document
from payreq.reading.judging import judge

URL = "https://api.example.com/v1/exports"
X402 = {
    "x402Version": 1,
    "error": "X-PAYMENT header is required",
    "accepts": [
        {
            "scheme": "exact",
            "network": "base",
            "maxAmountRequired": "10",
            "asset": "0x1",
            "payTo": "0x2",
        }
    ],
}


def read(status, body=None, url=URL, **options):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | options.pop("headers", {})
    return reading.read(status, headers, content, url=url, **options)


# What decides


def test_payment_terms_go_before_everything():
    details = read(402, {**X402, "code": "insufficient_credits"})
    assert details.reason == "payment_challenge"
    assert details.challenges[0].network == "base"


def test_a_profile_goes_before_what_many_apis_share():
    body = {"error": {"code": "insufficient_quota", "message": "No quota is left."}}
    details = read(429, body, url="https://api.openai.com/v1/responses")
    assert (details.provider, details.certainty) == ("openai", "provider")
    details = read(429, body)
    assert (details.provider, details.certainty) == (None, "standard")


def test_a_problem_of_payreq_is_told_with_the_name_of_its_sender():
    made = payreq.problem("trial_expired")
    for url, provider in ((URL, None), ("https://api.openai.com/v1/responses", "openai")):
        details = read(made.status, made.body, url=url, headers=dict(made.headers))
        assert (details.reason, details.provider) == ("trial_expired", provider)
        assert details.evidence == ("type urn:payreq:problem:trial_expired",)


def test_a_problem_of_payreq_goes_before_the_status_and_every_other_code_in_it():
    made = payreq.problem("quota_exceeded", code="insufficient_credits", payer="upstream")
    details = read(made.status, made.body)
    assert (details.reason, details.code) == ("quota_exceeded", "insufficient_credits")
    assert details.payer == "upstream"


def test_a_profile_of_the_users_own_goes_before_those_of_payreq():
    own = reading.providers.load(
        {
            "name": "mine",
            "title": "Mine",
            "hosts": ["api.openai.com"],
            "rules": [{"status": [429], "means": "trial_expired", "retryable": False}],
        }
    )
    details = read(429, {}, url="https://api.openai.com/v1/responses", extra=(own,))
    assert (details.provider, details.reason) == ("mine", "trial_expired")
    assert details.retryable is False


def test_a_shared_code_goes_before_words_and_words_before_the_status():
    details = read(402, {"code": "trial_expired", "message": "Your credits have run out."})
    assert (details.reason, details.certainty) == ("trial_expired", "standard")
    details = read(402, {"message": "Your credits have run out."})
    assert (details.reason, details.certainty) == ("credits_exhausted", "wording")
    details = read(402, {"message": "No."})
    assert (details.reason, details.certainty) == ("unknown", "status")
    assert details.evidence == ("status 402",)


def test_words_may_say_that_a_402_is_about_something_else():
    assert read(402, {"message": "Too many concurrent requests; at most 5 run at once."}) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"error": {"code": "rate_limit_exceeded", "message": "60 requests per minute."}}),
        (403, {"message": "Your role lacks the permission billing.read."}),
        (400, {"message": "The field plan must be one of free, pro."}),
        (200, {"message": "Your credits have run out."}),
        (500, {"message": "The billing service is down."}),
        (429, None),
        (403, b""),
    ],
)
def test_a_false_alarm_is_worse_than_a_miss(status, body):
    assert read(status, body) is None


def test_what_the_verdict_says_goes_before_what_the_fields_say():
    body = {"error": {"message": "x", "code": 402, "type": "insufficient_credits"}}
    assert read(402, body).code == "insufficient_credits"


def test_a_refusal_concerns_the_account_unless_it_names_what_it_is_about():
    assert read(402, {"code": "insufficient_credits"}).scope == "account"
    named = read(402, {"code": "insufficient_credits", "feature": "export"})
    assert (named.scope, named.feature) == ("feature", "export")
    assert read(402, {"code": "plan_upgrade_required"}).scope is None


def test_a_part_of_a_body_says_so():
    assert read(402, {"code": "insufficient_credits"}, truncated=True).truncated is True
    assert read(402, {"code": "insufficient_credits"}).truncated is False


def test_what_a_request_carried_tells_a_failed_payment_from_an_offer():
    answer = {"body": X402, "request_headers": {"X-PAYMENT": "abc"}}
    assert read(402, **answer).reason == "payment_failed"
    assert read(402, X402).reason == "payment_challenge"


# What is given


def test_every_name_that_the_room_offers_can_be_had():
    assert set(reading.__all__) <= set(dir(reading))


def test_responses_of_each_library_are_read():
    body = {"error": {"code": "insufficient_credits", "message": "None are left."}}
    for library in (httpx, httpx2):
        response = library.Response(402, json=body, request=library.Request("POST", URL))
        assert payreq.parse(response).reason == "credits_exhausted"
    response = requests.Response()
    response.status_code, response.url, response._content = 402, URL, json.dumps(body).encode()
    response.headers["content-type"] = "application/json"
    assert payreq.parse(response).message == "None are left."


def test_what_stands_in_a_header_alone_is_read():
    response = httpx.Response(403, headers={"X-Error-Code": "PLAN_REQUIRED"})
    assert payreq.parse(response).reason == "plan_upgrade_required"


def test_what_the_request_carried_and_whom_it_asked_are_read_with_the_response():
    paid = httpx.Request("POST", URL, headers={"X-PAYMENT": "abc"})
    assert payreq.parse(httpx.Response(402, json=X402, request=paid)).reason == "payment_failed"
    assert payreq.parse(httpx.Response(402, json=X402)).reason == "payment_challenge"
    asked = SimpleNamespace(url="https://api.openai.com/v1/responses")
    response = SimpleNamespace(status_code=402, headers={}, content=b"", request=asked)
    assert payreq.parse(response).provider == "openai"
    response = SimpleNamespace(status_code=402, headers={}, content=b"", url=asked.url)
    assert payreq.parse(response).provider == "openai"


def test_a_body_that_was_not_read_is_no_error():
    response = httpx.Response(402, stream=httpx.ByteStream(b"{}"))
    details = payreq.parse(response)
    assert (details.certainty, details.message) == ("status", None)


class Hostile:
    """Something that has a status, and whose every other attribute raises."""

    status_code = 402

    @property
    def headers(self):
        raise RuntimeError

    content = url = request = headers


@pytest.mark.parametrize(
    ("thing", "is_refusal"),
    [
        (None, False),
        (object(), False),
        (SimpleNamespace(status_code="many"), False),
        (SimpleNamespace(status_code=402), True),
        (SimpleNamespace(status_code=402, headers=7, content=7), True),
        (SimpleNamespace(status_code=403, headers=7, content=7), False),
        (SimpleNamespace(status_code=402, headers={1: 2, None: b"\xff"}, content="text"), True),
        (SimpleNamespace(status_code="402", headers={}, content=None), True),
        (Hostile(), True),
    ],
)
def test_no_object_makes_it_raise(thing, is_refusal):
    details = payreq.parse(thing)
    assert (details is not None) is is_refusal


def test_what_is_no_refusal_is_judged_without_a_fault():
    assert judge(read_document(429, {}, b"{}"), {}) is None


def test_a_body_may_be_text_or_nothing():
    said = SimpleNamespace(status_code=403, headers=None, content='{"code": "trial_expired"}')
    assert payreq.parse(said).reason == "trial_expired"
    plain = payreq.parse(SimpleNamespace(status_code=402, headers={}, content=b"No, Ren\xc3\xa9."))
    assert plain.message == "No, René."
    silent = payreq.parse(SimpleNamespace(status_code=402, headers={}, content=None))
    assert (silent.reason, silent.message) == ("unknown", None)


@pytest.mark.parametrize("status", [402, 429])
@pytest.mark.parametrize(
    ("room", "name"), [(challenges, "read_challenges"), (fields, "read_fields")]
)
def test_a_fault_of_ours_leaves_a_402_a_refusal(monkeypatch, status, room, name):
    def fails(*_):
        raise ArithmeticError

    monkeypatch.setattr(room, name, fails)
    details = read(status, {"code": "insufficient_quota"})
    assert (details is not None) is (status == 402)
    assert details is None or (details.reason, details.certainty) == ("unknown", "status")
    assert details is None or details.evidence == ("status 402",)


@given(
    status=st.integers(100, 999),
    headers=st.dictionaries(st.text(), st.text()),
    body=st.binary(max_size=400) | st.text(max_size=400).map(str.encode),
    url=st.none() | st.text(max_size=60),
)
def test_no_input_makes_it_raise(status, headers, body, url):
    details = reading.read(status, headers, body, url=url, request_headers=headers)
    assert details is None or details.status == status
    if status == 402 and not body.strip():
        assert details is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "type", "plan", "limit", "balance", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(body=json_values, status=st.sampled_from([200, 400, 402, 403, 429, 500]))
def test_no_payload_makes_it_raise(body, status):
    read(status, body)
    if status == 402:
        assert read(402, body, url=None) is None or read(402, body).status == 402
