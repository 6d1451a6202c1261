from __future__ import annotations

import base64
import json
from decimal import Decimal

import pytest

from payreq import Reason
from payreq.reading.challenges import read_challenges, unfold_header
from payreq.reading.document import read_document

OFFER = {
    "scheme": "exact",
    "network": "eip155:10",
    "amount": "7500",
    "asset": "0xT0KEN",
    "payTo": "0xSHOP",
    "maxTimeoutSeconds": 90,
}
V1_OFFER = {
    "scheme": "exact",
    "network": "base",
    "maxAmountRequired": "40",
    "asset": "0xT0KEN",
    "payTo": "0xSHOP",
    "resource": "https://shop.example/tide",
}
V2 = {"x402Version": 2, "resource": {"url": "https://shop.example/tide"}, "accepts": [OFFER]}


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def read(headers=None, body: object = b"", status=402, sent=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_challenges(read_document(status, headers or {}, raw), sent or {})


def test_version_2_is_read_from_its_header():
    terms = read({"payment-required": encoded(V2)}, {})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.certainty == "standard"
    assert terms.verdict.scope == "request"
    assert terms.verdict.evidence == ("header payment-required: x402 2",)
    (challenge,) = terms.challenges
    assert challenge.protocol == "x402"
    assert challenge.version == "2"
    assert challenge.amount == Decimal(7500)
    assert challenge.asset == "0xT0KEN"
    assert challenge.network == "eip155:10"
    assert challenge.pay_to == "0xSHOP"
    assert challenge.resource == "https://shop.example/tide"
    assert challenge.method == "exact"
    assert challenge.raw == OFFER


def test_a_price_may_be_one_in_dollars():
    terms = read(body={"x402": {"price": "$0.12", "network": "base", "pay_to": "0xSHOP"}})
    (found,) = terms.challenges
    assert (found.amount, found.currency, found.network) == (Decimal("0.12"), "USD", "base")


def test_a_price_may_be_an_object_of_its_own():
    price = {"amount": "7500", "asset": "0xT0KEN"}
    terms = read(body={"x402_version": 2, "network": "base", "pay_to": "0xSHOP", "price": price})
    (challenge,) = terms.challenges
    assert (challenge.amount, challenge.asset) == (Decimal(7500), "0xT0KEN")


def test_version_1_is_read_from_its_body_offer_by_offer():
    second = V1_OFFER | {"network": "solana", "maxAmountRequired": "41"}
    body = {
        "x402Version": 1,
        "error": "X-PAYMENT header is required",
        "accepts": [V1_OFFER, second],
    }
    terms = read(body=body)
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.evidence == ("body: x402 1",)
    assert [(each.network, each.amount) for each in terms.challenges] == [
        ("base", Decimal(40)),
        ("solana", Decimal(41)),
    ]
    assert terms.challenges[0].resource == "https://shop.example/tide"


def test_the_header_wins_over_a_stale_body():
    terms = read({"payment-required": encoded(V2)}, {"x402Version": 1, "accepts": [V1_OFFER]})
    assert [each.version for each in terms.challenges] == ["2"]


def test_a_body_with_offers_wins_over_a_header_that_cannot_be_read():
    terms = read({"payment-required": "?" * 40}, {"x402Version": 1, "accepts": [V1_OFFER]})
    assert [each.version for each in terms.challenges] == ["1"]


@pytest.mark.parametrize(
    "body",
    [
        {"detail": {"x402Version": 1, "accepts": [V1_OFFER]}},
        {"x402Version": "2", "accepts": [OFFER]},
        {"error": {"message": "pay first"}, "accepts": [V1_OFFER]},
        {"payment": {"accepted": [OFFER]}},
        {"error": "pay first", "paymentRequirements": V1_OFFER},
        [V2],
        {"network": "devnet", "payment_address": "SHOP", "max_amount_required": "0.2"},
        {"message": json.dumps({"x402Version": 1, "accepts": [V1_OFFER]})},
    ],
)
def test_bodies_that_come_close_are_recognised(body):
    terms = read(body=body) if not isinstance(body, list) else read(body={"errors": body[0]})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert [each.protocol for each in terms.challenges] == ["x402"]
    assert terms.challenges[0].amount is not None


@pytest.mark.parametrize(
    "name", ["x-payment-required", "payment-requirements", "x-payment-requirements"]
)
@pytest.mark.parametrize("write", [json.dumps, encoded])
@pytest.mark.parametrize("value", [V1_OFFER, [V1_OFFER]])
def test_headers_that_come_close_are_recognised(name, write, value):
    (challenge,) = read({name: write(value)}).challenges
    assert challenge.pay_to == "0xSHOP"
    assert challenge.version is None


def test_a_header_sent_twice_is_read_once():
    value = encoded(V2)
    assert len(read({"payment-required": f"{value}, {value}"}).challenges) == 1


def test_a_header_that_cannot_be_read_is_a_challenge_with_unknown_terms():
    terms = read({"payment-required": "x" * 70_000}, b"<html><body>Pay to read on.</body></html>")
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    (challenge,) = terms.challenges
    assert (challenge.protocol, challenge.version, challenge.amount) == ("x402", None, None)


@pytest.mark.parametrize(
    "headers",
    [{"payment-required": "true"}, {"payment-required": ""}, {"payment-required": "1, 1"}],
)
def test_a_flag_is_no_terms(headers):
    assert read(headers) == (None, ())


@pytest.mark.parametrize(
    "body",
    [
        {"error": "declined", "accepts": ["visa", "mastercard"]},
        {"error": "declined", "accepts": {"currency": "usd"}},
        {"error": "declined", "accepts": [{"amount": 5}]},
        {"error": {"code": "card_declined", "amount": 900}, "network": "visa"},
        {"x402Version": True},
    ],
)
def test_other_402_bodies_are_left_to_others(body):
    assert read(body=body) == (None, ())


def test_offers_of_a_servers_own_making_are_terms():
    option = {"network": "solana", "recipient": "SHOP", "amount_usdc": "0.25", "memo": "tide"}
    (found,) = read(body={"error": "payment_required", "payment_options": [option]}).challenges
    assert (found.amount, found.network, found.pay_to) == (Decimal("0.25"), "solana", "SHOP")


def test_a_price_in_a_coin_a_chain_and_a_target_are_terms():
    offer = {"price_usd": "0.25", "chain": "base", "payment_target": "0xSH0P", "token": "COIN"}
    (found,) = read(body={"error": "payment_required", "x402": offer}).challenges
    assert (found.amount, found.network) == (Decimal("0.25"), "base")
    assert (found.pay_to, found.asset) == ("0xSH0P", "COIN")


def test_a_member_of_its_name_is_a_mention():
    terms = read(body={"error": "payment_required", "x402": {"price_usd": 0.02, "chain": "base"}})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE


def test_the_asset_may_be_an_object():
    offer = V1_OFFER | {"asset": {"address": "0xT0KEN", "decimals": 6}}
    assert read(body={"x402Version": 1, "accepts": [offer]}).challenges[0].asset == "0xT0KEN"


def test_s402_is_told_apart():
    terms = read({"payment-required": encoded({"s402Version": "1", "accepts": ["exact"]} | OFFER)})
    (challenge,) = terms.challenges
    assert (challenge.protocol, challenge.version) == ("s402", "1")
    assert challenge.pay_to == "0xSHOP"


def test_a_mention_of_the_protocol_suffices():
    terms = read(body={"error": {"type": "x402-payment-required", "message": "Attach a payment."}})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert [each.protocol for each in terms.challenges] == ["x402"]
    assert read(body=b"Send an X-PAYMENT header.").verdict.reason is Reason.PAYMENT_CHALLENGE


def test_a_mention_beside_words_of_an_account_does_not():
    said = {"message": "Your credits are gone. Add some, or pay by x402."}
    assert read(body=said) == (None, ())


def test_offers_decide_although_the_body_speaks_of_a_balance():
    body = {"error": {"code": "insufficient_balance", "message": "Balance: 0"}, "accepts": [OFFER]}
    assert read(body=body).verdict.reason is Reason.PAYMENT_CHALLENGE


def test_terms_without_offers_leave_an_account_matter_to_others():
    value = encoded(
        {"error": "the budget of this month is spent", "checkout_url": "https://a.example"}
    )
    terms = read({"payment-required": value}, {})
    assert terms.verdict is None
    assert terms.challenges[0].raw["checkout_url"] == "https://a.example"


@pytest.mark.parametrize("name", ["payment-response", "x-payment-response"])
def test_a_receipt_of_failure_is_a_failed_payment(name):
    receipt = {"success": False, "errorReason": "insufficient_funds", "network": "eip155:10"}
    terms = read({name: encoded(receipt)}, {})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.code == "insufficient_funds"
    assert terms.verdict.evidence == (f"header {name}: x402",)
    assert [(each.protocol, each.network) for each in terms.challenges] == [("x402", "eip155:10")]


def test_a_receipt_counts_on_other_errors_and_not_on_success():
    headers = {"payment-response": encoded({"success": "false", "errorReason": "timeout"})}
    assert read(headers, status=503).verdict.reason is Reason.PAYMENT_FAILED
    assert read(headers, status=200) == (None, ())
    assert read({"payment-response": encoded({"success": True})}, status=503) == (None, ())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("insufficient_funds", "insufficient_funds"),
        ("invalid_exact_evm_payload_signature", "invalid_exact_evm_payload_signature"),
        ("unexpected_settle_error", "unexpected_settle_error"),
        ("Settlement failed on the chain", None),
        ("The payment is not confirmed yet", None),
        ("No matching payment requirements", None),
    ],
)
def test_an_error_of_a_tried_payment_is_a_failed_payment(error, code):
    terms = read({"payment-required": encoded(V2 | {"error": error})})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.code == code
    assert terms.challenges[0].pay_to == "0xSHOP"


@pytest.mark.parametrize(
    "error",
    [
        "Payment required",
        "payment_required",
        "X-PAYMENT header is required",
        "invalid_payment_header_required",
        "Invalid payment or missing header",
        "insufficient_credits",
        {"name": "ZodError"},
        None,
    ],
)
def test_an_error_of_first_contact_is_a_challenge(error):
    terms = read(body={"x402Version": 1, "error": error, "accepts": [V1_OFFER]})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_terms_count_on_a_402_only(status):
    headers = {"payment-required": encoded(V2)}
    assert read(headers, {"x402Version": 1, "accepts": [V1_OFFER]}, status) == (None, ())


def rpc(**answer):
    return read(body={"jsonrpc": "2.0", "id": 1, **answer}, status=200)


def test_a_tool_that_must_be_paid_for_answers_200():
    texts = [{"type": "text", "text": json.dumps(V2)}]
    for told in ({"structuredContent": V2}, {"content": texts}):
        terms = rpc(result={"isError": True, **told})
        assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
        assert [challenge.raw for challenge in terms.challenges] == [OFFER]
    v1 = {"x402Version": 1, "error": "payment needed", "accepts": [V1_OFFER]}
    assert rpc(error={"code": 402, "message": "Pay", "data": v1}).challenges[0].version == "1"


def test_a_tool_whose_payment_failed_says_so():
    terms = rpc(result={"isError": True, "structuredContent": V2 | {"error": "invalid_signature"}})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED


@pytest.mark.parametrize(
    "answer",
    [
        {"result": {"isError": False, "structuredContent": V2}},
        {"result": {"structuredContent": V2}},
        {"result": V2},
        {"result": [V2]},
        {"result": {"isError": True, "content": [{"type": "text", "text": "x402 is down"}]}},
        {"error": {"code": 402, "message": "x402 payment required"}},
        {"error": {"code": -32000, "data": V2}},
        {"error": "402", "data": V2},
    ],
)
def test_other_answers_of_tools_are_no_terms(answer):
    assert rpc(**answer) == (None, ())


def test_no_more_than_32_offers_are_kept():
    assert len(read(body={"x402Version": 1, "accepts": [V1_OFFER] * 99}).challenges) == 32


def test_the_header_stands_in_for_an_empty_body():
    headers = {"payment-required": encoded(V2 | {"error": "A fee is due"})}
    unfolded = unfold_header(read_document(402, headers, b"{}", url="https://shop.example"))
    assert unfolded.data["error"] == "A fee is due"
    assert (unfolded.url, unfolded.headers) == ("https://shop.example", headers)


def test_the_message_of_grpc_stands_in_for_an_empty_body():
    headers = {"grpc-status": "13", "grpc-message": "payment required"}
    assert unfold_header(read_document(200, headers, b"")).text == "payment required"


@pytest.mark.parametrize(("status", "body"), [(402, b'{"error": "x"}'), (402, b"Hi"), (429, b"")])
def test_a_body_that_says_something_stays(status, body):
    document = read_document(status, {"payment-required": encoded(V2)}, body)
    assert unfold_header(document) is document


def test_an_empty_body_without_such_headers_stays_empty():
    assert unfold_header(read_document(402, {}, b"")).kind == "nothing"
    assert unfold_header(read_document(402, {"payment-required": "{}"}, b"")).kind == "nothing"
