"""Guarded transports for httpx."""

from __future__ import annotations

import httpx

from payreq.bodies import AsyncRest, SyncRest
from payreq.catching import AsyncCatcher, SyncCatcher
from payreq.transport import AsyncGuarded, SyncGuarded

LIBRARY = httpx
"""The library whose clients these transports are for."""


class _Stream(SyncRest, httpx.SyncByteStream):
    """A body put back together."""


class _AsyncStream(AsyncRest, httpx.AsyncByteStream):
    """An async body put back together."""


class PaymentTransport(SyncGuarded, httpx.BaseTransport):
    """A transport that recognises billing refusals and sends nothing that is blocked.

    It raises from the transport: response hooks, redirects and auth flows of the client do not
    see a refusal. `Guard.wrap` raises later and is what most programs want.

    Args:
        inner: The transport that sends, such as `httpx.HTTPTransport()`.
        guard: The guard; left out, one of its own with the defaults.
        retry: A tenacity `Retrying` or `AsyncRetrying` for transient failures, which a billing
            refusal halts at once; `payreq.transient_retry()` makes one.

    Raises:
        TypeError: `inner` is no sync transport, `guard` no Guard, or `retry` no policy.

    Example:
        >>> import httpx, payreq
        >>> client = httpx.Client(transport=payreq.PaymentTransport(httpx.HTTPTransport()))
    """

    _response = httpx.Response
    _bytes = httpx.ByteStream
    _stream = _Stream


class AsyncPaymentTransport(AsyncGuarded, httpx.AsyncBaseTransport):
    """The same for an `httpx.AsyncClient`, under asyncio and trio."""

    _response = httpx.Response
    _bytes = httpx.ByteStream
    _stream = _AsyncStream


class Catcher(SyncCatcher, httpx.BaseTransport):
    """Around a transport that retries or caches, in a wrapped client."""


class AsyncCatcherTransport(AsyncCatcher, httpx.AsyncBaseTransport):
    """The same for an async client."""
