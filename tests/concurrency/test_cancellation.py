"""A call that is cancelled at each of its awaits in turn holds nothing afterwards.

No event loop runs: a coroutine is stepped by hand, from one await that may wait to the next, so
that every one of them is met, the same in every run.
"""

from __future__ import annotations

import json
from asyncio import CancelledError
from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import httpx
import httpx2
import pytest
import tenacity

import payreq
from payreq.exchange import CALL
from payreq.testing import Clock

URL = "https://api.example.com"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}
NAMES = ("payment_required", "blocked", "refused", "billing_fixed", "restored")


class Pause:
    """An await that waits: where a task may be cancelled."""

    def __await__(self):
        yield


def steps(coroutine, *, at=None, for_good=False):
    """Run a coroutine and return how often it waited; cancelled at its nth wait, if asked.

    `for_good` cancels it at every later wait, too, as Trio does; asyncio does so once.
    """
    cancelled = False
    for nth in count(1):
        try:
            if cancelled and (for_good or nth == at + 1):
                coroutine.throw(CancelledError())
            else:
                coroutine.send(None)
        except StopIteration:
            return nth - 1
        cancelled = at is not None and nth >= at
    raise AssertionError


class Body:
    """A body that waits before each chunk, at its end, and while it is closed."""

    def __init__(self, chunks, opened):
        self.chunks = chunks
        self.opened = opened
        opened.add(self)

    async def __aiter__(self):
        try:
            for chunk in self.chunks:
                await Pause()
                yield chunk
        finally:
            await Pause()

    async def aclose(self):
        self.opened.discard(self)
        await Pause()


class Provider:
    """A transport that waits wherever one may, and knows which responses are still open.

    Answers are given in turn, the last one for good: a status and a body, or an error.
    """

    def __init__(self, library, *answers):
        self.flavour = library
        self.answers = list(answers)
        self.open = set()
        self.sent = 0
        kind = type("Stream", (Body, library.AsyncByteStream), {})
        self.stream = lambda body: kind(
            [part.encode() for part in json.dumps(body).partition(" ")], self.open
        )

    async def handle_async_request(self, request):
        await Pause()
        self.sent += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        headers = {"content-type": "application/json"}
        if status == 307:
            headers["location"] = "/exports"
        return self.flavour.Response(status, headers=headers, stream=self.stream(body))

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        await self.aclose()

    async def aclose(self):
        await Pause()


class Retrying:
    """Sends again, as retrying transports do."""

    def __init__(self, inner):
        self.inner = inner

    async def handle_async_request(self, request):
        response = await self.inner.handle_async_request(request)
        if response.status_code < 500:
            return response
        await response.aclose()
        return await self.inner.handle_async_request(request)

    async def aclose(self):
        await self.inner.aclose()


REFUSED, LONG, GOOD, DOWN, DENIED, MOVED = (
    (402, NO_CREDIT),
    (402, NO_CREDIT | {"pad": "x" * 70_000}),
    (200, {"made": 1}),
    (503, {"error": "down"}),
    (403, {"error": "you may not"}),
    (307, {}),
)


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


@pytest.fixture(params=["by hand", "wrapped"])
def way(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["once", "for good"])
def for_good(request):
    return request.param


@pytest.fixture
def make(library, way):
    """Makes a client, guarded, whose provider gives some answers, and whose listeners wait."""

    def client(*answers, retry=None, around=None, **options):
        clock = Clock()
        guard = payreq.Guard(features={"export": "* /exports"}, clock=clock)

        async def linger(event):
            await Pause()

        for name in NAMES:
            guard.on(name, linger)
        provider = Provider(library, *answers)
        inner = provider if around is None else around(provider)
        ours = payreq.httpx if library is httpx else payreq.httpx2
        if way == "by hand":
            inner = ours.AsyncPaymentTransport(inner, guard=guard, retry=retry)
        made = library.AsyncClient(base_url=URL, transport=inner, **options)
        if way == "wrapped":
            guard.wrap(made, retry=retry)
        return SimpleNamespace(client=made, guard=guard, provider=provider, clock=clock)

    return client


def run(made, act):
    """Do something to its end, whatever is raised for billing reasons."""

    async def acting():
        with suppress(payreq.PaymentRequired):
            await act(made)

    return steps(acting())


async def export(made):
    return await made.client.post("/exports", content=b"{}")


async def stream(made):
    async with made.client.stream("POST", "/exports", content=b"{}") as response:
        async for _ in response.aiter_raw():
            pass


def blocked(made):
    """Bring about a block whose check is due."""
    run(made, export)
    made.clock.advance(60)
    return made


class Pays:
    """Pays when it is asked to."""

    requires_request_body = False
    requires_response_body = False

    def auth_flow(self, request):
        response = yield request
        if response.status_code == 402:
            yield request


def retry_of(retry):
    async def sleep(_seconds):
        await Pause()

    stop = tenacity.stop_after_attempt(3)
    return tenacity.AsyncRetrying(stop=stop, retry=retry, sleep=sleep)


async def is_down(state):
    await Pause()
    return state.outcome.failed or state.outcome.result().status_code == 503


async def hook(response):
    await Pause()


def with_auth(make, *answers):
    made = make(*answers)
    auth = type("Auth", (Pays, made.provider.flavour.Auth), {})()
    made.client.auth = auth
    return made


CALLS = {
    "a first refusal": (lambda make: make(REFUSED), export),
    "a refusal in a stream": (lambda make: make(REFUSED), stream),
    "a refusal whose body is long": (lambda make: make(LONG), export),
    "a suspect that is none": (lambda make: make(DENIED), export),
    "a suspect that is streamed": (lambda make: make(DENIED), stream),
    "a healthy answer": (lambda make: make(GOOD), export),
    "a check that is refused": (lambda make: blocked(make(REFUSED)), export),
    "a check that is let in": (lambda make: blocked(make(REFUSED, GOOD)), export),
    "a check that meets another error": (lambda make: blocked(make(REFUSED, DENIED)), export),
    "a check that is streamed": (lambda make: blocked(make(REFUSED, GOOD)), stream),
    "a check after a redirect": (
        lambda make: blocked(make(REFUSED, MOVED, REFUSED, follow_redirects=True)),
        lambda made: made.client.post("/moved", content=b"{}"),
    ),
    "a check with an auth flow": (lambda make: blocked(with_auth(make, REFUSED)), export),
    "a check with a hook": (
        lambda make: blocked(make(REFUSED, event_hooks={"response": [hook]})),
        export,
    ),
    "a check that is retried": (
        lambda make: blocked(
            make(REFUSED, DOWN, DOWN, REFUSED, retry=retry_of(tenacity.retry_if_result(bool)))
        ),
        export,
    ),
    "a retry that is looked at for long": (
        lambda make: make(DOWN, DOWN, GOOD, retry=retry_of(is_down)),
        export,
    ),
    "a check inside a retrying transport": (
        lambda make: blocked(make(REFUSED, DOWN, REFUSED, around=Retrying)),
        export,
    ),
}


def is_free(made):
    """Say that no response is open, no probe's slot taken, no lock held and no call remembered."""
    store = made.guard.ledger.store
    held = {
        "responses": len(made.provider.open),
        "slots": [state.token for state in store.find() if state.token],
        "locks": [each for each in (store._lock, made.guard.replays._lock) if each._is_owned()],
        "call": CALL.get(),
    }
    return held == {"responses": 0, "slots": [], "locks": [], "call": None}


def is_in_order(made):
    """Say that a block that stands lets one request through when its check comes."""
    if made.guard.blocks.get("export") is None:
        return True
    made.clock.advance(900)
    before = made.provider.sent
    run(made, export)
    return made.provider.sent > before


@pytest.mark.parametrize(("prepare", "act"), CALLS.values(), ids=CALLS)
def test_nothing_is_held_wherever_a_call_is_cancelled(make, prepare, act, for_good):
    waits = run(prepare(make), act)
    assert waits > 2
    for at in range(1, waits + 1):
        made = prepare(make)
        assert is_free(made)
        with pytest.raises(CancelledError):
            steps(act(made), at=at, for_good=for_good)
        assert is_free(made), f"cancelled at {at} of {waits}"
        assert is_in_order(made), f"cancelled at {at} of {waits}"


def test_a_billing_fixed_that_is_cancelled_changes_nothing(make, for_good):
    made = make(REFUSED)
    run(made, export)
    check = made.guard.blocks.get("export").next_check
    with pytest.raises(CancelledError):
        steps(made.guard.billing_fixed_async("export"), at=1, for_good=for_good)
    assert is_free(made)
    assert made.guard.blocks.get("export").next_check == check
