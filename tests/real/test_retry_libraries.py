"""One refused call under every retry policy sends one request and sleeps no time."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import backoff
import httpx
import httpx2
import httpx_retries
import pytest
import stamina
import tenacity

import payreq

PATH = "/v1/exports"
KEY = {"authorization": "Bearer sk-test-0123456789"}
REFUSALS = {
    402: {"error": {"code": "insufficient_credits", "message": "No credits are left."}},
    429: {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}},
}
BUSY = {"error": {"message": "Busy right now."}}
ATTEMPTS = 5

# Around a call: each takes a function, sync or async, and returns one that tries again.


def drop_in(call):
    return payreq.retry(stop=tenacity.stop_after_attempt(ATTEMPTS), wait=tenacity.wait_fixed(9))(
        call
    )


def halting(call):
    policy = tenacity.AsyncRetrying if asyncio.iscoroutinefunction(call) else tenacity.Retrying
    given = policy(stop=tenacity.stop_after_attempt(ATTEMPTS), wait=tenacity.wait_fixed(9))
    return payreq.halting(given).wraps(call)


def by_predicate(call):
    return tenacity.retry(
        retry=tenacity.retry_if_exception(payreq.not_payment_required),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_fixed(9),
    )(call)


def stamina_(call):
    return stamina.retry(on=payreq.not_payment_required, attempts=ATTEMPTS)(call)


def backoff_(call):
    return backoff.on_exception(
        backoff.expo, httpx.HTTPError, giveup=payreq.is_payment_required, max_tries=ATTEMPTS
    )(call)


AROUND = [drop_in, halting, by_predicate, stamina_, backoff_]

# On the transport: each takes the kind of client and of transport, and returns a client.


def policy_on_the_transport(client, transport, guard):
    return guard.wrap(client(), retry=payreq.transient_retry(attempts=ATTEMPTS))


def policy_by_hand(client, transport, guard):
    kind = payreq.PaymentTransport if client is httpx.Client else payreq.AsyncPaymentTransport
    retry = payreq.transient_retry(attempts=ATTEMPTS)
    return client(transport=kind(transport(), guard=guard, retry=retry))


def httpx_retries_outside(client, transport, guard):
    kind = payreq.PaymentTransport if client is httpx.Client else payreq.AsyncPaymentTransport
    retry = httpx_retries.Retry(total=ATTEMPTS, status_forcelist=[402, 429, 503])
    return client(
        transport=httpx_retries.RetryTransport(kind(transport(), guard=guard), retry=retry)
    )


def httpx_retries_inside(client, transport, guard):
    retry = httpx_retries.Retry(
        total=ATTEMPTS, status_forcelist=[402, 429, 503], retry_on_exceptions=[Exception]
    )
    return guard.wrap(client(transport=httpx_retries.RetryTransport(transport(), retry=retry)))


INSIDE = [
    policy_on_the_transport,
    policy_by_hand,
    httpx_retries_outside,
    httpx_retries_inside,
]


@pytest.fixture(params=["sync", "async"])
def is_async(request):
    return request.param == "async"


@pytest.fixture
def send(server, is_async):
    """Make one logical call through a client and a policy around it."""

    def send(make, around=lambda call: call, *, method="GET", times=1, **options):
        def each(client):
            return lambda: client.request(method, server.url + PATH, headers=KEY, **options)

        guard = payreq.Guard(features={"export": f"* {PATH}"})
        if not is_async:
            with make(httpx.Client, httpx.HTTPTransport, guard) as client:
                return [_outcome(around(_raising(each(client)))) for _ in range(times)]

        async def run():
            async with make(httpx.AsyncClient, httpx.AsyncHTTPTransport, guard) as client:
                call = around(_raising_async(each(client)))
                return [await _outcome_async(call) for _ in range(times)]

        return asyncio.run(run())

    return send


def _raising(call):
    def raising():
        answer = call()
        answer.raise_for_status()
        return answer

    return raising


def _raising_async(call):
    async def raising():
        answer = await call()
        answer.raise_for_status()
        return answer

    return raising


def _outcome(call):
    try:
        return call()
    except (httpx.HTTPError, tenacity.RetryError) as error:
        return error


async def _outcome_async(call):
    try:
        return await call()
    except (httpx.HTTPError, tenacity.RetryError) as error:
        return error


def wrapped(client, transport, guard):
    return guard.wrap(client())


def bare(client, transport, guard):
    return client()


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("around", AROUND)
def test_around_a_call_one_request_is_sent_and_nothing_sleeps(send, server, slept, status, around):
    server.answer(PATH, status, body=REFUSALS[status])
    (error,) = send(wrapped, around)
    assert isinstance(error, payreq.CreditsExhausted)
    assert error.sent
    assert (server.count(PATH), slept) == (1, [])


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("make", INSIDE)
def test_on_the_transport_too(send, server, slept, status, make):
    server.answer(PATH, status, body=REFUSALS[status])
    (error,) = send(make)
    assert isinstance(error, payreq.CreditsExhausted)
    assert (server.count(PATH), slept) == (1, [])


@pytest.mark.parametrize("status", REFUSALS)
def test_a_bare_loop_of_twenty_sends_one(send, server, slept, status):
    server.answer(PATH, status, body=REFUSALS[status])
    errors = send(wrapped, times=20)
    assert [error.sent for error in errors] == [True] + 19 * [False]
    assert (server.count(PATH), slept) == (1, [])


@pytest.mark.parametrize("status", REFUSALS)
def test_a_policy_that_knows_nothing_sleeps_and_sends_one(send, server, slept, status):
    def unaware(call):
        return tenacity.retry(
            stop=tenacity.stop_after_attempt(ATTEMPTS), wait=tenacity.wait_fixed(9), reraise=True
        )(call)

    server.answer(PATH, status, body=REFUSALS[status])
    (error,) = send(wrapped, unaware)
    assert isinstance(error, payreq.CreditsExhausted)
    assert not error.sent
    assert (server.count(PATH), slept) == (1, 4 * [9])


def test_what_would_be_without_a_guard_is_a_storm(send, server, slept):
    server.answer(PATH, 429, body=REFUSALS[429])
    send(bare, stamina.retry(on=httpx.HTTPError, attempts=ATTEMPTS))
    assert server.count(PATH) == ATTEMPTS
    assert len(slept) == ATTEMPTS - 1


@pytest.mark.parametrize("around", AROUND)
def test_a_503_is_still_retried(send, server, slept, around):
    server.answer(PATH, 503, body=BUSY)
    server.then(PATH, 503, body=BUSY)
    server.then(PATH, 200)
    (answer,) = send(wrapped, around)
    assert answer.status_code == 200
    assert server.count(PATH) == 3
    assert len(slept) == 2


@pytest.mark.parametrize("make", INSIDE)
def test_on_the_transport_a_503_is_still_retried_but_no_post_without_a_key(
    send, server, slept, make
):
    server.answer(PATH, 503, body=BUSY)
    server.then(PATH, 503, body=BUSY)
    server.then(PATH, 200)
    (answer,) = send(make)
    assert answer.status_code == 200
    assert server.count(PATH) == 3
    server.received.clear()
    server.answer(PATH, 503, body=BUSY)
    send(make, method="POST", content=b"once")
    assert server.count(PATH) == 1


@pytest.mark.parametrize("around", [drop_in, halting])
def test_a_refusal_after_a_fault_halts(send, server, slept, around):
    server.answer(PATH, 503, body=BUSY)
    server.then(PATH, 402, body=REFUSALS[402])
    (error,) = send(wrapped, around)
    assert isinstance(error, payreq.CreditsExhausted)
    assert server.count(PATH) == 2
    assert slept == [9]


def test_nested_policies_send_no_more_than_the_inner_one_allows(server, slept):
    server.answer(PATH, 402, body=REFUSALS[402])
    retry = httpx_retries.Retry(total=ATTEMPTS, status_forcelist=[402])
    client = httpx.Client(
        transport=httpx_retries.RetryTransport(httpx.HTTPTransport(), retry=retry)
    )
    payreq.wrap(client, refusals="raise")

    @tenacity.retry(stop=tenacity.stop_after_attempt(6))
    @stamina.retry(on=Exception, attempts=3)
    def call():
        return client.get(server.url + PATH, headers=KEY)

    with client, suppress(tenacity.RetryError):
        call()
    assert server.count(PATH) == 1


def test_httpx2_is_no_different(server, slept):
    server.answer(PATH, 429, body=REFUSALS[429])
    retry = payreq.transient_retry(attempts=ATTEMPTS)
    with (
        payreq.Guard().wrap(httpx2.Client(), retry=retry) as client,
        pytest.raises(payreq.CreditsExhausted),
    ):
        client.get(server.url + PATH)
    assert (server.count(PATH), slept) == (1, [])
