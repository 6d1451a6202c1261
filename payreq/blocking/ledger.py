"""Who may send: admissions and their outcomes, over a store and a clock.

No lock is held on a request's way: each change is a pure function of the state that was read,
written by compare-and-set and repeated when another write came first.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from os import getpid, urandom
from typing import TYPE_CHECKING, Any

from payreq.blocking import block as rules
from payreq.blocking.block import Block
from payreq.blocking.outcomes import NOTHING, Admission, Outcome, Transition
from payreq.blocking.shelter import Shelter
from payreq.blocking.store import StoreFullError
from payreq.forking import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from payreq.blocking.block import Key, State, Words
    from payreq.blocking.store import Store
    from payreq.details import PaymentDetails

TRIES = 100
"""How often a change is tried against a store whose state keeps moving."""

_log = logging.getLogger("payreq")


class Ledger(Shelter):
    """The blocks of one guard.

    Args:
        store: Where they are kept. One that raises is given up for a `MemoryStore`, with a
            warning: traffic goes on, on local state.
        clock: The time, POSIX seconds.
        words: Makes the user messages of blocks.
    """

    def __init__(
        self, store: Store, clock: Callable[[], float], words: Words | None = None
    ) -> None:
        super().__init__(store, clock)
        self._words = words
        self._warned_of_limit = False
        self._name = urandom(8).hex()
        self._telling = lock()
        self._told = 0  # up to which generation it has been told what others did

    @property
    def stale(self) -> bool:
        """Whether there is anything to learn of others, or to tell of them."""
        store: Any = self.store
        try:
            return bool(store.behind or store.generation != self._told)
        except Exception:  # a store of the user's, which `refresh` gives up
            return True

    def news(self, heeded: Collection[str]) -> list[Transition]:
        """Return what others did to blocks since this was last asked.

        Args:
            heeded: Of "blocked" and "restored" those that anybody heeds.
        """
        told, reached = self._told, self.store.generation
        with self._telling:  # nothing of the store's in here: a fork waits for this lock
            if self._told != told:
                return []  # another thread tells it
            self._told = reached
        states = [state for state in self.store.changes(told) if state.generation <= reached]
        return [
            Transition(state.phase, self._block(state))
            for state in states
            if state.phase in heeded
            and (state.phase == "restored" or (state.phase == "blocked" and state.turned > told))
            and state.by != self._by
        ]

    def admit(self, key: Key, *, passing: bool = False) -> Admission:
        """Say whether a request may be sent.

        Args:
            key: What the request belongs to.
            passing: Let it through whatever is blocked, as the retry of an auth flow that saw
                the refusal; its answer decides on the block as it stands now.

        Returns:
            The admission, which one of `refused`, `answered` and `failed` must settle; with
            `block` set, the request is refused here, and counted.
        """
        return self._sheltered(lambda: self._admit(key, passing))

    def refused(
        self, admission: Admission, details: PaymentDetails, *, default_feature: bool
    ) -> Outcome:
        """Settle a request that met a billing refusal.

        Args:
            admission: The request's.
            details: What the server said, without credentials.
            default_feature: Whether the feature was named by nobody.

        Returns:
            The block that now holds for the key, be it this refusal's or an earlier one's.
        """
        if not rules.blocks(details, default_feature):
            # It is no reason to block; a probe that gets so far has passed the billing check.
            return self.answered(admission, details.status)
        try:
            return self._sheltered(lambda: self._refused(admission, details))
        except StoreFullError as error:
            self._warn_of_limit(error)
            return NOTHING

    def answered(self, admission: Admission, status: int) -> Outcome:
        """Settle a request whose answer blocks nothing.

        Args:
            admission: The request's.
            status: The answer's HTTP status.

        Returns:
            The block that still holds for the key, if one does, and what the answer changed.
        """
        if admission.block is not None or not rules.decides(status):
            return self.failed(admission)
        return self._sheltered(lambda: self._answered(admission, status))

    def failed(self, admission: Admission) -> Outcome:
        """Settle a request that came to nothing: an error, a time-out, a cancellation.

        It frees the slot of a probe, and changes nothing for any other; it may be called twice.
        """
        return self._sheltered(lambda: self._failed(admission))

    def recheck(self, feature: str | None = None, account: str | None = None) -> int:
        """Make a check due now for the blocks that match; return how many do."""
        return self._each(feature, account, rules.ask)

    def fixed(self, feature: str | None = None, account: str | None = None) -> int:
        """Make a check due now, and often for a while, for those that match; say how many do."""
        return self._each(feature, account, rules.fix)

    def clear(self, feature: str | None = None, account: str | None = None) -> int:
        """Let go of the blocks that match, at once; return how many did."""
        return self._each(feature, account, rules.clear)

    def get(
        self, feature: str, *, account: str | None = None, origin: str | None = None
    ) -> Block | None:
        """Return the block of a feature; of several origins', the one that began first.

        Raises:
            LookupError: No account is given, and several are blocked.
        """
        states = self.holding(feature, account=account, origin=origin)
        if len({state.key.account for state in states}) > 1:
            raise LookupError(
                f"several accounts are blocked for {feature!r}: say which with account=, "
                "or inside `with payreq.account(...)`"
            )
        return self._block(states[0]) if states else None

    def active(self, feature: str | None = None, account: str | None = None) -> list[Block]:
        """Return the blocks that match, the one that began first first."""
        return [self._block(state) for state in self.holding(feature, account=account)]

    def holding(
        self,
        feature: str | None = None,
        *,
        account: str | None = None,
        origin: str | None = None,
    ) -> list[State]:
        """Return the states that refuse requests now, the one that began first first."""
        self.refresh()
        now = self._clock()
        found = self._sheltered(
            lambda: self.store.find(origin=origin, feature=feature, account=account)
        )
        return sorted(
            (state for state in found if rules.holds(state, now)), key=lambda state: state.since
        )

    def ready(self, feature: str, account: str | None) -> bool:
        """Say whether a request would be let through; where a probe is due, to one caller only.

        Who is told so of a probe is expected to send it: nobody else is for the lease's time.
        """
        now = self._clock()
        states = self.holding(feature, account=account)
        if not all(rules.due(state, now) for state in states):
            return False
        return all(
            self._change(state.key, lambda held: _if_blocked(rules.call, held, now))[1]
            for state in states
        )

    def _admit(self, key: Key, passing: bool) -> Admission:
        epoch, now = self.store.generation, self._clock()

        def step(state: State | None) -> State | None:
            if state is None or passing:
                return None
            probes = rules.holds(state, now) and rules.due(state, now)
            return rules.lease(state, urandom(8).hex(), now) if probes else None

        state, leased = self._change(key, step)
        if leased is not None:
            return Admission(key, leased.generation, token=leased.token)
        if state is None or passing or not rules.holds(state, now):
            return Admission(key, epoch, met=state is not None)
        self.store.count(key)
        return Admission(key, epoch, block=self._block(state))

    def _refused(self, admission: Admission, details: PaymentDetails) -> Outcome:
        now = self._clock()

        def step(state: State | None) -> State | None:
            if self._late(admission, state):
                return None
            if state is None or state.phase != "blocked":
                return rules.begin(admission.key, details, now)
            probed = state.token is not None and state.token == admission.token
            # Anyone else who was let through counts as the check only where one was due.
            if probed or rules.due(state, now):
                return rules.extend(state, details, now)
            return None

        before, after = self._change(admission.key, step)
        if after is None:
            return self._unchanged(before, now)
        block = self._block(after)
        began = before is None or before.phase != "blocked"
        return Outcome(block, (Transition("blocked" if began else "probed", block),))

    def _answered(self, admission: Admission, status: int) -> Outcome:
        now = self._clock()
        proven = status < 400  # noqa: PLR2004  # RFC 9110, 15.5

        def step(state: State | None) -> State | None:
            if state is None or self._late(admission, state):
                return None
            if state.phase == "lifted":
                return rules.restore(state, now) if proven else None
            if state.phase != "blocked":
                return None
            lifted = rules.lift(state, now)
            return rules.restore(lifted, now) if proven else lifted

        refused = self.store.counted(admission.key)
        before, after = self._change(admission.key, step)
        if before is None or after is None:
            return self._unchanged(before, now)
        block = self._block(before, refused)
        transitions = [] if before.phase == "lifted" else [Transition("lifted", block)]
        if proven:
            transitions.append(Transition("restored", block))
        if before.phase == "blocked" and before.details.scope == "account":
            self._ask_siblings(before.key, now)
        return Outcome(None, tuple(transitions))

    def _failed(self, admission: Admission) -> Outcome:
        now = self._clock()

        def step(state: State | None) -> State | None:
            if state is None or admission.token is None or state.token != admission.token:
                return None
            return rules.retain(state, now)

        before, after = self._change(admission.key, step)
        if after is None:
            return self._unchanged(before, now)
        block = self._block(after)
        return Outcome(block, (Transition("probed", block),))

    @property
    def _by(self) -> str:
        return f"{self._name}-{getpid():x}"  # the child of a fork is another process

    def _ask_siblings(self, key: Key, now: float) -> None:
        for sibling in self.store.find(origin=key.origin, account=key.account):
            self._change(sibling.key, lambda state: _if_blocked(rules.ask, state, now), later=True)
        self._refresh(at_once=True)  # hands them on, in one question

    def _each(
        self, feature: str | None, account: str | None, rule: Callable[[State, float], State]
    ) -> int:
        self.refresh(at_once=True)
        now = self._clock()
        return sum(
            self._change(state.key, lambda held: _if_blocked(rule, held, now))[1] is not None
            for state in self.holding(feature, account=account)
        )

    def _change(
        self, key: Key, step: Callable[[State | None], State | None], *, later: bool = False
    ) -> tuple[State | None, State | None]:
        """Apply a step to a key's state; return the state before, and after if it changed.

        Args:
            key: Whose state it is.
            step: Returns the new state, or None: it stays as it is.
            later: Whether it will do that a shared store hands it on with its next refresh.
        """
        swap = getattr(self.store, "owe", self.store.swap) if later else self.store.swap
        state = self.store.get(key)
        for _ in range(TRIES):
            new = step(state)
            if new is None:
                break
            if state is None or new.phase != state.phase:
                new = replace(new, by=self._by)
            written = swap(key, state.generation if state else 0, new, self._clock())
            if written is not None:
                return state, written
            state = self.store.get(key)
        return state, None

    def _late(self, admission: Admission, state: State | None) -> bool:
        turned = self.store.horizon if state is None else state.turned
        return admission.epoch < turned

    def _unchanged(self, state: State | None, now: float) -> Outcome:
        if state is None or not rules.holds(state, now):
            return NOTHING
        return Outcome(self._block(state))

    def _block(self, state: State, refused: int | None = None) -> Block:
        return Block(
            *state.key,
            reason=state.details.reason,
            details=state.details,
            since=datetime.fromtimestamp(state.since, UTC),
            next_check=datetime.fromtimestamp(state.next_check, UTC),
            refused=self.store.counted(state.key) if refused is None else refused,
            _words=self._words,
        )

    def _warn_of_limit(self, error: StoreFullError) -> None:
        if not self._warned_of_limit:
            self._warned_of_limit = True
            _log.warning("payreq blocks nothing more: %s; refusals go on to be raised", error)


def _if_blocked(
    rule: Callable[[State, float], State | None], state: State | None, now: float
) -> State | None:
    return rule(state, now) if state is not None and state.phase == "blocked" else None
