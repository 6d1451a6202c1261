"""tenacity, taught that a billing refusal is an answer: policies that halt at it at once."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

import tenacity

from payreq.detecting import detect
from payreq.exchange import MARK
from payreq.libraries import LIBRARIES
from payreq.reading.quotas import read_wait
from payreq.reading.values import http_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Methods that may be sent again without harm (RFC 9110, 9.2.2)."""

IDEMPOTENCY_KEYS = ("idempotency-key", "x-idempotency-key")
"""Headers that make any request so (draft-ietf-httpapi-idempotency-key-header)."""

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses that another try may cure."""

FAULTS = ("TimeoutException", "NetworkError", "RemoteProtocolError")
"""What httpx and httpx2 call the faults of a connection."""

LONGEST = 60.0
"""Seconds of a `Retry-After` that are waited for at most; a longer one is handed on."""

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Policy = TypeVar("_Policy", bound=tenacity.BaseRetrying)


@overload
def retry(function: Callable[_P, _T], /) -> Callable[_P, _T]: ...
@overload
def retry(
    function: None = None, /, **options: Any
) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]: ...
def retry(function: Any = None, /, **options: Any) -> Any:
    """Decorate a function with `tenacity.retry`, save that a billing refusal is never retried.

    Args:
        function: The function, sync or async, where no options are given.
        **options: Those of `tenacity.retry`.

    Raises:
        TypeError: What stands in the function's place cannot be called.

    Example:
        >>> import payreq, tenacity
        >>> @payreq.retry(stop=tenacity.stop_after_attempt(3))
        ... def export(): ...
    """
    if function is not None and not callable(function):
        raise TypeError(
            f"retry takes a function, or options by name such as stop=..., not {function!r}"
        )
    given = options.get("retry") or tenacity.retry_if_exception_type()
    decorate = tenacity.retry(**{**options, "retry": _unless_refused(given)})
    return decorate if function is None else decorate(function)


def halting(retrying: _Policy) -> _Policy:
    """Return a copy of a policy that never retries a billing refusal.

    Args:
        retrying: A tenacity `Retrying` or `AsyncRetrying`.

    Raises:
        TypeError: It is neither.

    Example:
        >>> import payreq, tenacity
        >>> retrying = payreq.halting(tenacity.Retrying(stop=tenacity.stop_after_attempt(3)))
    """
    if not isinstance(retrying, tenacity.BaseRetrying):
        raise TypeError(
            f"retrying must be a tenacity Retrying or AsyncRetrying, not {type(retrying).__name__}"
        )
    return retrying.copy(retry=_unless_refused(retrying.retry))


def transient_retry(
    *, attempts: int = 3, wait_initial: float = 0.5, wait_max: float = 8.0
) -> tenacity.Retrying:
    """Return a policy for `retry=`, for sync and async clients, that retries what may pass.

    That is: faults of the connection, and 429, 502, 503 and 504, of requests that may be sent
    again (an idempotent method, or any with an `Idempotency-Key`, whose body can be replayed).
    A `Retry-After` of up to 60 s is honoured; a longer one is handed on with its response.

    Args:
        attempts: How often a request is sent at most.
        wait_initial: Seconds to wait at most before the second attempt, and twice as long before
            each further one: how long, is drawn at random, so that callers do not come in step.
        wait_max: Seconds to wait at most before any, where the server does not say.

    Raises:
        ValueError: `attempts` is no number from 1 up, or a time none from 0 up.

    Example:
        >>> import httpx, payreq
        >>> client = payreq.Guard().wrap(httpx.Client(), retry=payreq.transient_retry(attempts=4))
    """
    for name, value, least in (
        ("attempts", attempts, 1),
        ("wait_initial", wait_initial, 0),
        ("wait_max", wait_max, 0),
    ):
        if not isinstance(value, (int, float)) or not value >= least:  # nor what is no number
            raise ValueError(f"{name} must be a number, {least} or more, not {value!r}")
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts),
        wait=_pause_of(tenacity.wait_random_exponential(wait_initial, wait_max)),
        retry=_is_transient,
    )


def sync_policy(retry: Any) -> Callable[[Callable[[Any], Any], Any], Any]:
    """Return what a transport calls with its way to send and a request.

    Args:
        retry: A tenacity `Retrying`.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(retry, tenacity.Retrying):
        raise TypeError(
            f"retry must be a tenacity.Retrying for a sync client, not {type(retry).__name__}"
        )
    policy = _for_transport(retry)

    def send(attempt: Callable[[Any], Any], request: Any) -> Any:
        held: list[Any] = []

        def once(request: Any) -> Any:
            held.append(attempt(request))
            return held[-1]

        def sleep(seconds: float) -> None:
            # Its connection goes back to the pool while nothing happens.
            while held:
                held.pop().close()
            policy.sleep(seconds)

        try:
            # A copy for each call: a policy keeps its state in itself.
            return policy.copy(sleep=sleep)(once, request)
        except BaseException:
            while held:
                held.pop().close()
            raise

    return send


def async_policy(retry: Any) -> Callable[[Callable[[Any], Any], Any], Any]:
    """Return what an async transport calls with its way to send and a request.

    Args:
        retry: A tenacity `AsyncRetrying`, or a `Retrying`, whose rules are taken over.

    Raises:
        TypeError: It is neither.
    """
    if not isinstance(retry, (tenacity.AsyncRetrying, tenacity.Retrying)):
        raise TypeError(
            "retry must be a tenacity.AsyncRetrying or Retrying for an async client, "
            f"not {type(retry).__name__}"
        )
    policy = _for_transport(_as_async(retry))

    async def send(attempt: Callable[[Any], Any], request: Any) -> Any:
        held: list[Any] = []

        async def once(request: Any) -> Any:
            held.append(await attempt(request))
            return held[-1]

        async def sleep(seconds: float) -> None:
            # Its connection goes back to the pool while nothing happens.
            while held:
                await held.pop().aclose()
            slept: Any = policy.sleep(seconds)
            if isawaitable(slept):
                await slept

        try:
            # A copy for each call: a policy keeps its state in itself.
            return await policy.copy(sleep=sleep)(once, request)
        except BaseException:
            while held:
                await held.pop().aclose()
            raise

    return send


def _for_transport(policy: _Policy) -> _Policy:
    """Halt a policy at refusals and at what cannot be sent again, and hand on what came last.

    A transport answers with a response or raises what its library raises: no `RetryError`.
    """
    return halting(policy).copy(
        retry=_if_repeatable(_unless_refused(policy.retry)),
        retry_error_callback=policy.retry_error_callback or _last,
    )


def _as_async(policy: tenacity.AsyncRetrying | tenacity.Retrying) -> tenacity.AsyncRetrying:
    if isinstance(policy, tenacity.AsyncRetrying):
        return policy
    made = tenacity.AsyncRetrying(
        stop=policy.stop,
        wait=policy.wait,
        retry=policy.retry,
        before=policy.before,
        after=policy.after,
        before_sleep=policy.before_sleep,
        reraise=policy.reraise,
        retry_error_cls=policy.retry_error_cls,
        retry_error_callback=policy.retry_error_callback,
    )
    own = policy.sleep is not tenacity.nap.sleep
    return made.copy(sleep=policy.sleep) if own else made


def _unless_refused(given: Any) -> Any:
    return _only_if(lambda state: detect(_outcome(state)) is None, given)


def _if_repeatable(given: Any) -> Any:
    """Halt at an interrupt and a cancellation, which tenacity hands to the predicates, too."""
    return _only_if(
        lambda state: not _is_interrupted(_outcome(state)) and _can_be_replayed(state.args[0]),
        given,
    )


def _only_if(condition: Callable[[RetryCallState], bool], given: Any) -> Any:
    """Return a predicate, async if the given one is, that holds where both do."""
    if iscoroutinefunction(given) or iscoroutinefunction(type(given).__call__):

        async def both_async(state: RetryCallState) -> bool:
            return bool(await given(state)) and condition(state)

        return both_async

    def both(state: RetryCallState) -> bool:
        return bool(given(state)) and condition(state)

    return both


def _outcome(state: RetryCallState) -> Any:
    """Return what an attempt raised, else what it returned."""
    outcome: Any = state.outcome
    return outcome.exception() if outcome.failed else outcome.result()


def _last(state: RetryCallState) -> Any:
    outcome: Any = state.outcome
    return outcome.result()


def _is_transient(state: RetryCallState) -> bool:
    request = state.args[0] if state.args else None
    if not hasattr(request, "method"):
        raise TypeError(
            "transient_retry() is a policy for retry=, as in guard.wrap(client, retry=...); "
            "around a function, use payreq.retry"
        )
    if not _may_be_repeated(request):
        return False
    outcome = _outcome(state)
    if isinstance(outcome, BaseException):
        return isinstance(outcome, _faults())
    asked = _asked(outcome)
    return (
        outcome.status_code in TRANSIENT
        and MARK not in outcome.extensions
        and (asked is None or asked <= LONGEST)
    )


def _may_be_repeated(request: Any) -> bool:
    return request.method.upper() in IDEMPOTENT or any(
        name in request.headers for name in IDEMPOTENCY_KEYS
    )


def _is_interrupted(outcome: Any) -> bool:
    return isinstance(outcome, BaseException) and not isinstance(outcome, Exception)


def _can_be_replayed(request: Any) -> bool:
    """Say whether a body is in memory; a stream may be used up after the first attempt."""
    try:
        return request.content is not None
    except Exception:  # each library has its own error for a body not read
        return False


def _faults() -> tuple[type[BaseException], ...]:
    loaded = [sys.modules[name] for name in LIBRARIES if name in sys.modules]
    return tuple(getattr(library, fault) for library in loaded for fault in FAULTS)


def _pause_of(otherwise: Callable[[RetryCallState], float]) -> Callable[[RetryCallState], float]:
    """Return how long to wait: as long as the server asks, else as long as a strategy says."""

    def pause(state: RetryCallState) -> float:
        outcome = _outcome(state)
        asked = None if isinstance(outcome, BaseException) else _asked(outcome)
        return otherwise(state) if asked is None else asked

    return pause


def _asked(response: Any) -> float | None:
    """Return the seconds of a Retry-After (RFC 9110, 10.2.3), or None."""
    headers = response.headers
    return read_wait(headers, http_date(headers.get("date")) or datetime.now(UTC))
