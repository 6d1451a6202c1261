from __future__ import annotations

import asyncio

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import SDKError
from mistralai.client.utils import BackoffStrategy, RetryConfig
from sdk import REFUSALS
from vendors import CHAT, KEY

import payreq

AN_HOUR = RetryConfig("backoff", BackoffStrategy(500, 60_000, 1.5, 3_600_000), True)


@pytest.fixture
def patient(server):
    """Make a guarded client that tries again for an hour."""

    def make(guard):
        return guard.wrap(Mistral(api_key=KEY, server_url=server.url, retry_config=AN_HOUR))

    server.answer("/v1/chat/completions", 429, headers={"Retry-After": "86400"}, body=REFUSALS[429])
    return make


def test_an_hour_of_retries_ends_at_once(patient, server, slept, raised):
    with patient(payreq.Guard()) as client:
        errors = [raised(lambda: client.chat.complete(**CHAT)) for _ in range(2)]
    assert {type(error) for error in errors} == {SDKError}
    assert {error.status_code for error in errors} == {402}
    assert {payreq.detect(error).details.status for error in errors} == {429}
    assert (len(server.received), slept) == (1, [])


def test_async_too(patient, server, slept):
    async def ask():
        async with patient(payreq.Guard()) as client:
            with pytest.raises(SDKError) as caught:
                await client.chat.complete_async(**CHAT)
            return caught.value

    assert isinstance(payreq.detect(asyncio.run(ask())), payreq.CreditsExhausted)
    assert (len(server.received), slept) == (1, [])


def test_where_the_guard_raises_ours_goes_past_its_retries(patient, server, slept, raised):
    with patient(payreq.Guard(refusals="raise")) as client:
        error = raised(lambda: client.chat.complete(**CHAT))
    assert isinstance(error, payreq.CreditsExhausted)
    assert (len(server.received), slept) == (1, [])
