from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from payreq import Reason
from payreq.reading.challenges import read_challenges
from payreq.reading.document import read_document

PROBLEMS = "https://paymentauth.org/problems/"
REQUEST = {"amount": "1250", "currency": "eur", "recipient": "shop_9"}


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def challenge(**changes: str | None) -> str:
    parameters: dict[str, str | None] = {
        "id": "c-1",
        "realm": "tides.example",
        "method": "card",
        "intent": "charge",
        "request": encoded(REQUEST),
    } | changes
    given = (f'{name}="{value}"' for name, value in parameters.items() if value is not None)
    return "Payment " + ", ".join(given)


def read(header=None, body: object = b"", status=402, sent=None, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = headers | ({} if header is None else {"www-authenticate": header})
    return read_challenges(read_document(status, fields, raw), sent or {})


def test_a_challenge_is_read_whole():
    terms = read(challenge(expires="2027-01-02T03:04:05Z", description="Payment for tides, twice"))
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.evidence == ("header www-authenticate: Payment card charge",)
    (found,) = terms.challenges
    assert found.protocol == "mpp"
    assert (found.method, found.intent) == ("card", "charge")
    assert (found.amount, found.currency, found.pay_to) == (Decimal(1250), "eur", "shop_9")
    assert found.expires_at == datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.raw["request"] == REQUEST
    assert found.raw["id"] == "c-1"


def test_terms_may_stand_in_the_challenge_itself():
    terms = read('Payment realm="tides.example", method="card", amount="0.50", currency="EUR"')
    (found,) = terms.challenges
    assert (found.amount, found.currency, found.method) == (Decimal("0.50"), "EUR", "card")


def test_what_is_paid_with_may_be_named_as_an_asset():
    (found,) = read(challenge(intent="stream", request=encoded({"asset": "0x20c0"}))).challenges
    assert (found.asset, found.currency) == ("0x20c0", None)


def test_several_challenges_keep_the_order_of_the_server():
    terms = read(f"{challenge()}, Bearer realm=x, {challenge(method='tempo')}")
    assert [each.method for each in terms.challenges] == ["card", "tempo"]


@pytest.mark.parametrize(
    ("details", "network", "invoice"),
    [
        ({"methodDetails": {"network": "mainnet", "invoice": "lnbc9"}}, "mainnet", "lnbc9"),
        ({"methodDetails": {"chainId": 4217, "depositInvoice": "lnbc8"}}, "4217", "lnbc8"),
        ({"depositInvoice": "lnbc7"}, None, "lnbc7"),
        ({"methodDetails": "none"}, None, None),
    ],
)
def test_network_and_invoice_stand_in_the_details_of_the_method(details, network, invoice):
    (found,) = read(challenge(request=encoded(REQUEST | details))).challenges
    assert (found.network, found.invoice) == (network, invoice)


@pytest.mark.parametrize(
    "broken",
    [
        challenge(request="<json>"),
        challenge(request=encoded(["list"])),
        challenge(request=encoded({"a": "x" * 20_000})),
        challenge(id=""),
        challenge(realm=None),
        challenge(header="X-Other"),
        challenge() + ', id="again"',
        "Payment",
    ],
)
def test_terms_that_no_machine_can_use_leave_an_account_matter_to_others(broken):
    assert read(broken).verdict.reason is Reason.PAYMENT_CHALLENGE
    assert read(broken).challenges[0].protocol == "mpp"
    assert read(broken, {"message": "Your balance is too low"}).verdict is None


def test_usable_terms_decide_although_the_body_speaks_of_an_account():
    for header in (challenge(), challenge(header="Payment-Authorization")):
        terms = read(header, {"message": "Your balance is too low"})
        assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE


def test_no_more_than_32_challenges_are_kept():
    assert len(read(", ".join([challenge()] * 40)).challenges) == 32


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_a_challenge_on_another_status_is_no_refusal(status):
    assert read(challenge(), status=status) == (None, ())
    assert read('Payment error="close_failed"', status=status) == (None, ())


def test_the_problem_type_of_first_contact_is_a_challenge():
    terms = read(challenge(), {"type": f"{PROBLEMS}payment-required", "title": "Pay"})
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.code == f"{PROBLEMS}payment-required"
    alone = read(body={"type": f"{PROBLEMS}payment_invalid", "code": "payment_invalid"})
    assert alone.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert alone.verdict.code == "payment_invalid"
    assert [each.protocol for each in alone.challenges] == ["mpp"]


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (402, "payment-insufficient"),
        (402, "payment-expired"),
        (402, "invalid-challenge"),
        (400, "method-unsupported"),
        (403, "verification-failed"),
        (410, "session/channel-finalized"),
        (402, "lightning/unknown-challenge"),
        (500, "internal-payment-error"),
    ],
)
def test_other_problem_types_are_failed_payments(status, name):
    terms = read(body={"type": PROBLEMS + name}, status=status)
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.code == PROBLEMS + name
    coded = read(body={"type": PROBLEMS + name, "code": "own-code"}, status=status)
    assert coded.verdict.code == "own-code"
    assert terms.verdict.evidence == (f"problem type {PROBLEMS}{name}",)
    assert [each.protocol for each in terms.challenges] == ["mpp"]


def test_a_failed_payment_keeps_the_new_challenge():
    terms = read(challenge(id="c-2"), {"type": f"{PROBLEMS}payment-expired"})
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert [each.raw["id"] for each in terms.challenges] == ["c-2"]


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (400, f"{PROBLEMS}bad-request"),
        (200, f"{PROBLEMS}verification-failed"),
        (403, f"{PROBLEMS}verification failed, see there"),
        (403, "https://elsewhere.example/problems/verification-failed"),
        (403, 7),
    ],
)
def test_other_problems_are_left_to_others(status, problem):
    assert read(body={"type": problem}, status=status) == (None, ())


@pytest.mark.parametrize("name", ["authorization", "payment-authorization"])
def test_an_answer_to_a_payment_is_a_failed_payment(name):
    sent = {name: "Payment eyJjaGFsbGVuZ2UiOnt9fQ"}
    terms = read(challenge(), {"type": f"{PROBLEMS}payment-required"}, sent=sent)
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert terms.verdict.evidence == (f"request header {name}",)


# Over JSON-RPC


def rpc(code, status=200, **data):
    body = {"jsonrpc": "2.0", "id": 4, "error": {"code": code, "message": "Pay", "data": data}}
    return read(body=body, status=status)


@pytest.mark.parametrize("status", [200, 402])
def test_over_json_rpc_the_challenges_stand_in_the_error(status):
    asked = {"id": "c-1", "realm": "tides.example", "method": "card", "intent": "charge"}
    terms = rpc(-32042, status, httpStatus=402, challenges=[asked | {"request": REQUEST}, "x"])
    assert terms.verdict.reason is Reason.PAYMENT_CHALLENGE
    assert terms.verdict.evidence == ("JSON-RPC error -32042",)
    (found,) = terms.challenges
    assert (found.protocol, found.method, found.intent) == ("mpp", "card", "charge")
    assert (found.amount, found.currency, found.pay_to) == (Decimal(1250), "eur", "shop_9")


def test_over_json_rpc_a_payment_may_have_failed():
    terms = rpc(-32043, httpStatus=402)
    assert terms.verdict.reason is Reason.PAYMENT_FAILED
    assert [each.protocol for each in terms.challenges] == ["mpp"]


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (-32042, {"elicitations": [{"url": "https://tides.example/sign-in"}]}),
        (-32042, {"httpStatus": 401}),
        (-32601, {"httpStatus": 402}),
    ],
)
def test_other_json_rpc_errors_ask_for_no_payment(code, data):
    assert rpc(code, **data) == (None, ())


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": -32042, "data": {"httpStatus": 402}}},
        {"jsonrpc": "2.0", "error": "-32042"},
        {"jsonrpc": "2.0", "error": {"code": -32042, "data": [402]}},
        [{"jsonrpc": "2.0"}],
    ],
)
def test_what_only_resembles_such_an_error_is_none(body):
    assert read(body=body, status=200) == (None, ())
