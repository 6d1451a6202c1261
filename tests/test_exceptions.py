from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime

import httpx
import httpx2
import pytest
import requests

import payreq
from payreq import Reason
from payreq.blocking.block import Block
from payreq.details import Challenge, PaymentDetails
from payreq.exceptions import CLASSES, fresh, refusal
from payreq.reasons import MEANINGS
from payreq.redaction import Answer
from payreq.telling.messages import Voice

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BOTH = [httpx, httpx2]
PROTOCOLS = [2, 3, 4, 5]


def details(reason="credits_exhausted", **facts):
    return PaymentDetails(reason=reason, status=facts.pop("status", 402), **facts)


def refused(library=httpx, reason="credits_exhausted", **options):
    request = library.Request("POST", "https://api.example.com/v1/exports?page=2")
    response = library.Response(402, json={"error": "no credit"}, request=request)
    options = {"request": request, "response": response, "at": NOON} | options
    return refusal(details(reason), **options)


@pytest.fixture(autouse=True)
def unknown_provider(monkeypatch):
    monkeypatch.setattr("payreq.reading.providers.about", lambda *_: None)


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_has_its_exception(reason):
    assert CLASSES[reason] is getattr(payreq, MEANINGS[reason].exception)
    made = refused(reason=reason)
    assert isinstance(made, CLASSES[reason])
    assert isinstance(made, payreq.PaymentRequired)
    assert type(made).__name__ == MEANINGS[reason].exception
    assert made.reason is reason


def test_a_refusal_is_made_of_details():
    with pytest.raises(TypeError, match=r"details must be a payreq.PaymentDetails, not str"):
        payreq.PaymentRequired("no credit")


def test_an_unknown_reason_is_payment_required_itself():
    assert type(refusal(details("unknown"), at=NOON)) is payreq.PaymentRequired


@pytest.mark.parametrize("library", BOTH)
def test_it_is_a_status_error_of_the_library_that_sent_it(library):
    made = refused(library)
    assert isinstance(made, library.HTTPStatusError)
    other = httpx2 if library is httpx else httpx
    assert not isinstance(made, other.HTTPStatusError)
    assert made.request.method == "POST"
    assert made.response.json() == {"error": "no credit"}
    assert type(made) is type(refused(library))


def test_a_request_alone_tells_the_library_too():
    made = refused(response=None, sent=False)
    assert isinstance(made, httpx.HTTPStatusError)
    assert made.response is None


def test_a_response_without_a_request_is_no_trouble():
    made = refusal(details(), response=httpx.Response(402), at=NOON)
    assert isinstance(made, httpx.HTTPStatusError)
    assert made.request is None
    assert pickle.loads(pickle.dumps(made)).response.status_code == 402


def test_without_either_library_it_is_no_status_error():
    made = refusal(details(), response=Answer(402, {}, b""), at=NOON)
    assert type(made) is payreq.CreditsExhausted
    assert made.request is None
    assert not isinstance(made, httpx.HTTPStatusError)
    assert not hasattr(httpx, "payreq")


@pytest.mark.skipif(not hasattr(httpx2, "alias_httpx"), reason="came with httpx2 2.9")
def test_where_httpx_is_an_alias_there_is_one_status_error():
    program = """
import httpx2; httpx2.alias_httpx()
import httpx, payreq, pickle
from payreq.details import PaymentDetails
from payreq.exceptions import refusal
request = httpx.Request("GET", "https://api.example.com/x")
details = PaymentDetails(reason="credits_exhausted", status=402)
made = refusal(details, request=request, response=httpx.Response(402, request=request), at=None)
assert isinstance(made, httpx.HTTPStatusError) and isinstance(made, httpx2.HTTPStatusError)
again = pickle.loads(pickle.dumps(made))
assert type(again) is type(made)
print("ok")
"""
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("ok\n", "")


def test_neither_library_is_imported_for_it():
    program = """
import sys, payreq.exceptions
assert not {"httpx", "httpx2", "pydantic", "tenacity"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def block(**changes):
    facts = {
        "origin": "https://api.example.com",
        "feature": "export",
        "account": "tenant-7",
        "reason": Reason.CREDITS_EXHAUSTED,
        "details": details(),
        "since": NOON,
        "next_check": NOON,
    }
    return Block(**(facts | changes))


def test_its_text_is_one_line_with_all_that_helps():
    facts = details(status=429, code="no_\ncredit", request_id="req_1")
    request = httpx.Request("POST", "https://api.example.com:8443/v1/exports")
    made = refusal(facts, request=request, feature="export", block=block(), sent=False, at=NOON)
    assert str(made) == (
        "api.example.com: the credits are used up (status 429, code no_ credit, request req_1, "
        "feature export); refused here, not sent; next check 2026-11-24T12:00:00+00:00"
    )
    assert str(refused()) == "api.example.com: the credits are used up (status 402); sent"
    assert repr(refused()).startswith("CreditsExhausted('api.example.com: ")
    assert str(refusal(details(), at=NOON)) == "the API: the credits are used up (status 402); sent"
    known = refusal(details(provider="examplecorp"), at=NOON)
    assert str(known).startswith("examplecorp: ")


def test_its_origin_is_that_of_the_block_the_request_or_the_response():
    assert refused().origin == "https://api.example.com"
    assert refused(block=block(origin="https://b.test")).origin == "https://b.test"
    answer = Answer(402, {}, b"", url="https://u:p@c.test:8443/x?y")
    assert refusal(details(), response=answer, at=None).origin == "https://c.test:8443"
    assert refusal(details(), response=Answer(402, {}, b"", url="c.test"), at=None).origin is None
    assert refusal(details(), at=None).origin is None


def test_what_blocks_nothing_restricts_nothing():
    assert refused().restricts_access
    assert not refused(reason="payment_failed").restricts_access
    assert not refused(reason="payment_challenge").restricts_access
    assert not refusal(details(scope="request"), at=None).restricts_access


def test_it_speaks_with_its_guards_voice():
    made = refused(feature="export", voice=Voice(audience="visitor"))
    assert made.user_message().audience == "visitor"
    assert made.user_message(audience="owner").title == "Export is paused"
    assert made.fix_steps()[0].startswith("Understand the cause")
    assert made.support_report().startswith("# A request to api")


@pytest.mark.parametrize("again", [fresh, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("library", BOTH)
def test_a_fresh_one_is_equal_and_untouched(library, again):
    with pytest.raises(payreq.PaymentRequired) as caught:
        raise refused(library, feature="export", block=block(), voice=Voice()) from ValueError()
    error = caught.value
    made = again(error)
    assert made is not error
    assert type(made) is type(error)
    assert vars(made) == vars(error)
    assert str(made) == str(error)
    assert (made.__traceback__, made.__context__, made.__cause__) == (None, None, None)


def test_a_fresh_one_may_carry_another_response():
    response = httpx.Response(402)
    assert fresh(refused(), response).response is response


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("library", BOTH)
@pytest.mark.parametrize("reason", ["quota_exceeded", "unknown"])
def test_it_survives_a_pickle(library, protocol, reason):
    made = refused(library, reason, feature="export", account="a", block=block(), sent=False)
    again = pickle.loads(pickle.dumps(made, protocol))
    assert type(again) is type(made)
    for name in ("details", "feature", "account", "credential", "block", "sent", "at"):
        assert getattr(again, name) == getattr(made, name)
    assert str(again) == str(made)
    assert again.request.method == "POST"
    assert str(again.request.url) == "https://api.example.com/v1/exports"
    assert again.response.status_code == 402
    assert again.response.json() == {"error": "no credit"}
    assert again.response.headers["content-type"] == "application/json"
    assert again.response.request.method == "POST"
    assert again.user_message().title == "Export is paused"
    assert type(pickle.loads(pickle.dumps(again, protocol))) is type(made)


def test_a_refusal_without_an_answer_survives_a_pickle():
    made = pickle.loads(pickle.dumps(refused(response=None, sent=False)))
    assert isinstance(made, httpx.HTTPStatusError)
    assert (made.response, made.request.method, made.sent) == (None, "POST", False)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_survives_a_pickle_when_another_library_sent_it(protocol):
    response = requests.Response()
    response.status_code = 402
    response._content = b'{"error": "no credit"}'
    response.headers["Content-Type"] = "application/json"
    url = "https://api.example.com/x?api_key=canary-in-query"
    response.request = requests.Request("POST", url).prepare()
    made = refusal(details(), request=response.request, response=response, at=NOON)
    again = pickle.loads(pickle.dumps(made, protocol))
    assert type(again) is payreq.CreditsExhausted
    assert again.request.url == "https://api.example.com/x"
    assert again.response.status_code == 402
    assert again.response.text == '{"error": "no credit"}'
    assert b"canary" not in pickle.dumps(made, protocol)
    assert type(pickle.loads(pickle.dumps(again))) is payreq.CreditsExhausted


def test_it_survives_a_pickle_where_the_library_is_missing(monkeypatch):
    kept = pickle.dumps(refused(httpx2))
    monkeypatch.setitem(sys.modules, "httpx2", None)
    again = pickle.loads(kept)
    assert type(again) is payreq.CreditsExhausted
    assert again.response.status_code == 402


class Mine(payreq.CreditsExhausted):
    """A subclass of an app's own."""


def test_subclasses_survive_a_pickle():
    again = pickle.loads(pickle.dumps(Mine(details(), feature="export")))
    assert type(again) is Mine
    assert again.feature == "export"


def test_a_body_that_was_not_read_is_left_out_of_a_pickle():
    request = httpx.Request("GET", "https://api.example.com/x")
    response = httpx.Response(402, stream=httpx.ByteStream(b"canary"), request=request)
    response = httpx.Response(402, content=iter([b"unread"]), request=request)
    made = refusal(details(), request=request, response=response, at=None)
    assert pickle.loads(pickle.dumps(made)).response.content == b""


CANARY = "sk-canary/0123456789abcdef+Z="
WHERE = {
    "bearer": {"headers": {"Authorization": f"Bearer {CANARY}"}},
    "header": {"headers": {"X-Api-Key": CANARY}},
    "basic": {"headers": {"Authorization": "Basic " + b64encode(f"me:{CANARY}".encode()).decode()}},
    "query": {"params": {"api_key": CANARY}},
    "cookie": {"headers": {"Cookie": f"session={CANARY}"}},
}
PATH_CANARY = "bot123456789:AAcanaryAAcanaryAAcanaryAAcanary"


def every_text(made):
    """Return all that leaves a refusal in words or bytes."""
    yield from (str(made), repr(made), repr(made.args), repr(made.details), str(made.credential))
    yield made.details.model_dump_json()
    yield from made.fix_steps()
    yield made.support_report()
    yield repr(made.support_data())
    for audience in ("owner", "member", "visitor"):
        message = made.user_message(audience=audience)
        yield from (message.as_text(), message.as_markdown(), message.as_html(), repr(message))
    for protocol in PROTOCOLS:
        kept = pickle.dumps(made, protocol)
        yield kept.decode("latin-1")
        again = pickle.loads(kept)
        yield from (repr(again.request.headers), str(again.request.url), again.response.text)
        yield repr(again.response.headers)


@pytest.mark.parametrize("library", BOTH)
@pytest.mark.parametrize("where", [*WHERE, "path"])
def test_no_credential_stands_in_anything_even_if_the_server_echoes_it(library, where):
    canary = PATH_CANARY if where == "path" else CANARY
    path = f"/{PATH_CANARY}/send" if where == "path" else "/v1/exports"
    request = library.Request("POST", f"https://api.example.com{path}", **WHERE.get(where, {}))
    response = library.Response(
        402,
        headers={"Set-Cookie": "session=server-canary-1", "X-Echo": canary, "X-Token": "server-2"},
        json={"error": f"key {canary} has no credit", "escaped": canary.replace("/", "\\/")},
        request=request,
    )
    made = refusal(
        details(
            message=f"key {canary} has no credit",
            code=canary,
            request_id=f"req {canary}",
            billing_url=f"https://example.com/billing?key={canary}",
            evidence=(f"matched {canary}",),
            challenges=(Challenge(protocol="x402", raw={canary: [canary]}),),
        ),
        request=request,
        response=response,
        feature=f"POST api.example.com/{canary}",
        account=canary,
        at=NOON,
    )
    assert made.details.billing_url is None
    for text in every_text(made):
        assert canary not in text
        assert canary.replace("/", "\\/") not in text
        assert "server-canary" not in text
        assert "server-2" not in text
