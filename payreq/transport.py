"""What the guarded transports of httpx and httpx2 share: the drive of an exchange.

Sync and async differ in nothing but their awaits; every decision is the exchange's.
"""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import Any

from payreq.bodies import SECONDS, Prefix, in_memory
from payreq.exchange import MARK, REFUSING, Exchange
from payreq.guarded import RAISE, Guarded


class SyncGuarded(Guarded):
    """Drives an exchange over a sync transport."""

    _method = "handle_request"

    def handle_request(self, request: Any) -> Any:
        """Send a request, or refuse it here.

        Raises:
            PaymentRequired: The request was refused for billing reasons, by the server or here.
        """
        if self._retrying is not None:
            return self._sent(request)
        # The happy path: nothing is held for the request, and the answer is plainly no refusal. It
        # calls nothing but what sends, as each call and each look here is paid by every request.
        try:
            if self._ledger.keeps_up and self._ledger.stale:
                self.guard.keep_up()
            store = self._ledger.store
            epoch = store.generation
            free = store.quiet or self._is_unmet(request)
        except Exception:  # a store of the user's; the ledger knows what to do
            epoch, free = 0, False
        if not free:
            return self._sent(request)
        since = monotonic() if self.delivery is RAISE else 0.0
        try:
            response = self.inner.handle_request(request)
        except Exception as error:
            exchange = self._exchange(request, epoch)
            return self._delivered(request, self._failed(exchange, request, error, since))
        try:
            if (
                response.status_code < REFUSING
                and not self._watched[request.url._uri_reference.host]  # noqa: SLF001  # `URL.host` decodes anew each time
            ):
                return response
        except (AttributeError, KeyError):  # another httpx keeps it elsewhere, or a new host
            pass
        return self._suspected(request, response, epoch, since)

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
        if self._ledger.keeps_up and self._ledger.stale:
            self.guard.keep_up()
        exchange = self._exchange(request)
        refusal = exchange.admit()
        if refusal is not None:
            self.guard.fire(exchange.news)
            return self._here(exchange, refusal)
        try:
            response = self.inner.handle_request(request)
        except BaseException as error:
            return self._failed(exchange, request, error, since)
        if exchange.is_free(response):
            return response
        return self._judged(exchange, response, since)

    def _suspected(self, request: Any, response: Any, epoch: int, since: float) -> Any:
        """Judge what came back of a request for which nothing was held."""
        if request.extensions.get("payreq") is False:
            return response
        response = self._judged(self._exchange(request, epoch), response, since)
        return self._delivered(request, response) if MARK in response.extensions else response

    def _failed(self, exchange: Exchange, request: Any, error: BaseException, since: float) -> Any:
        """Return the refusal that a transport inside could not pay, or raise what it raised."""
        response = self._unpaid(request, error)
        if response is None:
            exchange.fail()
            raise error
        return self._blamed(self._judged(exchange, response, since), error)

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
        return self._kept(refusal, response, prefix, monotonic() - since)

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
        if self._retrying is not None:
            return await self._sent(request)
        # The happy path: nothing is held for the request, and the answer is plainly no refusal. It
        # calls nothing but what sends, as each call and each look here is paid by every request.
        try:
            if self._ledger.keeps_up and self._ledger.stale:
                await self.guard.keep_up_async()
            store = self._ledger.store
            epoch = store.generation
            free = store.quiet or self._is_unmet(request)
        except Exception:  # a store of the user's; the ledger knows what to do
            epoch, free = 0, False
        if not free:
            return await self._sent(request)
        since = monotonic() if self.delivery is RAISE else 0.0
        try:
            response = await self.inner.handle_async_request(request)
        except Exception as error:
            exchange = self._exchange(request, epoch)
            return self._delivered(request, await self._failed(exchange, request, error, since))
        try:
            if (
                response.status_code < REFUSING
                and not self._watched[request.url._uri_reference.host]  # noqa: SLF001  # `URL.host` decodes anew each time
            ):
                return response
        except (AttributeError, KeyError):  # another httpx keeps it elsewhere, or a new host
            pass
        return await self._suspected(request, response, epoch, since)

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
        if self._ledger.keeps_up and self._ledger.stale:
            await self.guard.keep_up_async()
        exchange = self._exchange(request)
        refusal = exchange.admit()
        if refusal is not None:
            await self.guard.fire_async(exchange.news)
            await _others_turn()
            return self._here(exchange, refusal)
        try:
            response = await self.inner.handle_async_request(request)
        except BaseException as error:
            return await self._failed(exchange, request, error, since)
        if exchange.is_free(response):
            return response
        return await self._judged(exchange, response, since)

    async def _suspected(self, request: Any, response: Any, epoch: int, since: float) -> Any:
        """Judge what came back of a request for which nothing was held."""
        if request.extensions.get("payreq") is False:
            return response
        response = await self._judged(self._exchange(request, epoch), response, since)
        return self._delivered(request, response) if MARK in response.extensions else response

    async def _failed(
        self, exchange: Exchange, request: Any, error: BaseException, since: float
    ) -> Any:
        """Return the refusal that a transport inside could not pay, or raise what it raised."""
        response = self._unpaid(request, error)
        if response is None:
            exchange.fail()
            raise error
        return self._blamed(await self._judged(exchange, response, since), error)

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
        return self._kept(refusal, response, prefix, monotonic() - since)

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


async def _others_turn() -> None:
    """Let other tasks go on, as sending would: one that calls again and again must not halt all."""
    from anyio.lowlevel import checkpoint  # noqa: PLC0415  # comes with httpx; loaded by async code

    with suppress(RuntimeError):  # around it is neither asyncio nor trio
        await checkpoint()
