from __future__ import annotations

import httpx
import httpx2
import pytest

from payreq.details import PaymentDetails
from payreq.redaction import Answer, kept_request, kept_response, scrubbed, secrets_in

KEY = "sk-test-0123456789abcdef"
REQUEST = httpx.Request("GET", "https://api.example.com/x", headers={"X-Api-Key": KEY})


def details(**facts):
    return PaymentDetails(reason="unknown", status=402, **facts)


def test_what_no_secret_stands_in_stays_as_it_is():
    facts = details(message="no credit", billing_url="https://example.com/b", evidence=("status",))
    assert scrubbed(facts, REQUEST) == facts
    assert scrubbed(facts, None) is facts
    assert scrubbed(facts, httpx.Request("GET", "https://api.example.com/x")) is facts


def test_a_secret_that_was_cut_off_is_hidden_too():
    told = scrubbed(details(message="your key sk-test-0123…"), REQUEST).message
    assert told == "your key …"
    assert scrubbed(details(message="so it goes on…"), REQUEST).message == "so it goes on…"


def test_a_reason_is_no_text_of_the_server():
    request = httpx.Request(
        "GET", "https://u:unknown@api.example.com", headers={"x-key": "account"}
    )
    told = scrubbed(details(scope="account", message="unknown account"), request)
    assert told.scope == "account"
    assert told.reason == "unknown"
    assert told.message == "… …"


@pytest.mark.parametrize("echo", ["a/b<c&\u00e4-0123456789", r"a\/b<c&ä-0123456789"])
def test_every_form_of_an_echo_is_known(echo):
    secret = "a/b<c&\u00e4-0123456789"
    request = httpx.Request("GET", "https://api.example.com", params={"api_key": secret})
    assert echo in secrets_in(request)
    assert "a/b&lt;c&amp;\u00e4-0123456789" in secrets_in(request)
    assert r"a/b<c&\u00e4-0123456789" in secrets_in(request)


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"model": "m", "api_key": "plain-canary/0123"}},
        {"json": {"auth": {"clientKey": "plain-canary/0123"}}},
        {"content": b'{"password" : "plain-canary\\/0123"}'},
        {"content": b'{"app_secret": "plain-canary/0123", "user_token": "bad \\x escape"}'},
        {"data": {"grant_type": "x", "client_secret": "plain-canary/0123"}},
    ],
)
def test_a_key_that_the_request_s_body_holds_is_hidden(library, sent):
    request = library.Request("POST", "https://api.example.com/x", **sent)
    told = scrubbed(details(message="no credit for plain-canary/0123"), request)
    assert told.message == "no credit for …0123"


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"message": "no credit", "max_tokens": 1000, "key": "no credit", "author": "no"}},
        {"content": iter([b'{"api_key": "no credit"}'])},
    ],
)
def test_what_else_a_body_holds_is_no_secret(sent):
    request = httpx.Request("POST", "https://api.example.com/x", **sent)
    assert scrubbed(details(message="no credit"), request).message == "no credit"


def test_a_body_keeps_all_but_the_secret():
    response = httpx.Response(402, content=b"\xff " + KEY.encode() + b" \x00")
    kept = kept_response(response, REQUEST)
    assert kept.content == b"\xff " + "…cdef".encode() + b" \x00"


def test_headers_that_hold_secrets_and_those_of_the_transfer_are_dropped():
    headers = {
        "WWW-Authenticate": "Payment realm=x",
        "Retry-After": "3",
        "Set-Cookie": "a=b",
        "Authentication-Info": "x",
        "X-Api-Key": "x",
        "Content-Encoding": "identity",
    }
    kept = kept_response(httpx.Response(402, headers=headers), None)
    assert kept.headers == {"www-authenticate": "Payment realm=x", "retry-after": "3"}
    assert (kept.url, kept.request) == (None, None)


def test_nothing_is_kept_of_nothing():
    assert kept_request(None) is None
    assert kept_response(None, None) is None
    assert Answer(402, {}, b"\xff").text == "\ufffd"
