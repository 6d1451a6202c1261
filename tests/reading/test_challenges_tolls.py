from __future__ import annotations

import json
from decimal import Decimal

import pytest

from payreq import Reason
from payreq.reading.challenges import read_challenges
from payreq.reading.document import read_document

CREQ = "creqApWF1Y3NhdGFhGQ"


def read(headers, body: object = b"", status=402, sent=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_challenges(read_document(status, headers, raw), sent or {})


@pytest.mark.parametrize(
    ("price", "amount", "currency"),
    [
        ("EUR 0.25", "0.25", "EUR"),
        ("0.25 EUR", "0.25", "EUR"),
        ("1200 micros USD", "1200", "USD"),
        ("USDC 3, USDC 3", "3", "USDC"),
        ("ask us", None, None),
        ("EUR ..", None, "EUR"),
    ],
)
def test_a_price_for_crawlers_is_read_in_either_grammar(price, amount, currency):
    terms = read({"crawler-price": price, "crawler-price-rail": "x402"})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.evidence == ("header crawler-price",)
    (found,) = terms.challenges
    assert found.protocol == "pay-per-crawl"
    assert found.amount == (None if amount is None else Decimal(amount))
    assert (found.currency, found.method, found.raw) == (currency, "x402", price)


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429])
def test_a_price_on_another_status_is_none(status):
    assert read({"crawler-price": "EUR 0.25"}, status=status) == (None, ())


@pytest.mark.parametrize("error", ["MissingCrawlerPrice", "InvalidCrawlerMaxPrice"])
def test_an_offer_that_was_refused_is_asked_for_again(error):
    headers = {"crawler-price": "EUR 0.25", "crawler-error": error}
    terms = read(headers, sent={"crawler-max-price": "EUR 0.10"})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.code == error


def test_an_error_without_a_price_is_a_challenge_without_terms():
    terms = read({"crawler-error": "MissingCrawlerPrice"})
    assert terms.verdict.evidence == ("header crawler-error: MissingCrawlerPrice",)
    assert [each.protocol for each in terms.challenges] == ["pay-per-crawl"]


@pytest.mark.parametrize("status", [402, 403])
def test_a_crawl_whose_payment_failed_is_one(status):
    terms = read({"crawler-error": "PaymentFailed"}, status=status)
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.code == "PaymentFailed"


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, "CrawlerForbidden"), (400, "InvalidSignature"), (500, "InternalError"), (402, "")],
)
def test_other_errors_of_a_crawl_are_no_billing(status, error):
    assert read({"crawler-error": error}, status=status) == (None, ())


@pytest.mark.parametrize("status", [402, 406])
def test_crawler_payment_is_a_list_of_parameters(status):
    header = 'realm="news", currency=USD, price="0.002"'
    (found,) = read({"crawler-payment": header}, status=status).challenges
    assert (found.protocol, found.amount, found.currency) == (
        "pay-per-crawl",
        Decimal("0.002"),
        "USD",
    )
    assert read({"crawler-payment": header}, status=403) == (None, ())


@pytest.mark.parametrize("header", ["=", "", ","])
def test_terms_that_cannot_be_read_are_terms(header):
    terms = read({"crawler-payment": header}, status=402)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert [each.protocol for each in terms.challenges] == ["pay-per-crawl"]


def test_cashu_is_kept_as_sent():
    terms = read({"x-cashu": CREQ})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert [(each.protocol, each.raw) for each in terms.challenges] == [("cashu", CREQ)]
    assert read({"x-cashu": "cashuBtoken"}) == (None, ())
    assert read({"x-cashu": CREQ}, status=400) == (None, ())


def test_brc_105_is_read_from_header_or_body():
    headers = {"x-bsv-payment-satoshis-required": "31", "x-bsv-payment-version": "1.0"}
    terms = read(headers, {"code": "ERR_PAYMENT_REQUIRED"})
    assert terms.verdict.code == "ERR_PAYMENT_REQUIRED"
    (found,) = terms.challenges
    assert (found.protocol, found.version, found.amount) == ("brc-105", "1.0", Decimal(31))
    assert found.raw == headers
    assert read({}, {"satoshisRequired": 32}).challenges[0].amount == Decimal(32)
    assert read(headers, status=400) == (None, ())


def test_a_licence_is_asked_for_by_its_scheme():
    headers = {
        "www-authenticate": 'License realm="news", methods="x402 jwt"',
        "x-license-terms": "allow; price:0.75; payto:news.example",
    }
    terms = read(headers)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    (found,) = terms.challenges
    assert (found.protocol, found.amount, found.method) == ("rsl", Decimal("0.75"), "x402 jwt")
    assert found.raw["terms"].startswith("allow")
    assert read(headers, status=401) == (None, ())


def test_the_offers_of_a_licence_are_its_price():
    body = {
        "payment_request_url": "https://news.example/licence",
        "offers": [{"price": 0.5, "currency": "EUR"}],
    }
    terms = read({"www-authenticate": "License"}, body)
    assert [(each.protocol, each.amount, each.currency) for each in terms.challenges] == [
        ("rsl", Decimal("0.5"), "EUR")
    ]


def test_a_scheme_that_nobody_knows_asks_by_its_amount_and_currency():
    headers = {
        "www-authenticate": 'Bearer realm="a", h402 realm="a", amount="0.0001", currency="BTC", '
        'invoice="abc", network="main", recipient="0xSHOP"',
    }
    terms = read(headers)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    (found,) = terms.challenges
    assert (found.protocol, found.amount, found.currency) == ("h402", Decimal("0.0001"), "BTC")
    assert (found.invoice, found.network, found.pay_to) == ("abc", "main", "0xSHOP")


def test_a_scheme_that_is_x402_by_another_spelling_is_called_so():
    (found,) = read({"www-authenticate": 'X-402 amount="2.00", currency="USDC"'}).challenges
    assert (found.protocol, found.amount, found.currency) == ("x402", Decimal("2.00"), "USDC")
    (found,) = read({"www-authenticate": 'x402 amount="9", asset="0xCOIN"'}).challenges
    assert (found.protocol, found.amount, found.asset) == ("x402", Decimal(9), "0xCOIN")


@pytest.mark.parametrize(
    ("status", "parameters"),
    [(401, 'amount="1", currency="EUR"'), (402, 'amount="1"'), (402, 'currency="EUR", amount="x"')],
)
def test_less_than_a_price_is_no_asking(status, parameters):
    assert read({"www-authenticate": f"Toll {parameters}"}, status=status) == (None, ())


def test_an_address_and_an_amount_in_plain_headers_are_terms():
    headers = {
        "x-payment-address": "0xSHOP",
        "x-payment-amount": "0.01",
        "x-payment-token": "USDC",
        "x-payment-network": "base",
    }
    (found,) = read(headers).challenges
    assert (found.protocol, found.pay_to, found.amount) == (
        "payment-headers",
        "0xSHOP",
        Decimal("0.01"),
    )
    assert (found.asset, found.network) == ("USDC", "base")


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"payment-address": "0xSHOP", "payment-amount": "1"}),
        (402, {"payment-address": "0xSHOP"}),
        (402, {"payment-amount": "1"}),
    ],
)
def test_half_of_it_is_none(status, headers):
    assert read(headers, status=status) == (None, ())
