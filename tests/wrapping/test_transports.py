from __future__ import annotations

import asyncio

import httpx
import httpx_retries
import pytest
from wrapped import NO_CREDIT, URL, Api, Caller, refused

import payreq
from payreq.guarded import Guarded

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
