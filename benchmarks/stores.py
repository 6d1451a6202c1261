"""What a store costs: `python benchmarks/stores.py`, with `.[dev]` installed.

Requests that nothing is held for are sent at 1,000 a second: hardly any may wait for the store, and
the others must not feel it. Then a second process learns what a first one wrote, while 100 and
while 100,000 accounts are blocked: the cost must grow with what changed, not with what is blocked.
Redis is measured where `redis-server` is installed. Exit status: 0 if every bar holds, else 1.
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import hot_path
from bar import Bar
from servers import REDIS, Redis

import payreq
from payreq.blocking import block as rules
from payreq.blocking.backend import PAGE, Write
from payreq.blocking.block import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FEW, MANY = 100, 100_000
ROUNDS = 50
DETAILS = payreq.PaymentDetails(
    reason=payreq.Reason.CREDITS_EXHAUSTED,
    status=402,
    provider="examplecorp",
    code="insufficient_credits",
    message="Your credits are used up; top up to go on.",
    billing_url="https://example.com/billing",
    scope="account",
)


def key(number: int) -> Key:
    """Return the key of an account."""
    return Key("https://api.example.com", "export", f"account-{number}")


def fill(store: Any, blocked: int) -> None:
    """Block so many accounts, a page of them at a time."""
    now = time.time()
    store.patience = 60.0
    place = ""
    for start in range(0, blocked, PAGE):
        states = [
            rules.begin(key(n), DETAILS, now) for n in range(start, min(start + PAGE, blocked))
        ]
        entries = [store._entry(state, turns=True) for state in states]  # noqa: SLF001  # a page at a time
        place = store._ask(Write(place, entries, blocked)).id  # noqa: SLF001


def learn(store: Any) -> tuple[float, float]:
    """Learn everything; return the seconds in all, and of the longest step."""
    steps: list[float] = []
    while store.behind or store.fault is not None:
        began = time.perf_counter()
        store.refresh(time.time())
        steps.append(time.perf_counter() - began)
        if store.fault is not None:
            time.sleep(0.01)  # it was too slow for a request, and is asked again a second later
    return sum(steps), max(steps)


def keeping_up(pairs: dict[int, tuple[Any, Any]], changes: int) -> dict[int, float]:
    """Return the seconds that another process takes to learn of so many changes.

    Args:
        pairs: Who writes and who learns, by how many accounts are blocked; they take turns.
        changes: How many are learned at once.
    """
    took: dict[int, list[float]] = {blocked: [] for blocked in pairs}
    for turn in range(ROUNDS):
        for blocked, (one, other) in pairs.items():
            for number in range(changes):
                of = key((turn * changes + number) % FEW)
                held = one.get(of)
                one.swap(of, held.generation, rules.ask(held, time.time()), time.time())
            began = time.perf_counter()
            other.refresh(time.time(), at_once=True)
            took[blocked].append(time.perf_counter() - began)
    return {blocked: median(times) for blocked, times in took.items()}


def on_the_way(name: str, opened: Callable[[str], Any]) -> Iterator[Bar]:
    """Measure what requests meet of one kind of store."""
    fill(opened("on-the-way"), FEW)
    store = opened("on-the-way")
    yield from hot_path.bars(name, store)
    store.close()


def bars(name: str, opened: Callable[[str], Any]) -> Iterator[Bar]:
    """Measure what it costs to keep up with one kind of store."""
    pairs: dict[int, tuple[Any, Any]] = {}
    for blocked in (FEW, MANY):
        fill(opened(f"of-{blocked}"), blocked)
        one, other = pairs[blocked] = opened(f"of-{blocked}"), opened(f"of-{blocked}")
        one.patience = 10.0
        learn(one)
        whole, longest = learn(other)
        print(
            f"{name}: a process that starts learns of {blocked:,} blocks in {whole:.2f} s, "
            f"of which a request waits {longest:.2f} s at most"
        )
        other.patience = 10.0
    for changes in (0, 1, 100):
        took = keeping_up(pairs, changes)
        few, many = took[FEW], took[MANY]
        yield Bar(
            f"{name}: learning {changes} changes of {MANY:,} blocks, of {FEW}",
            many / few,
            2.0,
            f"{1e3 * many:.2f} of {1e3 * few:.2f} ms",
        )
    for pair in pairs.values():
        for store in pair:
            store.close()


def main() -> int:
    """Measure everything, print it, and return the exit status."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        kinds: dict[str, Callable[[str], Any]] = {
            "SQLite": lambda name: payreq.SQLiteStore(Path(folder) / name, limit=MANY)
        }
        redis = Redis(folder)
        if REDIS is not None:
            redis.start()
            kinds["Redis"] = lambda name: payreq.RedisStore(redis.url, namespace=name, limit=MANY)
        for name, opened in kinds.items():
            for bar in chain(on_the_way(name, opened), bars(name, opened)):
                missed += not bar.holds
                verdict = "holds" if bar.holds else "MISSED"
                figure = f"{bar.ratio:6.2f}{bar.unit}  (at most {bar.most}{bar.unit})"
                print(f"{bar.name:57} {figure:30}  {verdict:6}  {bar.figures}")
        redis.kill()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
