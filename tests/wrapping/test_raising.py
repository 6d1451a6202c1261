from __future__ import annotations

import httpx
import httpx2
import pytest
from wrapped import NO_CREDIT, URL, Api, Caller, refused

import payreq

# What is raised


def test_send_raises_the_refusal_once_and_then_without_a_request(call, library, api):
    first, second = refused(call), refused(call)
    assert (first.sent, second.sent, api.sent) == (True, False, 1)
    for error in (first, second):
        assert isinstance(error, library.HTTPStatusError)
        assert error.__context__ is None
        assert error.__cause__ is None
        assert error.response.status_code == 402
        assert error.response.json() == NO_CREDIT
        assert error.response.headers["x-request-id"] == "req_7"
        assert error.response.elapsed.total_seconds() >= 0
        assert error.response.request is error.request
    assert first is not second
    assert second.response.headers.get("set-cookie") is None


def test_what_is_no_refusal_comes_back_as_ever(call, library):
    answer = call("GET", "/reports")
    assert isinstance(answer, library.Response)
    assert answer.json() == {"cookie": None}


def test_a_stream_is_refused_too(library, api, guard):
    client = guard.wrap(library.Client(base_url=URL, transport=library.MockTransport(api)))
    with pytest.raises(payreq.CreditsExhausted) as caught, client.stream("POST", "/exports"):
        pass
    assert caught.value.response.json() == NO_CREDIT
    with client.stream("GET", "/reports") as answer:
        assert answer.read()


# What sees it before


def test_the_refusals_cookie_is_kept(call):
    refused(call)
    assert call("GET", "/reports").json() == {"cookie": "seen=1"}


def test_response_hooks_see_the_refusal(kind, library, api, guard):
    seen = []

    def hook(response):
        seen.append((response.status_code, response.headers["x-should-retry"]))

    async def hook_async(response):
        await response.aread()
        hook(response)

    hooks = {"response": [hook if kind == "sync" else hook_async]}
    call = Caller(kind, library, api, guard, event_hooks=hooks)
    assert refused(call).response.json() == NO_CREDIT
    assert not refused(call).sent
    assert seen == [(402, "false"), (402, "false")]


def test_a_status_error_that_a_hook_raised_becomes_the_refusal(kind, library, api, guard):
    def hook(response):
        response.raise_for_status()

    async def hook_async(response):
        response.raise_for_status()

    hooks = {"response": [hook if kind == "sync" else hook_async]}
    call = Caller(kind, library, api, guard, event_hooks=hooks)
    error = refused(call)
    assert error.response.json() == NO_CREDIT
    assert error.__context__ is None
    with pytest.raises(library.HTTPStatusError) as caught:
        Caller(kind, library, Api(library, 503), payreq.Guard(), event_hooks=hooks)(
            "GET", "/exports"
        )
    assert not isinstance(caught.value, payreq.PaymentRequired)


def test_what_else_a_hook_raises_is_the_callers(library, api, guard):
    def hook(response):
        raise KeyError(response.status_code)

    call = Caller("sync", library, api, guard, event_hooks={"response": [hook]})
    with pytest.raises(KeyError):
        call("POST", "/exports")


def test_a_refusal_that_a_hook_raised_itself_stays_as_it_is(library, api, guard):
    made = []

    def hook(response):
        made.append(payreq.detect(response))
        raise made[-1]

    call = Caller("sync", library, api, guard, event_hooks={"response": [hook]})
    assert refused(call) is made[0]


def test_history_is_kept(call):
    error = refused(call, "GET", "/moved", follow_redirects=True)
    assert [answer.status_code for answer in error.response.history] == [307]
    assert error.request.url.path == "/exports"
    assert error.feature == "export"


class Pays(httpx.Auth):
    """Pays when it is asked to, as payment protocols do."""

    def auth_flow(self, request):
        response = yield request
        if response.status_code == 402:
            request.headers["x-payment"] = "0.01"
            yield request


class Pays2(httpx2.Auth):
    auth_flow = Pays.auth_flow


def test_an_auth_that_pays_gets_its_answer_and_lifts_the_block(kind, library, api, guard):
    heard = []
    for name in ("blocked", "restored"):
        guard.on(name, lambda event: heard.append(event.name))
    auth = Pays() if library is httpx else Pays2()
    call = Caller(kind, library, api, guard, auth=auth)
    assert call("POST", "/exports").status_code == 200
    assert api.sent == 2
    assert guard.blocks.active() == []
    assert heard == ["blocked", "restored"]


def test_an_auth_may_pay_for_what_is_blocked_here(kind, library, api, guard):
    plain = Caller(kind, library, api, guard)
    refused(plain)
    auth = Pays() if library is httpx else Pays2()
    paying = Caller(kind, library, api, guard, auth=auth)
    assert paying("POST", "/exports").status_code == 200
    assert guard.blocks.active() == []


def test_an_auth_of_one_call_may_pay_for_what_is_blocked_here(call, library, api, guard):
    refused(call)
    auth = Pays() if library is httpx else Pays2()
    assert call("POST", "/exports", auth=auth).status_code == 200
    assert guard.blocks.active() == []


def test_a_tracer_around_the_transport_sees_a_response_not_an_error(library, api, guard):
    client = guard.wrap(library.Client(base_url=URL, transport=library.MockTransport(api)))
    real, seen = client._transport.handle_request, []

    def traced(request):
        response = real(request)
        seen.append(response.status_code)
        return response

    client._transport.handle_request = traced
    for _ in range(2):
        client.cookies.clear()
        with pytest.raises(payreq.CreditsExhausted):
            client.post("/exports")
    assert (seen, api.sent) == ([402, 402], 1)


def test_an_auth_whose_payment_is_refused_raises_once(kind, library, guard):
    class Greedy(Api):
        def __call__(self, request):
            request.headers.pop("x-payment", None)
            return super().__call__(request)

    auth = Pays() if library is httpx else Pays2()
    api = Greedy(library)
    error = refused(Caller(kind, library, api, guard, auth=auth))
    assert error.sent
    assert api.sent == 2


def test_a_call_within_a_call_knows_nothing_of_the_outer_one(kind, library, api, guard):
    """A hook that sends through a client of the same guard is no retry of an auth flow."""
    inner = Caller(kind, library, api, guard)
    sent = []

    def hook(response):
        if response.status_code == 402:
            with pytest.raises(payreq.CreditsExhausted) as caught:
                inner.client.get("/exports")
            sent.append(caught.value.sent)

    async def hook_async(response):
        if response.status_code == 402:
            with pytest.raises(payreq.CreditsExhausted) as caught:
                await inner.client.get("/exports")
            sent.append(caught.value.sent)

    hooks = {"response": [hook if kind == "sync" else hook_async]}
    auth = Pays() if library is httpx else Pays2()
    outer = Caller(kind, library, api, guard, auth=auth, event_hooks=hooks)
    assert outer("GET", "/exports").status_code == 200
    assert sent == [False]
