from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from payreq import Reason
from payreq.reading.challenges import read_challenges
from payreq.reading.document import read_document

INVOICE = "lnbc2500u1" + "qpzry9x8gf2tvdw0s3jn54khce6mua7l" * 3
OTHER = "lntb1" + "qpzry9x8gf2tvdw0s3jn54khce6mua7l" * 3
GRPC = {"content-type": "application/grpc", "grpc-status": "13", "grpc-message": "payment required"}
OFFERS = {
    "version": "0.3",
    "expiry": "2027-05-01T00:00:00Z",
    "payment_request_url": "https://tides.example/pay",
    "payment_context_token": "t-1",
    "offers": [
        {"id": "small", "amount": 3, "currency": "USD", "type": "one-off"},
        {"id": "large", "price": "12.50", "currency": "USD"},
        "see the site",
    ],
}


def read(header=None, body: object = b"", status=402, headers=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = (headers or {}) | ({} if header is None else {"www-authenticate": header})
    return read_challenges(read_document(status, fields, raw), {})


@pytest.mark.parametrize(
    ("header", "protocol", "version"),
    [
        (f'L402 version="0", token="bWFj", invoice="{INVOICE}"', "l402", "0"),
        (f"lsat macaroon='bWFj', invoice='{INVOICE}'", "lsat", None),
        (f"L402 invoice={INVOICE}, macaroon=bWFj==", "l402", None),
    ],
)
def test_every_spelling_is_read(header, protocol, version):
    terms = read(header)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.evidence == (f"header www-authenticate: {protocol.upper()}",)
    (found,) = terms.challenges
    assert (found.protocol, found.version, found.invoice) == (protocol, version, INVOICE)
    assert found.raw["invoice"] == INVOICE


@pytest.mark.parametrize(
    ("hrp", "price"),
    [
        ("lnbc20m1", "0.02"),
        ("lnbc2500u1", "0.0025"),
        ("LNTB15N1", "0.000000015"),
        ("lnbcrt9p1", "0.000000000009"),
        ("lnbc1", None),
        ("lnxx20m1", None),
    ],
)
def test_the_invoice_names_the_amount_in_bitcoin(hrp, price):
    (found,) = read(f'L402 token="t", invoice="{hrp}qpzry9x8"').challenges
    assert found.amount == (None if price is None else Decimal(price))
    assert found.currency == (None if price is None else "BTC")


@pytest.mark.parametrize("first", ["LSAT", "L402"])
def test_the_old_and_the_new_name_of_one_invoice_are_one_debt(first):
    second = {"LSAT": "L402", "L402": "LSAT"}[first]
    terms = read(
        f'{first} macaroon="m", invoice="{INVOICE}", {second} macaroon="m", invoice="{INVOICE}", '
        f'LSAT macaroon="n", invoice="{OTHER}"'
    )
    assert [(each.protocol, each.invoice) for each in terms.challenges] == [
        ("l402", INVOICE),
        ("lsat", OTHER),
    ]


def test_other_schemes_and_broken_ones_hide_nothing():
    terms = read(f'Bearer realm="L402", L402 token="x, L402 token="t", invoice="{INVOICE}"')
    assert [each.invoice for each in terms.challenges] == [INVOICE]


def test_an_invoice_is_required_and_may_stand_in_the_body():
    assert read('L402 token="t"') == (None, ())
    terms = read('L402 token="t"', {"payment_request": INVOICE, "amount_sats": 250_000})
    assert [(each.protocol, each.invoice) for each in terms.challenges] == [("l402", INVOICE)]


def test_a_bare_invoice_is_a_challenge_of_its_own():
    terms = read(body={"pr": INVOICE, "hash": "00"})
    assert [(each.protocol, each.invoice) for each in terms.challenges] == [("lightning", INVOICE)]
    assert read(body={"invoice": "in_20260401", "amount": 5}) == (None, ())


def test_proof_of_work_is_no_matter_of_money():
    terms = read('L402 macaroon="m", pow="21"')
    assert terms.verdict.reason is None
    assert terms.challenges == ()
    assert read('L402 macaroon="m", pow="21"', status=401) == (None, ())


def test_an_invoice_beside_proof_of_work_is_one():
    terms = read(f'L402 macaroon="m", pow="21", L402 macaroon="m", invoice="{INVOICE}"')
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE


def test_grpc_carries_it_in_a_success():
    terms = read(headers=GRPC, status=200)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert [each.protocol for each in terms.challenges] == ["l402"]
    encoded = GRPC | {"grpc-message": "payment%20required"}
    whole = read(f'L402 macaroon="m", invoice="{INVOICE}"', headers=encoded, status=200)
    assert [each.invoice for each in whole.challenges] == [INVOICE]


@pytest.mark.parametrize(
    "changes", [{"grpc-status": "0"}, {"grpc-message": "payment required by policy 7 failed"}]
)
def test_other_trailers_of_grpc_are_none(changes):
    assert read(headers=GRPC | changes, status=200) == (None, ())


@pytest.mark.parametrize("status", [200, 401, 403])
def test_other_statuses_are_none(status):
    assert read(f'L402 token="t", invoice="{INVOICE}"', status=status) == (None, ())


def test_offers_in_the_body_are_challenges():
    terms = read(body=OFFERS)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.evidence == ("body: offers to buy",)
    assert [(each.amount, each.currency, each.intent) for each in terms.challenges] == [
        (Decimal(3), "USD", "one-off"),
        (Decimal("12.50"), "USD", None),
    ]
    assert terms.challenges[0].version == "0.3"
    assert terms.challenges[0].expires_at == datetime(2027, 5, 1, tzinfo=UTC)


def test_offers_without_a_place_to_buy_them_leave_an_account_matter_to_others():
    offers = {"offers": OFFERS["offers"], "payment_context_token": "t-1"}
    assert read(body=offers).verdict.reason is Reason.PAYMENT_CHALLENGE
    assert read(body=offers | {"error": "no credits"}).verdict is None


@pytest.mark.parametrize(
    "body", [{"offers": [{"amount": 3}]}, {"offers": "none", "payment_request_url": "/pay"}]
)
def test_other_offers_are_left_to_others(body):
    assert read(body=body) == (None, ())
