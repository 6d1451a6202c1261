"""One block and its transitions: pure functions, the time an argument in POSIX seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol
from zlib import crc32

from payreq.reasons import MEANINGS, Reason

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from payreq.details import PaymentDetails

FIRST_CHECK = 60.0
"""Seconds from the first refusal to the first check."""
LONGEST_CHECK = 900.0
"""Seconds between two checks, at most; also the longest Retry-After that is heeded."""
LEASE = 30.0
"""Seconds after which a probe that did not answer frees its slot."""
EAGER_EVERY = 10.0
"""Seconds between two checks once somebody said that it was paid."""
EAGER_FOR = 600.0
"""Seconds for which that goes on: providers take minutes to notice."""
SOONEST, SPREAD = 5.0, 5.0
"""A check that decided nothing is repeated after SOONEST to SOONEST + SPREAD seconds."""
IDLE = 7 * 86_400.0
"""Seconds after which a block that nothing has met ends by itself."""
AWAITED = 86_400.0
"""Seconds for which a lifted block waits for the answer that proves it."""
REMEMBERED = 900.0
"""Seconds for which a block that is over still knows late answers."""
SLACK = 60.0
"""A check farther ahead than LONGEST_CHECK by this: the clock was set back, so it is due."""
SAME_TIME = 1.0
"""Seconds within which two clocks' times are the same."""

UNDECIDED = frozenset({401, 407, 408, 429})
"""Answers below 500 that are given before billing is looked at: they decide nothing."""


Phase = Literal["blocked", "lifted", "restored", "cleared"]


class Key(NamedTuple):
    """What a block holds for: a feature, for an account, at an origin."""

    origin: str
    feature: str
    account: str


class Words(Protocol):
    """Makes the words for a block; injected, since telling stands beside blocking."""

    def __call__(
        self, block: Block, *, locale: str | None, audience: str | None, tz: tzinfo | None
    ) -> Any:
        """Return the `UserMessage` for a block."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """A feature that is off for an account at an origin until billing is settled.

    Attributes:
        origin: Scheme, host and port, such as "https://api.example.com".
        feature: The feature that met the refusal.
        account: The account, as named by the app or a fingerprint of its credentials.
        reason: The cause.
        details: What the server said last.
        since: When the block began.
        next_check: From when one request is let through to see.
        refused: How many requests were refused here, which never left.
    """

    origin: str
    feature: str
    account: str
    reason: Reason
    details: PaymentDetails
    since: datetime
    next_check: datetime
    refused: int = 0
    _words: Words | None = field(default=None, repr=False, compare=False)

    def user_message(
        self, locale: str | None = None, audience: str | None = None, *, tz: tzinfo | None = None
    ) -> Any:
        """Return the words that tell a person of this block.

        Args:
            locale: A BCP 47 tag; the guard's if left out.
            audience: "owner", "member" or "visitor"; the guard's if left out.
            tz: The time zone in which moments are told; UTC if left out.

        Raises:
            RuntimeError: The block came out of a pickle and belongs to no guard.
        """
        if self._words is None:
            raise RuntimeError(
                "this block belongs to no guard, so nothing is known of how to tell of it; "
                "take it from guard.blocks"
            )
        return self._words(self, locale=locale, audience=audience, tz=tz)

    def __copy__(self) -> Block:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Block:
        return self

    def __reduce__(self) -> tuple[type[Block], tuple[Any, ...]]:
        # The words are the guard's, and a guard cannot be pickled.
        return Block, (
            self.origin,
            self.feature,
            self.account,
            self.reason,
            self.details,
            self.since,
            self.next_check,
            self.refused,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is known of one key: its block, or what is remembered of it.

    Attributes:
        key: What it holds for.
        details: The last refusal.
        phase: "blocked"; "lifted": let through, yet unproven; "restored", with that proof, and
            "cleared", by hand: both kept to know late answers.
        since: When the block began.
        next_check: From when a probe is due.
        interval: Seconds between two checks, as doubled so far.
        lapses: When a block ends by itself.
        expires: When a store may forget the entry.
        generation: The store's number of the write that made this state; 0 before.
        turned: The generation at which the block began or was let go; 0: with this write.
            Answers to requests that were sent before it are late.
        asked: When somebody asked for the check that is due; such a check doubles nothing.
        eager_until: Until when checks come every EAGER_EVERY seconds.
        token: Who holds the probe's slot.
        leased: When that slot was taken.
        called: When a waiter was woken to probe.
        by: Which ledger brought about its phase.
    """

    key: Key
    details: PaymentDetails
    phase: Phase = "blocked"
    since: float
    next_check: float
    interval: float = FIRST_CHECK
    lapses: float
    expires: float
    generation: int = 0
    turned: int = 0
    asked: float | None = None
    eager_until: float = -math.inf
    token: str | None = None
    leased: float = -math.inf
    called: float = -math.inf
    by: str = ""


def blocks(details: PaymentDetails, default_feature: bool) -> bool:
    """Say whether a refusal blocks the feature that met it.

    Args:
        details: What the server said.
        default_feature: Whether nobody named the feature; its path can then serve many models
            or operations, so that a refusal of one of them must not hold the others.
    """
    return (
        MEANINGS[details.reason].restricts_access
        and details.scope != "request"
        and not (default_feature and details.feature is not None)
    )


def decides(status: int) -> bool:
    """Say whether an answer that is no refusal proves that billing lets the request through."""
    return status < 500 and status not in UNDECIDED  # noqa: PLR2004  # RFC 9110, 15.6


def holds(state: State, now: float) -> bool:
    """Say whether a state refuses requests, save a probe."""
    return state.phase == "blocked" and now < state.lapses


def under_way(state: State, now: float) -> bool:
    """Say whether a probe is under way and may still answer."""
    return abs(now - state.leased) < LEASE


def due(state: State, now: float) -> bool:
    """Say whether a probe may go out."""
    early = now < state.next_check <= now + LONGEST_CHECK + SLACK
    return not early and not under_way(state, now)


def begin(key: Key, details: PaymentDetails, now: float) -> State:
    """Return the state of a key that was just refused."""
    lapses = _lapses(details, now)
    return State(
        key=key,
        details=details,
        since=now,
        next_check=now + _wait(details, FIRST_CHECK),
        lapses=lapses,
        expires=lapses + AWAITED,
    )


def lease(state: State, token: str, now: float) -> State:
    """Give the probe's slot to the holder of a token."""
    return replace(state, token=token, leased=now)


def call(state: State, now: float) -> State | None:
    """Wake one waiter to probe; None when one was woken who may still do so."""
    return None if abs(now - state.called) < LEASE else replace(state, called=now)


def extend(state: State, details: PaymentDetails, now: float) -> State:
    """A check was refused: the next one comes later, or soon if somebody says it was paid."""
    # Asked for while this probe was under way: it may have left before the payment.
    # What lies ahead of now, or too far ahead, was noted before the clock was set back.
    asked = state.asked
    again = asked is not None and state.token is not None and state.leased < asked <= now
    eager = now < state.eager_until <= now + EAGER_FOR
    doubles = asked is None or again
    interval = min(2 * state.interval, LONGEST_CHECK) if doubles else state.interval
    soon = again or eager
    lapses = _lapses(details, now)
    return replace(
        _free(state),
        details=details,
        interval=interval,
        next_check=now + (EAGER_EVERY if soon else _wait(details, interval)),
        asked=asked if soon else None,
        lapses=lapses,
        expires=lapses + AWAITED,
    )


def retain(state: State, now: float) -> State:
    """A check decided nothing: the block stays, and is checked again soon."""
    spread = SPREAD * crc32("\n".join(state.key).encode(errors="replace")) / 2**32
    return replace(_free(state), next_check=now + SOONEST + spread)


def ask(state: State, now: float) -> State:
    """Make a check due now; a probe that is under way keeps its slot."""
    return replace(state, next_check=now, asked=now)


def fix(state: State, now: float) -> State:
    """Make a check due now, and check often for a while: it was paid."""
    return replace(ask(state, now), eager_until=now + EAGER_FOR)


def lift(state: State, now: float) -> State:
    """Let requests through; the first answer below 400 will prove it."""
    return replace(_free(state), phase="lifted", turned=0, expires=now + AWAITED)


def restore(state: State, now: float) -> State:
    """A lifted block is proven to be gone."""
    return replace(state, phase="restored", expires=now + REMEMBERED)


def clear(state: State, now: float) -> State:
    """Let go of a block at once, by hand."""
    return replace(_free(state), phase="cleared", turned=0, expires=now + REMEMBERED)


def agree(ours: State, theirs: State) -> State:
    """Settle what became of a block while two processes could not hear of each other.

    Letting go wins, since a block that is wrong is worse than a request too many; of two blocks
    that hold, theirs, which is checked as soon as anybody asked for.

    Args:
        ours: The state of this process.
        theirs: That which all others know.

    Returns:
        One of the two as it is, or theirs with the sooner check.
    """
    if theirs.phase != "blocked" or ours.phase != "blocked":
        return theirs if theirs.phase != "blocked" else ours
    sooner = ours.next_check < theirs.next_check - SAME_TIME
    if not sooner and ours.eager_until <= theirs.eager_until + SAME_TIME:
        return theirs
    return replace(
        theirs,
        next_check=min(ours.next_check, theirs.next_check),
        asked=ours.asked if theirs.asked is None else theirs.asked,
        eager_until=max(ours.eager_until, theirs.eager_until),
    )


def _free(state: State) -> State:
    return replace(state, token=None, leased=-math.inf, called=-math.inf)


def _wait(details: PaymentDetails, interval: float) -> float:
    after = details.retry_after
    return after if after is not None and 0 < after <= LONGEST_CHECK else interval


def _lapses(details: PaymentDetails, now: float) -> float:
    after = details.retry_after
    if details.retryable is True and after is not None and 0 < after < IDLE:
        return now + after
    return now + IDLE
