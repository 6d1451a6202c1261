"""Every way through a transport: both libraries; sync, and async under asyncio and trio."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from types import SimpleNamespace

import httpx
import httpx2
import pytest

import payreq
import payreq.httpx
import payreq.httpx2

FEATURES = {"export": "* /exports", "chat": "* /chat"}


class Caller:
    """A client called in the same words, whether it is sync or async."""

    def __init__(self, client, transport, library):
        self.client = client
        self.transport = transport
        self.flavour = library
        self.async_ = hasattr(client, "aclose")

    async def __call__(self, method, path, **options):
        made = self.client.request(method, path, **options)
        return await made if self.async_ else made

    @asynccontextmanager
    async def stream(self, method, path, **options):
        if self.async_:
            async with self.client.stream(method, path, **options) as response:
                yield response
        else:
            with self.client.stream(method, path, **options) as response:
                yield response

    async def chunks(self, response, way="raw"):
        """Iterate over a body: "raw", "bytes", "text" or "lines"."""
        if self.async_:
            async for chunk in getattr(response, f"aiter_{way}")():
                yield chunk
        else:
            for chunk in getattr(response, f"iter_{way}")():
                yield chunk

    async def close(self):
        if self.async_:
            await self.client.aclose()
        else:
            self.client.close()


class Inside:
    """A transport that has something done to each response before it hands it up."""

    def __init__(self, inner, act):
        self.inner = inner
        self.act = act

    def handle_request(self, request):
        response = self.inner.handle_request(request)
        self.act(response)
        return response

    async def handle_async_request(self, request):
        response = await self.inner.handle_async_request(request)
        await self.act(response)
        return response

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.inner.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc_info):
        await self.inner.aclose()


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


@pytest.fixture(params=["sync", "asyncio", "trio"])
def kind(request):
    return request.param


@pytest.fixture
def anyio_backend(kind):
    return "asyncio" if kind == "sync" else kind


@pytest.fixture
def transports(library, kind):
    """The library's transports of this kind, and payreq's: `plain`, `guarded`."""
    ours = payreq.httpx if library is httpx else payreq.httpx2
    plain, guarded = (
        (library.HTTPTransport, ours.PaymentTransport)
        if kind == "sync"
        else (library.AsyncHTTPTransport, ours.AsyncPaymentTransport)
    )
    # Nothing is encrypted here: the certificates need not be loaded each time.
    return SimpleNamespace(plain=partial(plain, verify=False), guarded=guarded)


@pytest.fixture
async def calling(server, library, kind, transports, anyio_backend):
    """Makes callers: `calling(guard)`, or `calling(None)` for a client without payreq."""
    async with AsyncExitStack() as stack:

        async def call(guard, *, inner=None, **options):
            transport = transports.plain() if inner is None else inner
            if guard is not None:
                transport = transports.guarded(transport, guard=guard)
            make = library.Client if kind == "sync" else library.AsyncClient
            options = {"base_url": server.url, "trust_env": False, "timeout": 10} | options
            client = make(transport=transport, **options)
            if kind == "sync":
                stack.enter_context(client)
            else:
                await stack.enter_async_context(client)
            return Caller(client, transport, library)

        yield call


@pytest.fixture
def clock():
    """POSIX seconds that a test moves."""
    return payreq.testing.Clock()


@pytest.fixture
def guard(clock):
    return payreq.Guard(features=FEATURES, clock=clock)


@pytest.fixture
def inside(transports, library, kind):
    """Makes a transport that has a method of each response called: `inside("read")`."""

    def make(method):
        name = method if kind == "sync" else f"a{method}"
        return Inside(transports.plain(), getattr(library.Response, name))

    return make
