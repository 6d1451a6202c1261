from __future__ import annotations

import asyncio

import httpx
import pytest
import tenacity
import tenacity.asyncio
from scripted import REFUSALS, URL

import payreq


@pytest.mark.parametrize("status", REFUSALS)
def test_a_decorated_function_is_called_once_for_a_refusal(status, slept):
    calls = []

    @payreq.retry(
        stop=tenacity.stop_after_attempt(5), wait=tenacity.wait_fixed(9), sleep=slept.append
    )
    def export():
        calls.append(1)
        raise payreq.detect(httpx.Response(status, json=REFUSALS[status]))

    with pytest.raises(payreq.CreditsExhausted):
        export()
    assert (len(calls), slept) == (1, [])


def test_bare_it_retries_what_is_no_refusal():
    outcomes = [ValueError(), ValueError(), "done"]

    @payreq.retry
    def export():
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert export() == "done"
    assert export.__name__ == "export"


def test_an_async_function_too():
    calls = []

    @payreq.retry
    async def export():
        calls.append(1)
        await asyncio.sleep(0)
        if len(calls) < 3:
            raise ValueError
        raise payreq.detect(httpx.Response(402))

    with pytest.raises(payreq.PaymentRequired):
        asyncio.run(export())
    assert len(calls) == 3


def test_a_refusal_inside_another_exception_halts_too(slept):
    calls = []

    @payreq.retry(stop=tenacity.stop_after_attempt(5), sleep=slept.append)
    def export():
        calls.append(1)
        try:
            httpx.Response(402, request=httpx.Request("GET", URL)).raise_for_status()
        except httpx.HTTPStatusError as error:
            raise RuntimeError from error

    with pytest.raises(RuntimeError):
        export()
    assert len(calls) == 1


def test_a_refused_response_that_is_returned_halts_a_policy_on_results(slept):
    calls = []

    def export():
        calls.append(1)
        return httpx.Response(429, json=REFUSALS[429])

    retrying = payreq.halting(
        tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda answer: answer.status_code == 429),
            stop=tenacity.stop_after_attempt(5),
            sleep=slept.append,
        )
    )
    assert retrying(export).status_code == 429
    assert len(calls) == 1


def test_a_policy_that_exists_is_copied_and_left_as_it_was():
    given = tenacity.Retrying(stop=tenacity.stop_after_attempt(3), reraise=True)
    halting = payreq.halting(given)
    assert type(halting) is tenacity.Retrying
    assert halting.stop is given.stop
    assert halting.reraise
    attempts = []

    def try_again():
        for attempt in halting:
            with attempt:
                attempts.append(1)
                raise payreq.detect(httpx.Response(402))

    with pytest.raises(payreq.PaymentRequired):
        try_again()
    assert len(attempts) == 1


def test_an_async_policy_with_an_async_rule_halts():
    calls = []

    async def always(state):
        await asyncio.sleep(0)
        return state.outcome.failed

    async def export():
        await asyncio.sleep(0)
        calls.append(1)
        if len(calls) < 3:
            raise ValueError
        raise payreq.detect(httpx.Response(402))

    for rule in (always, tenacity.asyncio.retry_if_exception(always)):
        calls.clear()
        if rule is not always:
            rule = tenacity.asyncio.retry_if_exception(lambda error: asyncio.sleep(0, result=True))  # noqa: PLW2901
        retrying = payreq.halting(tenacity.AsyncRetrying(retry=rule))
        assert type(retrying) is tenacity.AsyncRetrying
        with pytest.raises(payreq.PaymentRequired):
            asyncio.run(retrying(export))
        assert len(calls) == 3


def test_what_is_no_policy_is_named():
    with pytest.raises(TypeError, match=r"retrying must be a tenacity Retrying .* not str"):
        payreq.halting("tenacity")
    with pytest.raises(TypeError, match="retry takes a function, or options by name"):
        payreq.retry(3)
