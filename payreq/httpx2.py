"""Guarded transports for httpx2."""

from __future__ import annotations

from payreq.bodies import AsyncRest, SyncRest
from payreq.catching import AsyncCatcher, SyncCatcher
from payreq.extras import missing
from payreq.transport import AsyncGuarded, SyncGuarded

try:
    import httpx2
except ImportError as error:
    raise missing(error, __name__, "httpx2") from error

LIBRARY = httpx2
"""The library whose clients these transports are for."""


class _Stream(SyncRest, httpx2.SyncByteStream):
    """A body put back together."""


class _AsyncStream(AsyncRest, httpx2.AsyncByteStream):
    """An async body put back together."""


class PaymentTransport(SyncGuarded, httpx2.BaseTransport):
    """A transport that recognises billing refusals and sends nothing that is blocked.

    It raises from the transport: response hooks, redirects and auth flows of the client do not
    see a refusal. `Guard.wrap` raises later and is what most programs want.

    Args:
        inner: The transport that sends, such as `httpx2.HTTPTransport()`.
        guard: The guard; left out, one of its own with the defaults.
        retry: A tenacity `Retrying` or `AsyncRetrying` for transient failures, which a billing
            refusal halts at once; `payreq.transient_retry()` makes one.

    Raises:
        TypeError: `inner` is no sync transport, `guard` no Guard, or `retry` no policy.

    Example:
        >>> import httpx2, payreq.httpx2
        >>> client = httpx2.Client(transport=payreq.httpx2.PaymentTransport(httpx2.HTTPTransport()))
    """

    _response = httpx2.Response
    _bytes = httpx2.ByteStream
    _stream = _Stream


class AsyncPaymentTransport(AsyncGuarded, httpx2.AsyncBaseTransport):
    """The same for an `httpx2.AsyncClient`, under asyncio and trio."""

    _response = httpx2.Response
    _bytes = httpx2.ByteStream
    _stream = _AsyncStream


class Catcher(SyncCatcher, httpx2.BaseTransport):
    """Around a transport that retries or caches, in a wrapped client."""


class AsyncCatcherTransport(AsyncCatcher, httpx2.AsyncBaseTransport):
    """The same for an async client."""
