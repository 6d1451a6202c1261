from __future__ import annotations

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq import Reason
from payreq.reading.challenges import read_challenges
from payreq.reading.document import read_document

OFFER = {"network": "base", "maxAmountRequired": "40", "payTo": "0xSHOP"}
NAMES = (
    *("www-authenticate", "payment-required", "x-payment-required", "payment-response"),
    *("crawler-price", "crawler-error", "crawler-payment", "x-cashu", "x-license-terms"),
    *("x-bsv-payment-satoshis-required", "payment-address", "payment-amount"),
    *("grpc-status", "grpc-message"),
)
WORDS = (
    *('Payment id="x", method="m"', 'L402 token="t", invoice="lnbc20m1qpz"', "License", "pow=1"),
    *("creqA", "EUR 1", "1 micros USD", "payment required", "PaymentFailed", "13", "{}", "[]"),
    "https://paymentauth.org/problems/x",
)
KEYS = ("x402Version", "accepts", "type", "amount", "network", "payTo", "resource", "error", "code")
PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(WORDS)
PAYLOADS = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)
VALUES = st.lists(
    st.sampled_from(WORDS)
    | st.text(max_size=20)
    | PAYLOADS.map(json.dumps)
    | PAYLOADS.map(lambda value: base64.b64encode(json.dumps(value).encode()).decode()),
    max_size=3,
).map(", ".join)


def read(headers=None, body: object = b"", status=402, sent=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_challenges(read_document(status, headers or {}, raw), sent or {})


@pytest.mark.parametrize("status", [200, 402, 403, 429, 500])
def test_without_terms_nothing_is_said(status):
    assert read({}, {"error": {"message": "Slow down"}}, status) == (None, ())


PAYMENTS = {
    "payment-signature": "e30=",
    "x-payment": "e30=",
    "payment-authorization": "Payment e30",
    "authorization": "L402 t:00",
    "x-cashu": "cashuB0",
    "x-bsv-payment": "{}",
    "crawler-exact-price": "EUR 1",
    "crawler-max-price": "EUR 1",
}


@pytest.mark.parametrize("name", PAYMENTS)
def test_a_402_for_a_request_that_paid_is_a_failed_payment(name):
    terms = read({}, {}, sent={name: PAYMENTS[name]})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.evidence == (f"request header {name}",)
    assert terms.challenges == ()


@pytest.mark.parametrize(
    "sent",
    [
        {"authorization": "Bearer Payment"},
        {"authorization": "Paymentish x"},
        {"x-payment": ""},
        {"accept-payment": "card"},
    ],
)
def test_a_402_for_another_request_is_none(sent):
    assert read({}, {}, sent=sent) == (None, ())


def test_a_request_that_paid_may_still_meet_an_account_matter():
    said = {"message": "Your prepaid balance is empty"}
    assert read({}, said, sent={"x-payment": "e30="}) == (None, ())
    offered = read({}, said | {"accepts": [OFFER]}, sent={"x-payment": "e30="})
    assert offered.verdict.reason is Reason.PAYMENT_FAILED


def test_a_request_that_paid_may_fail_otherwise():
    for status in (401, 403, 429, 503):
        assert read({}, {}, status, {"x-payment": "e30="}) == (None, ())


def test_the_payment_of_a_call_over_grpc_fails_in_a_success():
    trailers = {"grpc-status": "13", "grpc-message": "payment required"}
    terms = read(trailers, b"", 200, {"authorization": "LSAT t:00"})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED


def test_what_several_protocols_offer_is_kept_together():
    headers = {
        "www-authenticate": 'L402 token="t", invoice="lnbc20m1qpz", Payment id="1", method="card"',
        "crawler-price": "EUR 1",
        "x-cashu": "creqA0",
    }
    terms = read(headers, {"x402Version": 1, "accepts": [OFFER]})
    assert {each.protocol for each in terms.challenges} == {
        "x402",
        "mpp",
        "l402",
        "pay-per-crawl",
        "cashu",
    }
    assert terms.verdict.evidence == ("body: x402 1",)


def test_a_failure_of_one_outweighs_the_offers_of_another():
    problem = "https://paymentauth.org/problems/payment-insufficient"
    terms = read({"crawler-price": "EUR 1"}, {"type": problem, "accepts": [OFFER]})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.code == problem
    assert len(terms.challenges) == 3


def test_no_more_than_32_challenges_are_kept_in_all():
    headers = {"www-authenticate": ", ".join(['Payment id="1"'] * 50)}
    assert len(read(headers, {"x402Version": 1, "accepts": [OFFER] * 50}).challenges) == 32


@given(
    headers=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
    body=PAYLOADS.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60),
    status=st.sampled_from([200, 401, 402, 403, 406, 410, 500]),
    sent=st.dictionaries(st.sampled_from(sorted(PAYMENTS)), VALUES, max_size=2),
)
def test_no_response_makes_it_raise(headers, body, status, sent):
    terms = read(headers, body, status, sent)
    for challenge in terms.challenges:
        assert len(challenge.model_dump_json()) < 300_000


@pytest.mark.parametrize(
    "value",
    ["{" * 65_536, "[" * 65_536, '{"a":' * 13_000, "A" * 65_536, '"' * 65_536, "1 " * 32_768],
)
def test_no_response_takes_more_than_linear_time(value):
    began = time.process_time()
    terms = read(dict.fromkeys(NAMES, value), value.encode())
    assert time.process_time() - began < 5
    assert all(len(each.model_dump_json()) < 300_000 for each in terms.challenges)
