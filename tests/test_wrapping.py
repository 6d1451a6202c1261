from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import anyio
import groq
import httpx
import httpx2
import httpx_retries
import openai
import pytest
import requests
import stripe

import payreq
from payreq.guarded import Guarded

URL = "https://api.example.com"
BOTH = [httpx, httpx2]
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


class Api:
    """A provider: exports must be paid for, everything else is free."""

    def __init__(self, library=httpx, status=402):
        self.library = library
        self.status = status
        self.requests = []
        self.paid = False

    @property
    def sent(self):
        return len(self.requests)

    def __call__(self, request):
        self.requests.append(request)
        paid = self.paid or "x-payment" in request.headers
        if request.url.path == "/moved":
            return self.library.Response(307, headers={"location": "/exports"})
        if request.url.path == "/exports" and not paid:
            headers = {"set-cookie": "seen=1; Path=/", "x-request-id": "req_7"}
            return self.library.Response(self.status, json=NO_CREDIT, headers=headers)
        return self.library.Response(200, json={"cookie": request.headers.get("cookie")})

    async def async_(self, request):
        return self(request)


class Caller:
    """A wrapped client, sync or async, called in the same words."""

    def __init__(self, kind, library, api, guard, **options):
        self.guard = guard
        self.async_ = kind == "async"
        transport = library.MockTransport(api.async_ if self.async_ else api)
        # A cookie that a refusal sets would tell callers apart, were there no key.
        headers = {"authorization": "Bearer sk-test-0123456789"}
        options = {"base_url": URL, "transport": transport, "headers": headers} | options
        client = (library.AsyncClient if self.async_ else library.Client)(**options)
        self.client = guard.wrap(client)

    def __call__(self, method, url, **options):
        if not self.async_:
            return self.client.request(method, url, **options)

        async def send():
            return await self.client.request(method, url, **options)

        return anyio.run(send)


@pytest.fixture(params=["sync", "async"])
def kind(request):
    return request.param


@pytest.fixture(params=BOTH, ids=["httpx", "httpx2"])
def library(request):
    return request.param


@pytest.fixture
def api(library):
    return Api(library)


@pytest.fixture
def guard():
    return payreq.Guard(features={"export": "* /exports"})


@pytest.fixture
def call(kind, library, api, guard):
    return Caller(kind, library, api, guard)


def refused(call, *args, **options):
    with pytest.raises(payreq.CreditsExhausted) as caught:
        call(*(args or ("POST", "/exports")), **options)
    return caught.value


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


# How it is kept


def test_the_client_keeps_what_it_is(library, guard):
    mount = library.MockTransport(Api(library))
    client = library.Client(
        base_url=URL, mounts={"all://other.example.org": mount, "all://plain.example.org": None}
    )
    cookies, hooks, transport = client.cookies, client.event_hooks, client._transport
    assert guard.wrap(client) is client
    assert client.cookies is cookies
    assert client.event_hooks == hooks
    assert client._transport.inner is transport
    assert client.send.__name__ == "send"
    assert payreq.guard_of(client) is guard
    with pytest.raises(payreq.CreditsExhausted):
        client.get("https://other.example.org/exports")


def test_proxies_and_mounts_are_guarded(library, guard):
    client = library.Client(proxy="http://127.0.0.1:9")
    guard.wrap(client)
    mounts = [mount for mount in client._mounts.values() if mount is not None]
    assert mounts
    assert all(isinstance(mount, Guarded) for mount in mounts)


def test_a_transport_that_is_shared_stays_shared(library, guard, api):
    shared = library.MockTransport(api)
    client = library.Client(transport=shared, mounts={"all://a.example.org": shared})
    guard.wrap(client)
    assert list(client._mounts.values()) == [client._transport]


def test_wrapping_it_again_changes_nothing(library, guard, api):
    client = guard.wrap(library.Client(transport=library.MockTransport(api)))
    transport, send = client._transport, client.send
    assert guard.wrap(client) is client
    assert client._transport is transport
    assert client.send is send
    with pytest.raises(ValueError, match="wrapped by another guard"):
        payreq.Guard().wrap(client)


def test_unwrap_undoes_it(kind, library, guard, api):
    call = Caller(kind, library, api, guard)
    client = call.client
    assert payreq.Guard().unwrap(client) is client
    assert payreq.guard_of(client) is guard
    assert guard.unwrap(client) is client
    assert payreq.guard_of(client) is None
    assert type(client._transport) is library.MockTransport
    assert "send" not in vars(client)
    assert call("POST", "/exports").status_code == 402
    assert guard.unwrap(client) is client
    payreq.Guard().wrap(client)


def test_a_send_of_the_clients_own_is_kept(library, guard, api):
    client = library.Client(base_url=URL, transport=library.MockTransport(api))
    sent, plain = [], client.send

    def send(request, **options):
        sent.append(request.url.path)
        return plain(request, **options)

    client.send = send
    guard.wrap(client)
    with pytest.raises(payreq.CreditsExhausted):
        client.post("/exports")
    assert sent == ["/exports"]
    guard.unwrap(client)
    assert client.send is send


class Labelled(httpx.Client):
    """Its `send` takes one argument more than httpx's."""

    labels = ()

    def send(self, request, *, label=None, **options):
        self.labels = (*self.labels, label)
        return super().send(request, **options)


class LabelledAsync(httpx.AsyncClient):
    labels = ()

    async def send(self, request, *, label=None, **options):
        self.labels = (*self.labels, label)
        return await super().send(request, **options)


def test_a_send_that_takes_more_gets_it(kind, guard):
    api = Api()
    made = Labelled if kind == "sync" else LabelledAsync
    transport = httpx.MockTransport(api if kind == "sync" else api.async_)
    client = guard.wrap(made(base_url=URL, transport=transport, auth=("me", "pw")))

    async def send(path, **options):
        sent = client.send(client.build_request("GET", path), **options)
        return sent if kind == "sync" else await sent

    assert payreq.guard_of(client) is guard
    assert anyio.run(partial(send, "/reports", label="a")).status_code == 200
    assert anyio.run(send, "/reports").status_code == 200
    for sent in (True, False):
        with pytest.raises(payreq.CreditsExhausted) as caught:
            anyio.run(partial(send, "/exports", label="b"))
        assert caught.value.sent is sent
    assert client.labels == ("a", None, "b", "b")
    assert api.sent == 3


def test_a_class_that_is_patched_later_is_heeded(library, guard, api, monkeypatch):
    client = guard.wrap(library.Client(base_url=URL, transport=library.MockTransport(api)))
    real, seen = library.Client.send, []

    def patched(self, request, **options):
        seen.append(request.url.path)
        return real(self, request, **options)

    monkeypatch.setattr(library.Client, "send", patched)
    client.get("/reports")
    assert seen == ["/reports"]


def test_payreq_wrap_makes_the_guard(library, api):
    client = payreq.wrap(
        library.Client(base_url=URL, transport=library.MockTransport(api)), audience="visitor"
    )
    assert payreq.guard_of(client).voice.audience == "visitor"
    with pytest.raises(payreq.CreditsExhausted):
        client.post("/exports")


def test_the_wrap_says_what_becomes_of_refusals(library, api, guard):
    options = {"base_url": URL, "transport": library.MockTransport(api), "auth": ("me", "pw")}
    client = guard.wrap(library.Client(**options), refusals="return")
    answer = client.post("/exports")
    assert answer.extensions["payreq"].reason == "credits_exhausted"
    assert client.post("/exports").json() == NO_CREDIT
    assert api.sent == 1
    watched = payreq.Guard().wrap(library.Client(**options), refusals="observe")
    assert "payreq" not in watched.post("/exports").extensions
    assert watched.post("/exports").status_code == 402
    assert api.sent == 3


def test_a_vendors_request_gets_the_response_back(call):
    answer = call("POST", "/exports", headers={"x-stainless-lang": "python"})
    assert answer.status_code == 402
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json() == NO_CREDIT


def test_a_request_may_pass_the_guard(call, api):
    for _ in range(2):
        assert call("POST", "/exports", extensions={"payreq": False}).status_code == 402
    assert api.sent == 2


# Retrying transports inside


@pytest.mark.parametrize("status", [402, 429])
def test_a_retrying_transport_is_guarded_from_inside(kind, guard, status):
    api = Api(status=status)
    if status == 429:
        NO_CREDIT["error"]["type"] = "insufficient_quota"
    inner = httpx.MockTransport(api.async_ if kind == "async" else api)
    transport = httpx_retries.RetryTransport(
        inner,
        retry=httpx_retries.Retry(
            total=5,
            status_forcelist=[402, 429],
            retry_on_exceptions=[Exception],
            allowed_methods=["POST"],
        ),
    )
    call = Caller(kind, httpx, api, guard, transport=transport)
    refused(call)
    assert api.sent == 1
    assert not refused(call).sent
    guard.unwrap(call.client)
    assert call.client._transport is transport
    assert inner in vars(transport).values()
    assert not any(isinstance(value, Guarded) for value in vars(transport).values())


def test_of_nested_transports_the_innermost_is_guarded(kind, guard):
    api = Api()
    inner = httpx.MockTransport(api.async_ if kind == "async" else api)
    retry = httpx_retries.Retry(
        total=5, status_forcelist=[402], allowed_methods=["POST"], retry_on_exceptions=[Exception]
    )
    middle = httpx_retries.RetryTransport(inner, retry=retry)
    outer = httpx_retries.RetryTransport(middle, retry=retry)
    call = Caller(kind, httpx, api, guard, transport=outer)
    refused(call)
    assert api.sent == 1
    guard.unwrap(call.client)
    assert call.client._transport is outer
    assert inner in vars(middle).values()


def test_a_retrying_transport_still_retries_what_passes(kind, guard):
    answers = [503, 503, 200]

    def handle(_request):
        return httpx.Response(answers.pop(0))

    async def handle_async(request):
        return handle(request)

    inner = httpx.MockTransport(handle_async if kind == "async" else handle)
    retry = httpx_retries.Retry(total=5, backoff_factor=0)
    transport = httpx_retries.RetryTransport(inner, retry=retry)
    call = Caller(kind, httpx, Api(), guard, transport=transport)
    assert call("GET", "/reports").status_code == 200
    call.client.close() if kind == "sync" else asyncio.run(call.client.aclose())


def test_of_two_inner_transports_the_one_for_this_kind_of_client_is_guarded(guard):
    for made, guarded, other in (
        (httpx.Client, "_sync_transport", "_async_transport"),
        (httpx.AsyncClient, "_async_transport", "_sync_transport"),
    ):
        transport = httpx_retries.RetryTransport(
            httpx.MockTransport(lambda request: httpx.Response(200))
        )
        guard.wrap(made(transport=transport))
        assert isinstance(vars(transport)[guarded], Guarded)
        assert not isinstance(vars(transport)[other], Guarded)


class NoRetry(httpx.BaseTransport):
    """Named like one that sends again, but it holds no other transport."""

    __slots__ = ()

    def handle_request(self, request):
        return httpx.Response(402)


def test_one_that_only_sounds_like_it_is_guarded_from_outside(guard):
    client = guard.wrap(httpx.Client(transport=NoRetry()))
    assert isinstance(client._transport, Guarded)
    with pytest.raises(payreq.PaymentRequired):
        client.get(URL)


# Transports by hand inside


def test_a_transport_of_the_same_guard_raises_from_send_then(library, guard, api):
    adapter = payreq.httpx if library is httpx else payreq.httpx2
    transport = adapter.PaymentTransport(library.MockTransport(api), guard=guard)
    client = guard.wrap(library.Client(base_url=URL, transport=transport))
    assert client._transport is transport
    with pytest.raises(payreq.CreditsExhausted):
        client.post("/exports")
    assert client.cookies["seen"] == "1"
    guard.unwrap(client)
    client.cookies.clear()
    guard.blocks.clear()
    with pytest.raises(payreq.CreditsExhausted):
        client.post("/exports")
    assert "seen" not in client.cookies


def test_a_transport_of_another_guard_is_refused(library, guard, api):
    adapter = payreq.httpx if library is httpx else payreq.httpx2
    transport = adapter.PaymentTransport(library.MockTransport(api))
    client = library.Client(transport=transport)
    with pytest.raises(ValueError, match="transport of another guard"):
        guard.wrap(client)
    assert client._transport is transport
    assert payreq.guard_of(client) is None


# A future httpx


class Moved(httpx.Client):
    """A client that chooses its transport elsewhere."""

    def _transport_for_url(self, url):
        return self._elsewhere


def moved():
    client = Moved()
    client._elsewhere = client._transport
    return client


def renamed():
    client = httpx.Client()
    del client._mounts
    return client


@pytest.mark.parametrize("make", [moved, renamed])
def test_a_client_built_otherwise_fails_at_wrap_and_stays_as_it_was(guard, make):
    client = make()
    before = dict(vars(client))
    with pytest.raises(RuntimeError, match="keeps its transports where payreq does not look"):
        guard.wrap(client)
    assert vars(client) == before


def test_a_url_that_keeps_its_host_elsewhere_is_asked_for_it(guard):
    request = httpx.Request("GET", URL)

    class Elsewhere:
        host = "api.example.com"

    request.url = Elsewhere()
    transport = payreq.PaymentTransport(
        httpx.MockTransport(lambda request: httpx.Response(200)), guard=guard
    )
    assert transport.handle_request(request).status_code == 200
    assert list(guard.watched) == ["api.example.com"]


# Vendors' SDKs


def completions(client):
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])


@pytest.mark.parametrize(
    ("sdk", "library"), [(openai.OpenAI, httpx2), (openai.OpenAI, httpx), (groq.Groq, httpx)]
)
def test_a_vendors_client_raises_its_own_error_once(sdk, library, guard):
    api = Api(library, 429)

    def answer(request):
        api.requests.append(request)
        return library.Response(429, json={"error": {"code": "insufficient_quota", "message": "x"}})

    transport = library.MockTransport(answer)
    client = sdk(api_key="sk-canary-0123456789", http_client=library.Client(transport=transport))
    assert guard.wrap(client) is client
    assert payreq.guard_of(client) is guard
    module = sys.modules[sdk.__module__.partition(".")[0]]
    for sent in (True, False):
        with pytest.raises(module.RateLimitError) as caught:
            completions(client)
        found = payreq.detect(caught.value)
        assert isinstance(found, payreq.CreditsExhausted)
        assert found.sent is sent
        with pytest.raises(payreq.CreditsExhausted), payreq.translate():
            completions(client)
    assert api.sent == 1
    guard.unwrap(client)
    assert payreq.guard_of(client) is None


def fern(client):
    return SimpleNamespace(
        _client_wrapper=SimpleNamespace(httpx_client=SimpleNamespace(httpx_client=client))
    )


def speakeasy(client):
    name = (
        "async_client" if isinstance(client, (httpx.AsyncClient, httpx2.AsyncClient)) else "client"
    )
    return SimpleNamespace(sdk_configuration=SimpleNamespace(**{name: client}))


ANY_STATUS = {
    "name": "any-status",
    "title": "Any status",
    "hosts": ["api.example.com"],
    "rules": [
        {
            "status": [403, 408, 429, 500],
            "when": [{"at": "/error/code", "is": ["insufficient_credits"]}],
            "means": "credits_exhausted",
        }
    ],
}


@pytest.mark.parametrize("sdk", [fern, speakeasy])
@pytest.mark.parametrize(("status", "seen"), [(408, 402), (429, 402), (500, 402), (403, 403)])
def test_an_sdk_that_retries_by_the_status_alone_gets_one_that_it_does_not_retry(
    call, api, sdk, status, seen
):
    call.guard.unwrap(call.client)
    payreq.Guard(providers=[ANY_STATUS]).wrap(sdk(call.client))
    api.status = status
    for sent in (True, False):
        answer = call("GET", "/exports")
        refusal = answer.extensions["payreq"]
        assert (answer.status_code, refusal.details.status, refusal.sent) == (seen, status, sent)
    assert call("GET", "/fine").status_code == 200
    assert api.sent == 2


@pytest.mark.parametrize("name", ["_client", "_client_async", "_async_client", "session"])
def test_where_vendors_hold_their_clients_is_known(name, library, api, guard):
    held = library.Client(transport=library.MockTransport(api))
    sdk = SimpleNamespace(**{name: held})
    assert guard.wrap(sdk) is sdk
    assert payreq.guard_of(sdk) is payreq.guard_of(held) is guard
    answer = held.get(URL + "/exports")
    assert answer.status_code == 402
    assert answer.extensions["payreq"].reason is payreq.Reason.CREDITS_EXHAUSTED


@pytest.mark.skipif(
    int(openai.__version__.partition(".")[0]) < 3,
    reason="openai took whatever a client raised for a failed connection",
)
def test_the_guards_own_word_goes_before_the_vendors(guard):
    guard = payreq.Guard(refusals="raise")
    transport = httpx2.MockTransport(lambda request: httpx2.Response(402, json=NO_CREDIT))
    client = openai.OpenAI(api_key="sk-x", http_client=httpx2.Client(transport=transport))
    with pytest.raises(payreq.CreditsExhausted):
        completions(guard.wrap(client))


def test_both_clients_of_stripes_are_guarded(guard):
    held = stripe.HTTPXClient(allow_sync_methods=True)
    guard.wrap(held)
    assert payreq.guard_of(held._client) is guard
    assert payreq.guard_of(held._client_async) is guard
    guard.unwrap(held)
    assert payreq.guard_of(held) is None


@pytest.mark.parametrize(
    ("client", "says"),
    [
        (object(), "not builtins.object"),
        (None, "not builtins.NoneType"),
        (httpx.Client, "not the class httpx"),
        (requests.Session(), "not requests.sessions.Session; give the SDK an httpx client"),
        (stripe.RequestsClient(), "RequestsClient; .*stripe.HTTPXClient"),
        (SimpleNamespace(_client=object()), "not types.SimpleNamespace"),
    ],
)
def test_what_is_no_client_is_named_with_the_remedy(guard, client, says):
    with pytest.raises(TypeError, match=says):
        guard.wrap(client)
    assert payreq.guard_of(client) is None


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


ALIASED = """
import payreq, httpx2
httpx2.alias_httpx()
import httpx
assert httpx is httpx2
client = payreq.wrap(httpx.Client(transport=httpx.MockTransport(
    lambda request: httpx.Response(402, json={"error": {"code": "insufficient_credits"}}))))
for sent in (True, False):
    try:
        client.get("https://api.example.com/x")
    except payreq.CreditsExhausted as refusal:
        assert isinstance(refusal, httpx2.HTTPStatusError)
        assert refusal.sent is sent
    else:
        raise AssertionError
payreq.PaymentTransport(httpx.HTTPTransport())
"""


def test_only_the_libraries_that_are_loaded_matter(guard, monkeypatch):
    monkeypatch.setattr("payreq.wrapping.LIBRARIES", ("a_library_that_is_absent", "httpx"))
    assert payreq.guard_of(guard.wrap(httpx.Client())) is guard


@pytest.mark.skipif(not hasattr(httpx2, "alias_httpx"), reason="came with httpx2 2.9")
def test_it_works_under_an_alias():
    subprocess.run([sys.executable, "-c", ALIASED], check=True)


class Store(payreq.MemoryStore):
    """Fails from the first look on."""

    @property
    def quiet(self):
        raise ConnectionError

    @quiet.setter
    def quiet(self, value):
        pass


def test_a_store_that_fails_at_the_first_look_fails_no_request(kind, library, api):
    call = Caller(kind, library, api, payreq.Guard(store=Store()))
    assert call("GET", "/reports").status_code == 200
    assert refused(call).sent
    assert not refused(call).sent


def test_refusals_must_be_one_of_the_three(guard):
    with pytest.raises(ValueError, match="refusals must be one of"):
        guard.wrap(httpx.Client(), refusals="never")
