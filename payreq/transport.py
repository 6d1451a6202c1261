"""What the guarded transports of httpx and httpx2 share: the drive of an exchange.

Sync and async differ in nothing but their awaits; every decision is the exchange's.
"""

from __future__ import annotations

from copy import copy
from datetime import timedelta
from enum import Enum, auto
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from payreq.bodies import SECONDS, Prefix, in_memory
from payreq.catching import Halt
from payreq.exceptions import fresh
from payreq.exchange import CALL, MARK, REFUSING, Exchange, headers_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from payreq.blocking.store import Store
    from payreq.exceptions import PaymentRequired
    from payreq.exchange import Refusals
    from payreq.guard import Guard
    from payreq.replays import Replay


class Delivery(Enum):
    """How a transport hands up a response that is refused."""

    RAISE = auto()  # by hand: it raises, unless the guard or the request asks for the response
    MARK = auto()  # in a wrapped client: `send` raises, once everyone has seen the response
    HALT = auto()  # inside one that retries or caches: past it, to the catcher around it


_RAISE = Delivery.RAISE  # on every request's way, where to look into an Enum takes long


class Guarded:
    """What every guarded transport is made of.

    Args:
        inner: The transport that sends; any with `handle_request` or `handle_async_request`.
        guard: The guard; left out, one of its own with the defaults.
        retry: A tenacity policy for transient failures, or None.
    """

    _response: ClassVar[Any]
    _bytes: ClassVar[Any]
    _stream: ClassVar[Any]

    def __init__(self, inner: Any, *, guard: Guard | None = None, retry: Any = None) -> None:
        from payreq.guard import Guard  # noqa: PLC0415  # only where transports are built

        needed = self._method
        if not callable(getattr(inner, needed, None)):
            raise TypeError(
                f"inner must be a transport with {needed}(request), not {type(inner).__name__}"
            )
        if guard is not None and not isinstance(guard, Guard):
            raise TypeError(f"guard must be a payreq.Guard, not {type(guard).__name__}")
        self.inner = inner
        self.guard = Guard() if guard is None else guard
        self._ledger, self._watched = self.guard.ledger, self.guard.watched
        self.delivery = Delivery.RAISE
        self.refusals: Refusals | None = None
        self.hears: Callable[[], bool] | None = None  # whether a wrapped client hears responses
        self._retrying = None if retry is None else self._policy(retry)

    _method: ClassVar[str]

    def _policy(self, retry: Any) -> Any:
        """Return what drives the attempts to send a request: sync and async each have theirs."""

    def _here(self, exchange: Exchange, refusal: PaymentRequired) -> Any:
        """Build the response to a request that is refused here.

        Raises:
            PaymentRequired: Nobody in the client would see the response, so it is not shown round.
        """
        replay = exchange.replay()
        if refusal.raises:
            response = self._again(replay)
        else:
            # It is handed back: to be read, or streamed, as if it had come from the server.
            body = self._bytes(replay.content)
            response = self._response(replay.status, headers=replay.headers, stream=body)
        refusal.response = response
        response.extensions[MARK] = refusal
        if refusal.raises and self._is_unheard():
            response.request = refusal.request
            raise fresh(refusal, response) from None
        exchange.remember()
        return response

    def _is_unheard(self) -> bool:
        """Say whether no hook, no auth flow and no tracer around this transport sees responses."""
        hears = self.hears
        return (
            hears is not None
            and CALL.get() is None
            and not hears()
            and self._method not in self.__dict__
        )

    def _again(self, replay: Replay) -> Any:
        """Return a copy of the answer, which is made and read but once: many calls may meet it."""
        made = replay.made.get(self._response)
        if made is None:
            made = self._response(replay.status, headers=replay.headers, content=replay.content)
            made.elapsed = timedelta(0)
            replay.made[self._response] = made
        response = copy(made)
        response.headers = made.headers.copy()
        return response

    def _kept(
        self, refusal: PaymentRequired, response: Any, prefix: Prefix | None, since: float
    ) -> Any:
        """Return a refused response that is wholly in memory, as far as its body was read.

        Hooks may read or close it as they like, and whoever catches the exception can read it.
        """
        content = b"" if prefix is None else prefix.decoded
        kept = self._response(response.status_code, headers=headers_of(response), content=content)
        if self.delivery is _RAISE:
            kept.elapsed = timedelta(seconds=monotonic() - since)
        else:
            kept.is_closed = False  # a wrapped `send` closes it, and the client notes the time
        kept.extensions = response.extensions
        refusal.response = kept
        return kept

    def _is_unmet(self, request: Any, store: Store) -> bool:
        """Say whether nothing is held that a request could meet, nor paid for by its own call."""
        return store.get(self.guard.scoper.key(request)[0]) is None and not CALL.get()

    def _exchange(self, request: Any, epoch: int | None = None) -> Exchange:
        linked = self.delivery is not _RAISE
        return Exchange(self.guard, request, self.refusals, linked=linked, epoch=epoch)

    def _delivered(self, request: Any, response: Any) -> Any:
        """Hand up a refused response, or raise its refusal."""
        if self.delivery is Delivery.HALT:
            raise Halt(response)
        refusal = response.extensions[MARK]
        if self.delivery is _RAISE and refusal.raises:
            response.request = request
            raise fresh(refusal, response) from None
        return response


class SyncGuarded(Guarded):
    """Drives an exchange over a sync transport."""

    _method = "handle_request"

    def handle_request(self, request: Any) -> Any:
        """Send a request, or refuse it here.

        Raises:
            PaymentRequired: The request was refused for billing reasons, by the server or here.
        """
        epoch = None
        if self._retrying is None:
            try:
                store = self._ledger.store
                now = store.generation
                if store.quiet or self._is_unmet(request, store):
                    epoch = now
            except Exception:  # noqa: S110  # a store of the user's; the ledger knows what to do
                pass
        if epoch is None:
            return self._sent(request)
        # The happy path: nothing is held for it, and the answer is plainly no refusal.
        since = monotonic() if self.delivery is _RAISE else 0.0
        response = self.inner.handle_request(request)
        if response.status_code < REFUSING:
            try:
                watched = self._watched[request.url._uri_reference.host]  # noqa: SLF001  # `URL.host` decodes anew each time
            except (AttributeError, KeyError):  # another httpx keeps it elsewhere, or a new host
                watched = self.guard.watches(request.url.host)
            if not watched:
                return response
        if request.extensions.get("payreq") is False:
            return response
        response = self._judged(self._exchange(request, epoch), response, since)
        return self._delivered(request, response) if MARK in response.extensions else response

    def close(self) -> None:
        """Close the transport inside."""
        self.inner.close()

    def __enter__(self) -> Any:
        self.inner.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.inner.__exit__(*exc_info)

    def _policy(self, retry: Any) -> Any:
        from payreq.retrying import sync_policy  # noqa: PLC0415  # tenacity loads only where asked for

        return sync_policy(retry)

    def _sent(self, request: Any) -> Any:
        """Send a request past what is blocked, and again where a policy says so."""
        if request.extensions.get("payreq") is False:
            return self.inner.handle_request(request)
        if self._retrying is None:
            response = self._attempt(request)
        else:
            response = self._retrying(self._attempt, request)
        return self._delivered(request, response) if MARK in response.extensions else response

    def _attempt(self, request: Any) -> Any:
        since = monotonic()
        exchange = self._exchange(request)
        refusal = exchange.admit()
        if refusal is not None:
            self.guard.fire(exchange.news)
            return self._here(exchange, refusal)
        try:
            response = self.inner.handle_request(request)
        except BaseException:
            exchange.fail()
            raise
        if exchange.is_free(response):
            return response
        return self._judged(exchange, response, since)

    def _judged(self, exchange: Exchange, response: Any, since: float) -> Any:
        try:
            prefix = self._read(response) if exchange.wants_body(response) else None
        except BaseException:
            exchange.fail()
            raise
        refusal = exchange.judge(response, prefix)
        try:
            if exchange.news:
                self.guard.fire(exchange.news)
        except BaseException:
            response.close()
            raise
        if refusal is None or not refusal.raises:
            return response
        response.close()
        return self._kept(refusal, response, prefix, since)

    def _read(self, response: Any) -> Prefix:
        """Read the beginning of a body, and put back a stream that loses nothing of it."""
        held = in_memory(response)
        if held is not None:
            return held
        prefix = Prefix(response.headers.get("content-encoding", ""))
        stream = response.stream
        rest = iter(stream)
        response.stream = self._stream(prefix, rest, stream)
        until = monotonic() + SECONDS
        try:
            for chunk in rest:
                if not prefix.add(chunk) or monotonic() > until:
                    return prefix
            prefix.complete = True
        except Exception as error:  # raised again to whoever reads on
            prefix.error = error
        except BaseException:
            response.stream.close()
            raise
        return prefix


class AsyncGuarded(Guarded):
    """Drives an exchange over an async transport."""

    _method = "handle_async_request"

    async def handle_async_request(self, request: Any) -> Any:
        """Send a request, or refuse it here.

        Raises:
            PaymentRequired: The request was refused for billing reasons, by the server or here.
        """
        epoch = None
        if self._retrying is None:
            try:
                store = self._ledger.store
                now = store.generation
                if store.quiet or self._is_unmet(request, store):
                    epoch = now
            except Exception:  # noqa: S110  # a store of the user's; the ledger knows what to do
                pass
        if epoch is None:
            return await self._sent(request)
        # The happy path: nothing is held for it, and the answer is plainly no refusal.
        since = monotonic() if self.delivery is _RAISE else 0.0
        response = await self.inner.handle_async_request(request)
        if response.status_code < REFUSING:
            try:
                watched = self._watched[request.url._uri_reference.host]  # noqa: SLF001  # `URL.host` decodes anew each time
            except (AttributeError, KeyError):  # another httpx keeps it elsewhere, or a new host
                watched = self.guard.watches(request.url.host)
            if not watched:
                return response
        if request.extensions.get("payreq") is False:
            return response
        response = await self._judged(self._exchange(request, epoch), response, since)
        return self._delivered(request, response) if MARK in response.extensions else response

    async def aclose(self) -> None:
        """Close the transport inside."""
        await self.inner.aclose()

    async def __aenter__(self) -> Any:
        await self.inner.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.inner.__aexit__(*exc_info)

    def _policy(self, retry: Any) -> Any:
        from payreq.retrying import async_policy  # noqa: PLC0415  # tenacity loads only where asked for

        return async_policy(retry)

    async def _sent(self, request: Any) -> Any:
        """Send a request past what is blocked, and again where a policy says so."""
        if request.extensions.get("payreq") is False:
            return await self.inner.handle_async_request(request)
        if self._retrying is None:
            response = await self._attempt(request)
        else:
            response = await self._retrying(self._attempt, request)
        return self._delivered(request, response) if MARK in response.extensions else response

    async def _attempt(self, request: Any) -> Any:
        since = monotonic()
        exchange = self._exchange(request)
        refusal = exchange.admit()
        if refusal is not None:
            await self.guard.fire_async(exchange.news)
            return self._here(exchange, refusal)
        try:
            response = await self.inner.handle_async_request(request)
        except BaseException:
            exchange.fail()
            raise
        if exchange.is_free(response):
            return response
        return await self._judged(exchange, response, since)

    async def _judged(self, exchange: Exchange, response: Any, since: float) -> Any:
        try:
            prefix = await self._read(response) if exchange.wants_body(response) else None
        except BaseException:
            exchange.fail()
            raise
        refusal = exchange.judge(response, prefix)
        try:
            if exchange.news:
                await self.guard.fire_async(exchange.news)
        except BaseException:
            await response.aclose()
            raise
        if refusal is None or not refusal.raises:
            return response
        await response.aclose()
        return self._kept(refusal, response, prefix, since)

    async def _read(self, response: Any) -> Prefix:
        """Read the beginning of a body, and put back a stream that loses nothing of it."""
        held = in_memory(response)
        if held is not None:
            return held
        prefix = Prefix(response.headers.get("content-encoding", ""))
        stream = response.stream
        rest = stream.__aiter__()
        response.stream = self._stream(prefix, rest, stream)
        until = monotonic() + SECONDS
        try:
            async for chunk in rest:
                if not prefix.add(chunk) or monotonic() > until:
                    return prefix
            prefix.complete = True
        except Exception as error:  # raised again to whoever reads on
            prefix.error = error
        except BaseException:
            await response.stream.aclose()
            raise
        return prefix
