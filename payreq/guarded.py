"""What every guarded transport is made of, whatever it sends through: all but the sending."""

from __future__ import annotations

from copy import copy
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, ClassVar

from payreq.blocking.block import Key
from payreq.catching import Halt
from payreq.exceptions import fresh
from payreq.exchange import CALL, MARK, Exchange, headers_of
from payreq.frames import unpaid

if TYPE_CHECKING:
    from collections.abc import Callable

    from payreq.bodies import Prefix
    from payreq.exceptions import PaymentRequired
    from payreq.exchange import Refusals
    from payreq.guard import Guard
    from payreq.replays import Replay


class Delivery(Enum):
    """How a transport hands up a response that is refused."""

    RAISE = auto()  # by hand: it raises, unless the guard or the request asks for the response
    MARK = auto()  # in a wrapped client: `send` raises, once everyone has seen the response
    HALT = auto()  # inside one that retries or caches: past it, to the catcher around it


RAISE = Delivery.RAISE  # on every request's way, where to look into an Enum takes long


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
        self, refusal: PaymentRequired, response: Any, prefix: Prefix | None, elapsed: float
    ) -> Any:
        """Return a refused response that is wholly in memory, as far as its body was read.

        Hooks may read or close it as they like, and whoever catches the exception can read it.
        """
        content = b"" if prefix is None else prefix.decoded
        kept = self._response(response.status_code, headers=headers_of(response), content=content)
        if self.delivery is RAISE:
            kept.elapsed = timedelta(seconds=elapsed)
        else:
            kept.is_closed = False  # a wrapped `send` closes it, and the client notes the time
        kept.extensions = response.extensions
        refusal.response = kept
        return kept

    def _is_unmet(self, request: Any) -> bool:
        """Say whether nothing is held that a request could meet, nor paid for by its own call.

        Most meet nothing whoever sends them; only of the rest is it told whose they are.
        """
        if CALL.get():
            return False
        ledger, scoper = self._ledger, self.guard.scoper
        origin, feature, _ = scoper.feature(request)
        if ledger.spares(origin, feature):
            return True
        return ledger.store.get(Key(origin, feature, scoper.account(request))) is None

    def _exchange(self, request: Any, epoch: int | None = None) -> Exchange:
        linked = self.delivery is not RAISE
        return Exchange(self.guard, request, self.refusals, linked=linked, epoch=epoch)

    def _delivered(self, request: Any, response: Any) -> Any:
        """Hand up a refused response, or raise its refusal."""
        if self.delivery is Delivery.HALT:
            raise Halt(response)
        refusal = response.extensions[MARK]
        if self.delivery is RAISE and refusal.raises:
            response.request = request
            raise fresh(refusal, response) from refusal.__cause__
        return response

    def _unpaid(self, request: Any, error: BaseException) -> Any:
        """Return the 402 that the transport inside could not pay when it raised, None if none."""
        passes = request.extensions.get("payreq") is False
        return None if passes else unpaid(error, self.inner)

    def _blamed(self, response: Any, error: BaseException) -> Any:
        """Return a refusal that a transport inside could not pay, with what it raised as its cause.

        Raises:
            BaseException: What it raised, where that is no refusal after all.
        """
        refusal = response.extensions.get(MARK)
        if refusal is None:
            raise error
        refusal.__cause__ = error
        return response
