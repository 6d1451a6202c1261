"""What the tests of an app need: canned refusals, a clock that they move, a guard that runs by it.

The fixtures are there once `conftest.py` says `pytest_plugins = ["payreq.testing"]`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from payreq.details import PaymentDetails
from payreq.exceptions import PaymentRequired
from payreq.exceptions import refusal as _refusal
from payreq.guard import Guard
from payreq.problems import problem
from payreq.reasons import Reason

if TYPE_CHECKING:
    import httpx

START = 1_800_000_000.0
"""The POSIX seconds at which a `Clock` starts: 15 January 2027, 08:00 UTC."""


class Clock:
    """Time that passes when it is told to, for `Guard(clock=...)`.

    Attributes:
        now: POSIX seconds.

    Example:
        >>> clock = Clock()
        >>> clock.advance(60)
        >>> clock() - START
        60.0
    """

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return POSIX seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def response(reason: Reason | str, *, library: Any = None, **fields: Any) -> httpx.Response:
    """Return what an API answers when it refuses, ready for respx or a MockTransport.

    Args:
        reason: The cause. A `payment_failed` is answered as card processors do.
        library: `httpx2` for a response of its own; left out: httpx.
        **fields: `status`, `detail` and facts, as `payreq.problem` takes them.

    Raises:
        TypeError, ValueError: Those of `payreq.problem`.

    Example:
        >>> response("trial_expired", plan="trial").status_code
        402
    """
    if library is None:
        import httpx as library  # noqa: PLC0415  # only where responses are made
    if reason == Reason.PAYMENT_FAILED:
        error = {"type": "card_error", "code": "card_declined", **fields}
        return library.Response(402, json={"error": error})  # type: ignore[no-any-return]  # a library's own class
    made = problem(reason, **fields)
    return library.Response(  # type: ignore[no-any-return]  # a library's own class
        made.status, headers=made.headers, content=made.body
    )


def refusal(reason: Reason | str, *, sent: bool = True, **facts: Any) -> PaymentRequired:
    """Return the exception that an app has to handle.

    Args:
        reason: The cause.
        sent: False: as if it was refused here, without a request.
        **facts: Fields of `PaymentDetails`; the status is 402 unless given.

    Example:
        >>> str(refusal("quota_exceeded", provider="examplecorp"))
        "examplecorp: the plan's allowance is used up (status 402); sent"
    """
    details = PaymentDetails.model_validate({"status": 402, **facts, "reason": Reason(reason)})
    return _refusal(details, sent=sent, at=datetime.fromtimestamp(START, UTC))


@pytest.fixture
def payreq_clock() -> Clock:
    """Return a clock that stands still until it is told to advance."""
    return Clock()


@pytest.fixture
def payreq_guard(payreq_clock: Clock) -> Guard:
    """Return a guard that runs by `payreq_clock`."""
    return Guard(clock=payreq_clock)
