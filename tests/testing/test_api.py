from __future__ import annotations

import asyncio

import httpx
import httpx2
import pytest

import payreq
from payreq.testing import Api, Clock

URL = "https://api.openai.com/v1/responses"


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_it_refuses_until_it_is_paid(library):
    api, clock = Api("openai", "credits_exhausted"), Clock()
    guard = payreq.Guard(clock=clock)
    with guard.wrap(library.Client(transport=library.MockTransport(api))) as client:
        for _ in range(3):
            with pytest.raises(payreq.CreditsExhausted) as caught:
                client.post(URL, json={"input": "Hello?"})
            assert isinstance(caught.value, library.HTTPStatusError)
        assert [request.url.path for request in api.received] == ["/v1/responses"]
        api.paid = True
        clock.advance(60)
        assert client.post(URL).json() == {}


def test_it_answers_async_clients_too():
    api = Api(None, "trial_expired", then=lambda request: httpx.Response(201))

    async def ask():
        transport = httpx.MockTransport(api)
        async with payreq.Guard().wrap(httpx.AsyncClient(transport=transport)) as client:
            with pytest.raises(payreq.TrialExpired):
                await client.get(URL)
            api.paid = True
            return await client.get("https://api.openai.com/v1/models")

    assert asyncio.run(ask()).status_code == 201


def test_respx_takes_it_as_a_side_effect(respx_mock):
    api = Api("anthropic", "credits_exhausted")
    respx_mock.route().mock(side_effect=api)
    with payreq.wrap(httpx.Client()) as client, pytest.raises(payreq.CreditsExhausted) as caught:
        client.post("https://api.anthropic.com/v1/messages")
    assert caught.value.details.provider == "anthropic"
    assert len(api.received) == 1


@pytest.mark.parametrize("provider", ["nobody", None])
def test_what_it_could_never_answer_is_told_at_once(provider):
    with pytest.raises(ValueError, match=r"nobody|nonsense"):
        Api(provider, "credits_exhausted" if provider else "nonsense")
