"""The ways to call that the storm compares: each retry library alone, and under one another.

Each is an async context manager that yields one call, which fails once its policy gives up. It may
be guarded; and then its policy may know payreq, or not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any, Literal, NamedTuple

import backoff
import httpx
import openai
import stamina
import tenacity
from httpx_retries import RetryTransport

import payreq

ATTEMPTS = 6
SDK_RETRIES = 2
KEY = "sk-benchmark-0123456789"
CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

Call = Callable[[], Awaitable[Any]]
Around = Callable[[Call], Call]
"""What a retry library makes of a call."""


class Way(NamedTuple):
    """A way to call.

    Attributes:
        name: What it is called.
        client: Whose client sends.
        opened: `(url, wrap, around) -> ` the context manager of the call.
        around: The policy around the call.
        knowing: That policy once it knows payreq; None where there is none around the call.
        known: What makes it know.
    """

    name: str
    client: Literal["httpx", "openai"]
    opened: Callable[[str, Callable[[Any], Any], Around], AbstractAsyncContextManager[Call]]
    around: Around = lambda call: call
    knowing: Around | None = None
    known: str = ""


@asynccontextmanager
async def _by_httpx(
    url: str, wrap: Callable[[Any], Any], around: Around, transport: Any = None
) -> AsyncIterator[Call]:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with wrap(httpx.AsyncClient(transport=transport, headers=headers)) as client:

        async def call() -> None:
            (await client.get(f"{url}/v1/exports")).raise_for_status()

        yield around(call)


@asynccontextmanager
async def _by_httpx_retries(
    url: str, wrap: Callable[[Any], Any], around: Around
) -> AsyncIterator[Call]:
    async with _by_httpx(url, wrap, around, RetryTransport()) as call:
        yield call


@asynccontextmanager
async def _by_openai(
    url: str, wrap: Callable[[Any], Any], around: Around, retries: int = SDK_RETRIES
) -> AsyncIterator[Call]:
    client = openai.AsyncOpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=retries)
    async with wrap(client):

        async def call() -> None:
            await client.chat.completions.create(**CHAT)

        yield around(call)


def _policy(retried: type[Exception]) -> tenacity.AsyncRetrying:
    return tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(retried),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(),
        reraise=True,
    )


def _tenacity(retried: type[Exception]) -> Around:
    return lambda call: _policy(retried).wraps(call)


def _tenacity_knowing(retried: type[Exception]) -> Around:
    return lambda call: payreq.halting(_policy(retried)).wraps(call)


# Of each client first the one that never tries again, beside which the others are looked at.
WAYS = (
    Way("httpx alone, no retry", "httpx", _by_httpx),
    Way(
        f"tenacity {version('tenacity')}, {ATTEMPTS} attempts",
        "httpx",
        _by_httpx,
        _tenacity(httpx.HTTPError),
        _tenacity_knowing(httpx.HTTPError),
        "`payreq.halting`",
    ),
    Way(
        f"stamina {version('stamina')}, {ATTEMPTS} attempts",
        "httpx",
        _by_httpx,
        stamina.retry(on=httpx.HTTPError, attempts=ATTEMPTS),
        stamina.retry(on=payreq.not_payment_required, attempts=ATTEMPTS),
        "`on=payreq.not_payment_required`",
    ),
    Way(
        f"backoff {version('backoff')}, {ATTEMPTS} attempts",
        "httpx",
        _by_httpx,
        backoff.on_exception(backoff.expo, httpx.HTTPError, max_tries=ATTEMPTS),
        backoff.on_exception(
            backoff.expo, httpx.HTTPError, max_tries=ATTEMPTS, giveup=payreq.is_payment_required
        ),
        "`giveup=payreq.is_payment_required`",
    ),
    Way(f"httpx-retries {version('httpx-retries')}, as it is", "httpx", _by_httpx_retries),
    Way(f"openai {version('openai')}, no retry", "openai", partial(_by_openai, retries=0)),
    Way(f"openai, max_retries={SDK_RETRIES}", "openai", _by_openai),
    Way(
        f"openai, max_retries={SDK_RETRIES}, under tenacity, {ATTEMPTS} attempts",
        "openai",
        _by_openai,
        _tenacity(openai.APIError),
        _tenacity_knowing(openai.APIError),
        "`payreq.halting`",
    ),
)
