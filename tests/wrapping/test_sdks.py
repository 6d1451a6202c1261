from __future__ import annotations

import sys
from types import SimpleNamespace

import groq
import httpx
import httpx2
import openai
import pytest
import requests
import stripe
from wrapped import NO_CREDIT, URL, Api

import payreq


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
