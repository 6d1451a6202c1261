"""What the journals of a soak say: which promises were kept.

A promise of processes that reach their store is not asked of one that did not, nor within two
seconds after it did again; nor of what a process was killed with while the store was away.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from servers import Pair

HEARD = 1.5
"""Seconds after which all processes know what one did."""
AGREED = 2.0
"""Seconds after which they do where the store was away."""
LEASE = 30.0
"""Seconds for which a probe is waited for whose process was killed."""
OUTCOMES = frozenset({"200", "refused", "refused here", "killed"})
"""What may become of a request."""


class Request(NamedTuple):
    """One request; `reached`: its process reached the store, and had for a while."""

    start: float
    end: float
    outcome: str
    next_check: float | None
    reached: bool


class LetGo(NamedTuple):
    """That a block was let go of, by which the others may know `at` the latest."""

    done: float
    at: float


@dataclass
class Story:
    """What happened from outside, in seconds of `time.monotonic()`.

    Attributes:
        paid: When each pair became unpaid (False) and paid (True).
        outages: When the store was killed, and when it was there again, empty.
        deaths: When each worker was killed, by its journal.
    """

    paid: dict[Pair, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))
    outages: list[tuple[float, float]] = field(default_factory=list)
    deaths: dict[str, float] = field(default_factory=dict)

    def settled(self, time: float) -> float:
        """Return when everyone knows what was known to the store at a time."""
        late = [up + AGREED for down, up in self.outages if down < time + HEARD and up > time]
        return max([time + HEARD, *late])

    def is_away(self, time: float) -> bool:
        """Say whether the store was away at a time, or shortly before."""
        return any(down < time < up + AGREED for down, up in self.outages)

    def payment(self, pair: Pair, start: float, end: float) -> float | None:
        """Return since when a pair was paid throughout a time; None: it was not."""
        state, since = True, -inf
        for at, paid in self.paid.get(pair, ()):
            if at > end:
                break
            if at >= start and not paid:
                return None
            state, since = paid, at
        return since if state and since < start else None


@dataclass
class Verdict:
    """What was found.

    Attributes:
        counts: Requests by outcome; how often blocks were "let go of"; how often that was "lost"
            with process and store; requests refused here while the store was "away".
        failed: Requests that met an error, or were refused though nothing was ever unpaid.
        after_clear: Seconds after letting go was done at which a request was refused, the longest.
        after_check: Seconds after payment and next check, the longest.
        broken: Each broken promise, in words.
    """

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: int = 0
    after_clear: float = 0.0
    after_check: float = 0.0
    broken: list[str] = field(default_factory=list)


def judge(journals: Mapping[str, Iterable[str]], story: Story) -> Verdict:
    """Judge a soak.

    Args:
        journals: The lines of each worker's journal, by its name.
        story: What happened from outside.
    """
    verdict = Verdict()
    cases: dict[Pair, _Case] = {}
    for name, lines in journals.items():
        journal = _Journal(story.deaths.get(name, inf), story, cases, verdict)
        for line in lines:
            if line.endswith("\n"):  # the last may have been cut short
                journal.read(*json.loads(line))
        journal.end()
    for case in cases.values():
        case.sent.sort()
        for request in case.sent:
            verdict.counts[request.outcome] += 1
            _judge(case, request, story, verdict)
    return verdict


@dataclass
class _Case:
    """All that concerns one feature and account."""

    pair: Pair
    sent: list[Request] = field(default_factory=list)
    let_go: list[LetGo] = field(default_factory=list)

    def broken_by(self, request: Request, paid: float) -> LetGo | None:
        """Return what should have let a request through."""
        start = request.start
        return next((it for it in self.let_go if paid <= it.done and it.at < start), None)

    def is_probed(self, time: float) -> bool:
        """Say whether another request was under way at a time, or shortly before."""
        return any(
            other.start < time and other.end > time - HEARD and other.outcome != "refused here"
            for other in self.sent
        )


class _Journal:
    """What one worker noted, as it is read.

    Args:
        death: When it was killed.
        story: What happened from outside.
        cases: Where it is put into order.
        verdict: Where it is counted.
    """

    def __init__(
        self, death: float, story: Story, cases: dict[Pair, _Case], verdict: Verdict
    ) -> None:
        self._death = death
        self._story = story
        self._cases = cases
        self._counts = verdict.counts
        self._away_until = -inf
        self._owed: list[tuple[_Case, float]] = []  # let go of while the store was away
        self._under_way: tuple[_Case, float] | None = None

    def read(
        self, at: float, what: str, feature: str, account: str, away: bool, *more: Any
    ) -> None:
        """Read a line."""
        pair = (feature, account)
        case = self._cases.setdefault(pair, _Case(pair))
        if away:
            self._away_until = at + AGREED
        elif self._owed:
            for which, done in self._owed:
                self._know(which, done, at)
            self._owed.clear()
        if what == "start":
            self._under_way = (case, at)
            return
        lets_go = self._ended(at, *more) if what == "end" else more[0] > 0
        if lets_go and self._story.payment(pair, at, at) is not None:
            if away:
                self._owed.append((case, at))
            else:
                self._know(case, at, at)

    def end(self) -> None:
        """Note what was under way and owed when it was killed."""
        self._counts["lost"] += len(self._owed)
        if self._under_way is not None:
            case, start = self._under_way
            case.sent.append(Request(start, self._death + LEASE, "killed", None, reached=False))

    def _ended(self, at: float, outcome: str, next_check: float | None) -> bool:
        """Note a request, and say whether its answer let go of a block."""
        assert self._under_way is not None
        (case, start), self._under_way = self._under_way, None
        reached = start > self._away_until and not self._story.is_away(start)
        case.sent.append(Request(start, at, outcome, next_check, reached))
        paid = self._story.payment(case.pair, start, at)
        # Whoever sent it knew of the block by then: it was the probe.
        probed = paid is not None and paid > -inf and start > paid + HEARD
        return outcome == "200" and probed and reached

    def _know(self, case: _Case, done: float, at: float) -> None:
        """Note that the store knew at a time of what was done, and so all others soon."""
        settled = self._story.settled(at)
        if self._death < settled and settled > at + HEARD:
            self._counts["lost"] += 1
        else:
            self._counts["let go of"] += 1
            case.let_go.append(LetGo(done, settled))


def _judge(case: _Case, request: Request, story: Story, verdict: Verdict) -> None:
    start, end, outcome, next_check, reached = request
    paid = story.payment(case.pair, start, end)
    if outcome not in OUTCOMES:
        verdict.failed += 1
        verdict.broken.append(f"{outcome} of {case.pair} at {start:.2f}")
    elif outcome != "refused here" or paid is None:
        return
    elif paid == -inf:
        verdict.failed += 1
        verdict.broken.append(f"{case.pair} was refused at {start:.2f}, and was never unpaid")
    elif not reached:
        verdict.counts["away"] += 1
    elif (let_go := case.broken_by(request, paid)) is not None:
        late = start - let_go.done
        verdict.broken.append(f"{case.pair} was refused {late:.2f} s after it was let go of")
    else:
        known = [start - it.done for it in case.let_go if paid <= it.done < start]
        verdict.after_clear = max([verdict.after_clear, *known])
        if next_check is None or case.is_probed(start):
            return
        late = start - max(paid, next_check)
        verdict.after_check = max(verdict.after_check, late)
        if late > HEARD:
            verdict.broken.append(f"{case.pair} was refused {late:.2f} s after its next check")
