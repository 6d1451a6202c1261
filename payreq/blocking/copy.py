"""The copy of a place's blocks that a process has at hand, and what it owes the place.

The copy is a `MemoryStore` with numbers of its own, so that those of the place may begin anew. Per
key it knows the numbers that the place gave to what it holds, for the next compare-and-set, and
whether the state is owed: written here while the place could not be reached, or lost over there.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from payreq.blocking import block as rules
from payreq.blocking.backend import PAGE, Entry, Pull, Write
from payreq.blocking.coding import decode, digest, encode
from payreq.blocking.memory import REMEMBERED_AT_MOST, MemoryStore
from payreq.blocking.store import StoreFullError

if TYPE_CHECKING:
    from payreq.blocking.backend import Pulled, Verdict, Written
    from payreq.blocking.block import Key, State

    Debt = Literal["turn", "change", "loss"]
    Batch = list[tuple[State, Entry]]

SAME_CLOCK = 0.25
"""Seconds by which the difference of two clocks may seem to change: an answer is under way."""

_log = logging.getLogger("payreq")


class _Mark(NamedTuple):
    """The numbers that the place gave to what the copy holds of a key."""

    generation: int
    turned: int


class Copy(MemoryStore):
    """What one process knows of a place; the questions that it has, and what the answers change.

    Args:
        limit: How many live blocks are held at most.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._id = ""
        self._cursor = 0
        self._ahead = 0.0  # seconds by which the clock of the place is ahead of ours
        self._known: dict[Key, _Mark] = {}
        self._owed: dict[Key, Debt] = {}
        self._told_of_broken = False

    def _pull(self) -> Pull:
        return Pull(self._id, self._cursor)

    def _write_of(self, entries: list[Entry]) -> Write:
        return Write(self._id, entries, self.limit)

    def _learn(self, pull: Pull, answer: Pulled, now: float) -> bool:
        """Put into the copy what others wrote; say whether there is more."""
        with self._lock:
            reached = self._cursor if answer.id == pull.id else 0
            if abs(answer.now - now - self._ahead) > SAME_CLOCK:
                self._ahead = answer.now - now
            if answer.id != pull.id:
                # What the place held is gone, or was never known here. All that is held here is
                # owed, and to be looked at again: it may have been cleared a moment before.
                self._id = answer.id
                lost: dict[Key, Debt] = {key: "loss" for key in self._known if self.get(key)}
                self._owed = lost | self._owed
                self._known.clear()
            self._sweep(now)
            if answer.horizon > pull.cursor:
                self.horizon = self.generation
            for entry in answer.entries:
                self._adopt(entry, now)
            self._cursor = answer.cursor
            return answer.more and answer.cursor > reached  # a page that leads nowhere is the last

    def _adopt(self, entry: Entry, now: float) -> None:
        """Put into the copy what another process wrote."""
        try:
            theirs = decode(entry.text, self._ahead, now)
        except ValueError:
            self._warn_of_broken()
            return
        key = theirs.key
        mark, ours, debt = self._known.get(key), self.get(key), self._owed.get(key)
        if digest(key) != entry.digest:
            self._warn_of_broken()
            return
        if now >= theirs.expires or (mark is not None and mark.generation >= entry.generation):
            return
        same_turn = mark is not None and mark.turned == entry.turned
        self._known[key] = _Mark(entry.generation, entry.turned)
        if ours is not None and debt == "loss" and ours.phase == theirs.phase:
            # Another process has handed on what both knew.
            same_turn = True
            if theirs.phase != "blocked":
                del self._owed[key]
                return
        agreed = theirs
        if ours is not None and debt is not None and not _loses(ours, debt):
            agreed = rules.agree(ours, theirs)
        if agreed is ours:
            self._owed[key] = "turn"
            return
        if agreed is theirs:
            self._owed.pop(key, None)
        else:
            self._owed[key] = "change"
        self._write(replace(agreed, turned=ours.turned if ours is not None and same_turn else 0))

    def _debts(self, now: float) -> Batch:
        """Return a page of what is to be handed on."""
        batch: Batch = []
        with self._lock:
            for key, debt in islice(list(self._owed.items()), PAGE):
                state = self.get(key)
                assert state is not None  # noqa: S101  # what is forgotten is owed no more
                if _loses(state, debt):
                    state = self._write(rules.ask(state, now))
                    self._owed[key] = "change"
                batch.append((state, self._entry(state, turns=debt == "turn")))
        return batch

    def _settle(self, batch: Batch, answer: Written, now: float) -> bool:
        """Note what became of what was handed on; False: the place is another by now."""
        with self._lock:
            if not answer.verdicts:
                return False
            self._id = self._id or answer.id
            for (state, entry), verdict in zip(batch, answer.verdicts, strict=True):
                written = _written(entry, verdict)
                if written is not None:
                    self._known[state.key] = written
                    if self.get(state.key) is state:
                        self._owed.pop(state.key, None)
                elif verdict.kind == "full":
                    self._owed.pop(state.key, None)
                else:
                    self._yield_to(state.key, verdict.held, now)
            return True

    def _swapped(self, state: State, entry: Entry, answer: Written, now: float) -> State | None:
        """Put a state into the copy as the place took it; None: another write came first."""
        (verdict,) = answer.verdicts
        if verdict.kind == "full":
            raise StoreFullError(f"{self.limit} blocks are held, the limit")
        with self._lock:
            self._id = self._id or answer.id
            written, mark = _written(entry, verdict), self._known.get(state.key)
            if written is None:
                self._yield_to(state.key, verdict.held, now)
                return None
            if mark is None or mark.generation < written.generation:
                self._known[state.key] = written
                return self._write(state)
            # What others wrote after it was learned of first; it stands before that.
            return replace(state, generation=self.generation - 1)

    def _swap_alone(self, key: Key, generation: int, state: State, now: float) -> State | None:
        """Put a state into the copy, and owe it."""
        if state.phase != "blocked":
            # However long it takes until the others hear that they may let go.
            state = replace(state, expires=now + rules.IDLE + rules.AWAITED)
        with self._lock:
            written = self._swap(key, generation, state, now)
            if written is not None:
                turns = state.turned == 0 or self._owed.get(key) == "turn"
                self._owed[key] = "turn" if turns else "change"
            return written

    def _yield_to(self, key: Key, held: Entry | None, now: float) -> None:
        """Take over what another process wrote first."""
        mark, ours = self._known.get(key), self.get(key)
        if held is None:
            self._known.pop(key, None)
            if ours is not None and key not in self._owed:
                self._forget(ours)
            return
        if mark is not None and mark.generation > held.generation:
            del self._known[key]  # the place has lost its latest writes, as a failover may
        self._adopt(held, now)
        # One that cannot be read, or is about to be forgotten, can still be written over.
        self._known[key] = _Mark(held.generation, held.turned)

    def _entry(self, state: State, *, turns: bool) -> Entry:
        mark = self._known.get(state.key, _Mark(0, 0))
        return Entry(
            digest(state.key),
            mark.generation,
            0 if turns else mark.turned,
            state.phase == "blocked",
            state.expires + self._ahead,
            encode(state, self._ahead),
        )

    def _is_crowded(self) -> bool:
        return len(self._past) >= REMEMBERED_AT_MOST + len(self._owed)

    def _forget(self, state: State) -> None:
        super()._forget(state)
        self._known.pop(state.key, None)
        self._owed.pop(state.key, None)

    def _warn_of_broken(self) -> None:
        if not self._told_of_broken:
            self._told_of_broken = True
            _log.warning("payreq's store holds what is no block; it is left out")


def _loses(state: State, debt: Debt) -> bool:
    """Say whether a block is owed only because the place lost it."""
    return debt == "loss" and state.phase == "blocked"


def _written(entry: Entry, verdict: Verdict) -> _Mark | None:
    """Return the numbers of what was written, now or by an answer that came too late."""
    held = verdict.held
    if held is not None and held.text == entry.text:
        return _Mark(held.generation, held.turned)
    return None
