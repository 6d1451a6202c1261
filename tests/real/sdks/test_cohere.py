from __future__ import annotations

import cohere
import pytest
from sdk import REFUSALS
from vendors import CHAT, KEY, TOO_FAST, cohere_held

import payreq


@pytest.fixture
def client(server):
    made = payreq.wrap(cohere.ClientV2(api_key=KEY, base_url=server.url))
    yield made
    cohere_held(made).close()


def test_a_429_that_is_a_refusal_is_seen_as_a_402_which_it_does_not_retry(
    client, server, slept, raised
):
    server.answer("/v2/chat", 429, body=REFUSALS[429])
    error = raised(lambda: client.chat(**CHAT))
    assert error.status_code == 402
    assert error.body == REFUSALS[429]
    assert payreq.detect(error).details.status == 429


def test_a_429_that_is_none_is_its_own_affair(client, server, slept, raised):
    server.answer("/v2/chat", 429, body=TOO_FAST)
    error = raised(lambda: client.chat(**CHAT))
    assert isinstance(error, cohere.TooManyRequestsError)
    assert (len(server.received), len(slept)) == (3, 2)
