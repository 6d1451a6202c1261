from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import fastapi
import httpx
import jsonschema
import openai
import pytest
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from webapp import API, Provider

import payreq
from payreq import problems
from payreq.integrations.starlette import install

UPSTREAM = {
    "error": {"code": "provider_no_credits", "message": "The gateway owes its own bill."},
}
GATEWAY = {
    "name": "gateway",
    "title": "Gateway",
    "hosts": ["gateway.example.com"],
    "rules": [
        {
            "when": [{"at": "/error/code", "is": ["provider_no_credits"]}],
            "means": "credits_exhausted",
            "payer": "upstream",
        }
    ],
}


def problem_in(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept-Language"
    document = answer.json()
    jsonschema.validate(document, problems.schema())
    assert document["status"] == status
    return document


def test_who_can_pay_gets_a_402_that_says_what_to_do(site, provider):
    provider.refuse(
        problem_of("plan_upgrade_required", required_plan="pro", upgrade_url=f"{API}/plans")
    )
    visitor, _ = site()
    answer = visitor.get("/export")
    document = problem_in(answer, 402)
    assert document["type"] == "urn:payreq:problem:plan_upgrade_required"
    assert "Switch to the plan pro" in document["detail"]
    assert document["feature"] == "export"
    assert document["required_plan"] == "pro"
    assert document["upgrade_url"] == f"{API}/plans"
    assert document["user_message"]["action"]["url"] == f"{API}/plans"
    assert "retry-after" not in answer.headers
    read = payreq.parse(answer)
    assert (read.reason, read.feature) == ("plan_upgrade_required", "export")


def problem_of(reason, **fields):
    return json.loads(payreq.problem(reason, **fields).body)


def test_a_visitor_learns_no_more_than_that_the_feature_rests(site):
    visitor, _ = site(audience="visitor")
    for _ in range(2):  # the second is refused here
        answer = visitor.get("/export")
        document = problem_in(answer, 503)
        assert set(document) == {"type", "title", "status", "detail", "feature", "user_message"}
        assert document["type"] == "about:blank"
        assert document["user_message"]["title"] == "Export is resting for now"
        assert answer.headers["retry-after"] == "60"
        assert "redit" not in answer.text
        assert "api.example.com" not in answer.text
        assert payreq.parse(answer) is None


def test_a_gateways_own_unpaid_bill_is_a_503_for_everybody(site, provider):
    provider.refuse(UPSTREAM)
    visitor, _ = site("https://gateway.example.com/v1/exports", providers=[GATEWAY])
    answer = visitor.get("/export")
    document = problem_in(answer, 503)
    assert "a billing matter of its own" in document["detail"]
    assert "owes" not in answer.text


@pytest.mark.parametrize(("waiting", "after"), [({"retry_after": 6.5}, "7"), ({}, None)])
def test_without_a_block_a_503_repeats_what_the_api_says_of_waiting(site, provider, waiting, after):
    provider.refuse(problem_of("payment_challenge", **waiting))
    visitor, _ = site(audience="visitor")
    answer = visitor.get("/export")
    problem_in(answer, 503)
    assert answer.headers.get("retry-after") == after


def test_a_declined_card_is_a_422(site, provider):
    provider.refuse({"error": {"type": "card_error", "code": "card_declined"}})
    visitor, guard = site(audience="visitor")
    answer = visitor.get("/export")
    document = problem_in(answer, 422)
    assert document["user_message"]["title"] == "Export: the payment did not go through"
    assert payreq.parse(answer) is None
    assert guard.blocks.active() == []


def test_what_an_api_says_comes_through_only_where_it_was_checked(site, provider):
    evil = "https://evil.example.net/pay"
    provider.refuse(
        {
            **problem_of("quota_exceeded", detail="Call +1 555 0100 now!"),
            **{f"{kind}_url": evil for kind in ("billing", "upgrade", "invoice", "docs")},
            "plan": f"free\u202e{evil}",
            "code": "x\r\nset-cookie: a=b",
            "feature": "<script>alert(1)</script>",
            "account_id": "acct_of_the_app",
            "request_id": "req_1",
            "limit": 1000,
            "challenges": [{"protocol": "x402", "pay_to": "0xattacker", "amount": "5"}],
        }
    )
    visitor, _ = site()
    answer = visitor.get("/export")
    document = problem_in(answer, 402)
    for bad in (evil, "555", "0xattacker", "acct_of_the_app", "cookie", "\u202e"):
        assert bad not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert document["limit"] == "1000"
    assert document["plan"] == "free https: //evil.example.net/pay"
    assert set(document).isdisjoint({"code", "request_id", "challenges", "docs_url", "retry_after"})


def test_a_default_feature_is_told_to_nobody(site):
    visitor, _ = site(features=None, audience="visitor")
    assert "feature" not in problem_in(visitor.get("/export"), 503)


def broken():
    raise ZeroDivisionError("a fault of the app")


def refused(url=API):
    with payreq.wrap(httpx.Client(transport=httpx.MockTransport(Provider()))) as client:
        client.get(url)


def sdk():
    client = openai.OpenAI(
        api_key="sk-test-0123456789",
        base_url=API,
        max_retries=0,
        http_client=httpx.Client(
            transport=httpx.MockTransport(
                lambda _: httpx.Response(429, json={"error": {"code": "insufficient_quota"}})
            )
        ),
    )
    client.models.list()


def grouped():
    async def task():
        refused()

    async def run():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(task())

    asyncio.run(run())


@pytest.mark.parametrize("calling", [refused, sdk, grouped])
def test_a_refusal_is_found_wherever_it_hides(site, calling):
    visitor, guard = site(calling=calling, audience="visitor")
    found = []
    guard.voice = payreq.Guard(
        audience="visitor", messages=lambda *args: found.append(args) or args[-1]
    ).voice
    problem_in(visitor.get("/export"), 503 if calling is sdk else 402)
    assert bool(found) is (calling is sdk)  # a refusal with a voice of its own keeps it


def beside_a_fault():
    with pytest.raises(payreq.PaymentRequired) as caught:
        refused()
    raise ExceptionGroup("both", [caught.value, ZeroDivisionError("a fault of the app")])


@pytest.mark.parametrize(
    ("calling", "error"), [(broken, ZeroDivisionError), (beside_a_fault, ExceptionGroup)]
)
def test_what_is_no_refusal_leaves_as_it_came(site, calling, error):
    visitor, _ = site(calling=calling)
    with pytest.raises(error, match=r"fault|both"):
        visitor.get("/export")


def test_what_the_app_does_not_accept_as_a_refusal_leaves_as_it_came(site):
    visitor, _ = site(calling=sdk, accept=lambda details: details.code != "insufficient_quota")
    with pytest.raises(openai.APIStatusError):
        visitor.get("/export")


def test_an_answer_that_has_begun_is_left_alone(made, provider):
    guard = payreq.Guard()

    async def begun(request):
        async def parts():
            yield b"first"
            raise RuntimeError from httpx.HTTPStatusError(
                "", request=None, response=httpx.Response(402)
            )

        return StreamingResponse(parts())

    # In a group as early releases of Starlette raise it.
    with pytest.raises((RuntimeError, ExceptionGroup)):
        made({"/": begun}, guard).get("/")


def test_handlers_of_the_app_go_first():
    guard = payreq.Guard()
    app = fastapi.FastAPI()

    @app.exception_handler(payreq.CreditsExhausted)
    def own(request, error):
        return PlainTextResponse("own words", 418)

    @app.get("/")
    def route():
        refused()

    install(app, guard, account=lambda request: None)
    assert TestClient(app).get("/").status_code == 418


def test_a_middleware_of_the_app_hides_nothing():
    async def passing(request, call_next):
        return await call_next(request)

    app = Starlette(routes=[Route("/", lambda request: sdk())])
    app.add_middleware(BaseHTTPMiddleware, dispatch=passing)
    install(app, payreq.Guard(), account=lambda request: None)
    problem_in(TestClient(app).get("/"), 402)


def test_a_handler_for_every_status_error_goes_after():
    guard = payreq.Guard()
    app = fastapi.FastAPI()
    app.add_exception_handler(httpx.HTTPStatusError, lambda *_: PlainTextResponse("", 502))

    @app.get("/")
    def route():
        refused()

    install(app, guard, account=lambda request: None)
    assert TestClient(app).get("/").status_code == 402


def test_a_websocket_has_no_status_so_its_refusal_leaves_as_it_came():
    app = fastapi.FastAPI()

    @app.websocket("/ws")
    async def route(websocket: fastapi.WebSocket):
        await websocket.accept()
        refused()

    install(app, payreq.Guard(), account=lambda request: None)
    asked = TestClient(app).websocket_connect("/ws")
    with pytest.raises(payreq.PaymentRequired), asked as socket:
        socket.receive_text()


# Languages


def german(subject, audience, locale, default):
    if not locale.startswith("de"):
        return default
    return payreq.UserMessage("Pause", "Der Export ruht.", locale="de-CH", audience=audience)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("de", "de-CH"),
        ("nl-BE, nl;q=0.9, de;q=0.8, en;q=0.7, *;q=0.5", "de-CH"),
        ("fr-CH, fr;q=0.9, de;q=0.8", "fr"),
        ("de;q=0.1, en-GB;q=0.9", "en"),
        ("de;q=0, en", "en"),
        ("nl, ; q=7, \u00fc", "en"),
        ("", "en"),
        (",".join(["xx"] * 1000) + ",de", "en"),
    ],
)
def test_the_visitors_languages_are_asked_in_order(site, accept, language):
    visitor, _ = site(messages=german)
    answer = visitor.get("/export", headers={"accept-language": accept.encode()})
    document = problem_in(answer, 402)
    assert answer.headers["content-language"] == language
    assert document["user_message"]["locale"] == language


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"app": object()}, "app must be a Starlette or FastAPI app, not object"),
        ({"guard": SimpleNamespace()}, "guard must be a payreq.Guard, not SimpleNamespace"),
        ({"account": None}, "account must be a callable"),
    ],
)
def test_a_wrong_argument_is_told_at_once(change, says):
    options = {"app": Starlette(), "guard": payreq.Guard(), "account": str} | change
    with pytest.raises(TypeError, match=says):
        install(options.pop("app"), options.pop("guard"), **options)


def test_a_path_without_a_slash_leaves_the_app_as_it_was():
    app = Starlette()
    with pytest.raises(ValueError, match="path must begin with a slash, not 'blocks'"):
        install(app, payreq.Guard(), account=str, path="blocks")
    assert app.user_middleware == []


def test_without_an_account_it_cannot_be_installed():
    with pytest.raises(TypeError, match="account"):
        install(Starlette(), payreq.Guard())


def test_an_integration_is_loaded_when_it_is_asked_for():
    assert payreq.integrations.__getattr__("starlette").install is install
    with pytest.raises(AttributeError, match="no attribute 'flask'"):
        _ = payreq.integrations.flask
