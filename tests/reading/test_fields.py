from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payreq.details import PaymentDetails
from payreq.reading.document import fold_headers, read_document
from payreq.reading.field_names import CODES, KINDS, MEMBERS, MESSAGES
from payreq.reading.fields import read_fields

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def read(body=b"", *, status=402, places=None, **headers):
    """Read a response; header names are written with underscores."""
    if not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    names = fold_headers((name.replace("_", "-"), value) for name, value in headers.items())
    document = read_document(status, names, body, url="https://api.example.com/v1/things")
    return read_fields(document, places or {})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "No funds are left"}, "No funds are left"),
        ({"error": {"message": "No funds are left"}, "id": 7}, "No funds are left"),
        (
            {"title": "No funds", "detail": "Your wallet is empty today"},
            "Your wallet is empty today",
        ),
        ({"error": "Payment Required", "message": "No funds are left"}, "No funds are left"),
        ({"message": "Payment Required", "detail": "Your wallet is empty"}, "Your wallet is empty"),
        (
            {"message": "Error 402: Payment Required", "hint": "Your wallet is empty"},
            "Your wallet is empty",
        ),
        (
            {"message": "NO_FUNDS", "result": "Sorry, your wallet is empty"},
            "Sorry, your wallet is empty",
        ),
        ({"message": "NO_FUNDS"}, "NO_FUNDS"),
        ({"errors": ["Your wallet is empty"]}, "Your wallet is empty"),
        ({"errors": {"base": ["Your wallet is empty"]}}, "Your wallet is empty"),
        (
            {"errors": [{"title": "Funds", "detail": "Your wallet is empty"}]},
            "Your wallet is empty",
        ),
        (
            {"error": "no_funds", "error_description": "Your wallet is empty"},
            "Your wallet is empty",
        ),
        (
            {"short_message": "Empty", "long_message": "Your wallet is empty"},
            "Your wallet is empty",
        ),
        ({"error": "Wallet empty", "promo": {"message": "Get the new app today"}}, "Wallet empty"),
        (
            {"error": "Payment required", "accepts": [{"description": "A report on the tides"}]},
            "Payment required",
        ),
        (
            {"title": "Pay first", "resource": {"description": "A report on the tides"}},
            "Pay first",
        ),
        ({"detail": "Wallet\n\n empty\u202e"}, "Wallet empty"),
        ({"detail": "钱包已空"}, "钱包已空"),
        ('"Your wallet is empty"', "Your wallet is empty"),
        ("Your wallet is empty", "Your wallet is empty"),
        ('APIError: {"error": {"message": "Your wallet is empty"}}', "Your wallet is empty"),
        (
            "<Fault><Code>Empty</Code><Message>Your wallet is empty</Message></Fault>",
            "Your wallet is empty",
        ),
        (
            {
                "message": "Provider returned error",
                "raw": '{"error": {"message": "No funds are left"}}',
            },
            "No funds are left",
        ),
    ],
)
def test_the_message_is_the_sentence_that_tells_the_most(body, message):
    assert read(body)["message"] == message


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        {"error": "no_funds"},
        {"message": " "},
        {"docs": "https://docs.example.com/x", "error": "https://example.com"},
        {"balance": "1,50 €"},
    ],
)
def test_codes_links_and_figures_are_no_message(body):
    assert "message" not in read(body)


def test_a_header_holds_the_message_where_the_body_has_none():
    assert read(grpc_message="No%20funds%20are%20left")["message"] == "No funds are left"
    assert read({"error": "Wallet empty"}, grpc_message="no")["message"] == "Wallet empty"


def test_of_a_page_the_first_lines_that_are_sentences_are_the_message():
    page = "<html><title>402 Payment Required</title><h1>Oh</h1><p>Your wallet is empty.</p></html>"
    assert read(page)["message"] == "Your wallet is empty."
    assert read("<html><title>402</title><h1>Oh</h1></html>")["message"] == "402"
    text = "402: PAYMENT_REQUIRED\nCode: SITE_OFF\nID: fra1::x-1795600800-77\n\nThis site is off."
    facts = read(text, content_type="text/html")
    assert facts["message"] == "This site is off."
    assert facts["code"] == "SITE_OFF"
    assert facts["request_id"] == "fra1::x-1795600800-77"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "no_funds", "type": "billing_error"}, "no_funds"),
        ({"error": {"code": 402, "type": "no_funds"}}, "no_funds"),
        ({"error": {"code": 107, "type": "account_on_hold"}}, "account_on_hold"),
        ({"type": "error", "error": {"type": "no_funds"}}, "no_funds"),
        (
            {"error": {"code": 403, "status": "DENIED_X", "details": [{"reason": "NO_FUNDS"}]}},
            "NO_FUNDS",
        ),
        ({"name": "BAD_STATE", "details": [{"issue": "NO_FUNDS"}]}, "NO_FUNDS"),
        ({"status": "NO_FUNDS", "message": "Empty"}, "NO_FUNDS"),
        ({"code": 1008, "status": "FAILED_X"}, "1008"),
        ({"error": {"code": "1113"}}, "1113"),
        ({"base": {"status_code": 1008}, "status_code": 1009}, "1009"),
        ({"error": {"code": -32005, "message": "Empty"}}, "-32005"),
        ({"error": {"type": "1113", "message": "Empty"}}, "1113"),
        ({"code": 402, "message": "Empty"}, "402"),
        ({"code": 200, "message": "Empty"}, "200"),
        ({"sys": {"type": "Error", "id": "NoFunds"}, "message": "Empty"}, "NoFunds"),
        ({"odata.error": {"code": "NoFunds"}}, "NoFunds"),
        ({"error": "402", "message": "Empty"}, "402"),
        ({"error": "Wallet Empty", "message": "There is nothing in it"}, "Wallet Empty"),
        ({"code": "Not for this caller", "error": "Your wallet is empty"}, "Not for this caller"),
        ({"error": "err.no_funds"}, "err.no_funds"),
        ({"status": 0, "answer": "ERROR_NO_FUNDS"}, "ERROR_NO_FUNDS"),
        ({"errors": {"plan": "Yours lacks this season"}}, "plan"),
        ({"errors": {"plan": ["Yours lacks this season"]}}, None),
        ({"title": "NoFunds", "type": "https://example.com/problems/funds"}, "NoFunds"),
        (
            {"title": "No funds", "type": "https://example.com/no-funds"},
            "https://example.com/no-funds",
        ),
        ({"title": "No funds", "type": "/problems/no-funds"}, "/problems/no-funds"),
        ({"error": {"type": "/problems/no-funds"}}, None),
        ({"title": "No funds", "type": "about:blank"}, None),
        ({"__type": "com.example.wallet#NoFundsException"}, "NoFundsException"),
        ({"errors": [{"message": "Empty", "extensions": {"code": "NO_FUNDS"}}]}, "NO_FUNDS"),
        ({"error": {"code": "no_funds", "payment": {"code": "other"}}}, "no_funds"),
        ({"payment": {"code": "card_x", "type": "card_y"}}, "card_x"),
        ({"payment": {"code": 77, "type": "card_y"}}, None),
        ({"error": "Payment Required", "message": "Empty"}, None),
        ({"error": "Payment required", "code": "402", "message": "Empty"}, "402"),
        ({"code": "Payment required", "message": "Empty"}, None),
        ({"id": "err-0a1b2c", "message": "Empty"}, None),
        ({"statusCode": 402, "message": "Empty", "code": None}, None),
        ({"code": 0, "error": True, "status": "error"}, None),
        ("<Fault><Code>NoFunds</Code></Fault>", "NoFunds"),
    ],
)
def test_the_code_is_the_member_that_tells_the_most(body, code):
    assert read(body).get("code") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('Gone (code: "no-funds-2")', "no-funds-2"),
        ("status: 400, code: Arrears, message: Empty", "Arrears"),
        ("Locked. Reason: the card was lost", None),
        ("account disabled: NO_FUNDS", "NO_FUNDS"),
        ("Invalid APP_KEY, then NO_FUNDS", "NO_FUNDS"),
        ("The wallet is empty. (Code: 1323)", "1323"),
        ("OptInRequired: the wallet is empty", "OptInRequired"),
        ("InvalidWallet.Empty: The wallet is empty", "InvalidWallet.Empty"),
        ("ERR::ACCOUNT::UNPAID: The invoice is open", "ERR::ACCOUNT::UNPAID"),
        ("usage-limit-reached: The wallet is empty", "usage-limit-reached"),
        ("The wallet AWS::EC2::Wallet at 2001:DB8::FF is empty", None),
        ("Invalid APP_KEY", None),
        ("NoFundsException: The wallet is empty", "NoFundsException"),
        ("The wallet is empty, accountEmpty", "accountEmpty"),
        ("The wallet is empty", None),
    ],
)
def test_a_sentence_may_hold_the_code(text, code):
    assert read(text).get("code") == code
    assert read({"message": text}).get("code") == code


def test_headers_may_hold_the_code():
    assert read(x_amzn_errortype="NoFunds:http://internal.example.com/")["code"] == "NoFunds"
    assert read(x_acme_reject_code="NO_FUNDS")["code"] == "NO_FUNDS"
    assert "code" not in read(x_error_code="not a code")


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        ({"request_id": "req_7"}, {"request_id": "req_7"}),
        ({"error": {"traceId": "t-12345"}}, {"request_id": "t-12345"}),
        ({"instance": "0af3-77"}, {"request_id": "0af3-77"}),
        ({"instance": "/v1/things"}, {}),
        ({"error_id": 1}, {}),
        ({"id": "0af3b6c7d8e90af3b6c7"}, {"request_id": "0af3b6c7d8e90af3b6c7"}),
        ({"id": "err-0a1b2c"}, {"request_id": "err-0a1b2c"}),
        ({"id": "error-in-request"}, {}),
        ({"id": "things"}, {}),
        ({"organization_id": "org-7"}, {"account_id": "org-7"}),
        ({"plan_type": "free"}, {"plan": "free"}),
        ({"plan": {"name": "Free", "seats": 2}}, {"plan": "Free"}),
        ({"plan": "https://example.com/x"}, {}),
        ({"tier": 3}, {}),
        ({"tier": "x" * 80}, {}),
        (
            {"required_plan": "pro", "feature": "export"},
            {"required_plan": "pro", "feature": "export"},
        ),
        ({"limit": 10, "used": 9, "remaining": 1}, {"limit": 10, "used": 9, "remaining": 1}),
        ({"quota": {"limit": {"value": 10}}}, {"limit": 10}),
        ({"limit": "10 per minute"}, {}),
        ({"limit": "none"}, {}),
        ({"page_size_limit": 10}, {}),
        ({"item": {"limit": 10}}, {}),
        ({"character_limit": 10}, {"limit": 10, "unit": "characters"}),
        ({"maxSeats": 10}, {"limit": 10, "unit": "seats"}),
        ({"maxAge": 10}, {}),
        ({"remaining_exports": 0}, {"remaining": 0, "unit": "exports"}),
        ({"acme_trace_id": "t-12345"}, {"request_id": "t-12345"}),
        ({"operation_id": "op-12345"}, {"request_id": "op-12345"}),
        ({"details": {"available": 5, "required": 9}}, {"balance": 5, "amount": 9}),
        ({"user_plan": "free", "credits_needed": 3}, {"plan": "free", "amount": 3}),
        ({"price": "3 EUR"}, {"amount": 3, "currency": "EUR"}),
        ({"price": {"amount": 3}}, {"amount": 3}),
        ({"cost": 0}, {}),
        ({"violations": [{"quotaValue": "50"}]}, {"limit": 50}),
        ({"balance": {"amount": "1,50 €"}}, {"balance": Decimal("1.5"), "currency": "EUR"}),
        (
            {"amount": {"currency": "USD", "value": 4900}},
            {"amount": Decimal(4900), "currency": "USD"},
        ),
        ({"credits_required": 5}, {"amount": 5}),
        ({"minimumRequired": "1.00"}, {"amount": Decimal("1.00")}),
        ({"amount_due": 5, "currency": "usd"}, {"amount": 5, "currency": "usd"}),
        ({"resets_at": 1796083200}, {"resets_at": DECEMBER}),
        ({"resetAt": "Tue, 01 Dec 2026 00:00:00 GMT"}, {"resets_at": DECEMBER}),
        ({"reset": 3600}, {"resets_at": datetime(2026, 11, 24, 11, tzinfo=UTC)}),
        ({"resets_at": "soon"}, {}),
        ({"retry_after_ms": 1500}, {"retry_after": 1.5}),
        ({"retry_after_ms": "soon"}, {}),
        ({"retry_after_s": 39949}, {"retry_after": 39949}),
        ({"retryDelay": "30s"}, {"retry_after": 30.0}),
        ({"backoff_seconds": 0}, {}),
        ({"retryable": False}, {"retryable": False}),
        ({"billing_url": "/billing"}, {"billing_url": "https://api.example.com/billing"}),
        (
            {"limit_usd": 20.0, "spent_usd": 20.5},
            {"limit": 20, "used": Decimal("20.5"), "currency": "USD"},
        ),
        ({"usd": 3}, {}),
        ({"limit": 10, "current": 12}, {"limit": 10, "used": 12}),
        ({"id": "as-xp1jmkxe03"}, {"request_id": "as-xp1jmkxe03"}),
        ({"quota_usage": 12}, {"used": 12}),
        ({"payload": {"used": 600, "limit": 500}}, {"used": 600, "limit": 500}),
        ({"upgradeRequired": "starter"}, {"required_plan": "starter"}),
        ({"creditRequired": 0.001}, {"amount": Decimal("0.001")}),
        ({"runtimeQuota": {"retryAfterSeconds": 60}}, {"retry_after": 60.0}),
    ],
)
def test_members_named_for_a_fact_hold_it(body, facts):
    found = read(body, date="Tue, 24 Nov 2026 10:00:00 GMT")
    assert {
        name: value for name, value in found.items() if name not in {"message", "code"}
    } == facts


def test_outer_members_go_before_inner_ones_and_members_before_sentences():
    facts = read({"data": {"limit": 1}, "limit": 2, "message": "Over the limit of 3 credits"})
    assert facts["limit"] == 2


def test_every_sentence_of_an_answer_is_read():
    body = {"message": "Your wallet is empty", "hint": "This needs the Growth plan", "n": [3, "x"]}
    assert read(body)["required_plan"] == "Growth"


def test_headers_hold_ids_waits_and_quotas():
    facts = read(
        x_acme_request_id="r-1234",
        cf_ray="c-1234",
        openai_organization="org-7",
        retry_after="60",
        x_ratelimit_limit_day="100",
        x_ratelimit_remaining_day="0",
    )
    assert facts == {
        "request_id": "r-1234",
        "account_id": "org-7",
        "retry_after": 60.0,
        "limit": 100,
        "remaining": 0,
    }
    assert read({"request_id": "r-body"}, x_request_id="r-head")["request_id"] == "r-body"
    assert read(cf_ray="c-1234", x_request_id="not an id")["request_id"] == "c-1234"


def test_a_profiles_places_go_first_and_what_is_not_valid_there_is_passed_over():
    body = {
        "info": {"cap": "none", "max": "7 things", "when": "2026-12-01", "wait": "2m"},
        "more": {"again": "no", "really": "true", "pay": "javascript:alert(1)", "buy": "/pay"},
        "said": "Empty\nwallet",
        "limit": 9,
        "code": "other",
    }
    places = {
        "limit": ("/info/absent", "/info/cap", "/info/max"),
        "resets_at": ("/info/when",),
        "retry_after": ("/info/wait",),
        "retryable": ("/more/again", "/more/really"),
        "billing_url": ("/more/pay", "/more/buy"),
        "message": ("/said",),
        "code": ("header:x-acme",),
        "plan": ("/absent",),
    }
    assert read(body, places=places, x_acme="E7") == {
        "limit": 7,
        "resets_at": DECEMBER,
        "retry_after": 120.0,
        "retryable": True,
        "billing_url": "https://api.example.com/pay",
        "message": "Empty wallet",
        "code": "E7",
    }


def test_long_texts_are_bounded():
    facts = read({"message": "word " * 5_000, "code": "x" * 5_000, "request_id": "r" * 5_000})
    assert len(facts["message"]) == 1_000
    assert len(facts["code"]) == 200
    assert "request_id" not in facts


NAMES = st.sampled_from(
    [*CODES, *KINDS, *MESSAGES, *(name for names in MEMBERS.values() for name in names)]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
PAYLOADS = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)
HEADERS = st.dictionaries(
    st.sampled_from(["date", "retry-after", "ratelimit", "x-ratelimit-reset", "x-request-id"]),
    st.text() | st.sampled_from(["Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400, "-1"]),
)


@settings(max_examples=200)
@given(PAYLOADS.map(json.dumps).map(str.encode) | st.text().map(str.encode) | st.binary(), HEADERS)
def test_no_answer_makes_reading_raise_and_every_fact_is_valid(body, headers):
    document = read_document(402, headers, body, url="https://api.example.com/")
    facts = read_fields(document, {"limit": ("text",), "account_id": ("/*", "url")})
    details = PaymentDetails(reason="unknown", status=402, **facts)
    for name, value in facts.items():
        assert getattr(details, name) == value
        assert value not in (None, "")


def test_a_header_that_is_no_id_names_no_account():
    assert "account_id" not in read({"message": "No"}, openai_organization="not one word")
