from __future__ import annotations

import anthropic
import httpx
import httpx2
import pytest
from sdk import REFUSALS
from vendors import KEY, anthropic_ask

import payreq


def test_a_refusal_with_400_raises_its_own_error_for_that(server, slept, raised):
    low = {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "message": "Your credit balance is too low to access the Anthropic API.",
        },
    }
    server.answer("/v1/messages", 400, body=low)
    with payreq.wrap(anthropic.Anthropic(api_key=KEY, base_url=server.url)) as client:
        errors = [raised(anthropic_ask, client) for _ in range(2)]
    assert {type(error) for error in errors} == {anthropic.BadRequestError}
    assert all(isinstance(payreq.detect(error), payreq.CreditsExhausted) for error in errors)
    assert (len(server.received), slept) == (1, [])


def test_a_guarded_client_of_httpx2_is_taken_and_one_of_httpx_is_not(server, raised):
    server.answer("/v1/messages", 429, headers={"Retry-After": "86400"}, body=REFUSALS[429])
    with anthropic.Anthropic(
        api_key=KEY, base_url=server.url, http_client=payreq.wrap(httpx2.Client())
    ) as client:
        error = raised(anthropic_ask, client)
    assert isinstance(error, anthropic.RateLimitError)
    assert len(server.received) == 1
    with payreq.wrap(httpx.Client()) as other, pytest.raises(TypeError):
        anthropic.Anthropic(api_key=KEY, http_client=other)
