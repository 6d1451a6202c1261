from __future__ import annotations

import subprocess
import sys
from functools import partial

import anyio
import httpx
import httpx2
import pytest
from wrapped import NO_CREDIT, URL, Api, Caller, refused

import payreq
from payreq.guarded import Guarded


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
