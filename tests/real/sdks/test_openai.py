from __future__ import annotations

import httpx
import httpx2
import openai
import pytest
from sdk import REFUSALS
from vendors import CHAT, KEY

import payreq


@pytest.mark.parametrize("library", [httpx2, httpx])
def test_a_client_that_was_guarded_before_the_sdk_got_it_hands_refusals_to_it(
    library, server, slept, raised
):
    server.answer("/v1/chat/completions", 429, body=REFUSALS[429])
    with openai.OpenAI(
        api_key=KEY, base_url=f"{server.url}/v1", http_client=payreq.wrap(library.Client())
    ) as client:
        errors = [raised(lambda: client.chat.completions.create(**CHAT)) for _ in range(2)]
    assert {type(error) for error in errors} == {openai.RateLimitError}
    assert [payreq.detect(error).sent for error in errors] == [True, False]
    assert (len(server.received), slept) == (1, [])


def test_a_copy_with_other_options_is_guarded_too(server, slept, raised):
    server.answer("/v1/chat/completions", 429, body=REFUSALS[429])
    guard = payreq.Guard()
    with guard.wrap(openai.OpenAI(api_key=KEY, base_url=f"{server.url}/v1")) as client:
        patient = client.with_options(max_retries=9)
        assert payreq.guard_of(patient) is guard
        raised(lambda: patient.chat.completions.create(**CHAT))
    assert (len(server.received), slept) == (1, [])


def test_its_raw_responses_are_refused_alike(server, raised):
    server.answer("/v1/chat/completions", 402, body=REFUSALS[402])
    with payreq.wrap(openai.OpenAI(api_key=KEY, base_url=f"{server.url}/v1")) as client:
        raw = client.chat.completions.with_raw_response
        error = raised(lambda: raw.create(**CHAT))
    assert isinstance(payreq.detect(error), payreq.CreditsExhausted)
