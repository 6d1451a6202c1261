"""What it costs to keep up with a store: `python benchmarks/stores.py`, with `.[dev]` installed.

A second process learns what a first one wrote, while 100 and while 100,000 accounts are blocked:
the cost must grow with what changed, not with what is blocked. Redis is measured where
`redis-server` is installed. Exit status: 0 if every bar holds, else 1.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bar import Bar

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
    while store.behind:
        began = time.perf_counter()
        store.refresh(time.time())
        steps.append(time.perf_counter() - began)
    return sum(steps), max(steps)


def keeping_up(one: Any, other: Any, changes: int) -> float:
    """Return the seconds that another process takes to learn of so many changes."""
    took: list[float] = []
    for turn in range(ROUNDS):
        for number in range(changes):
            of = key((turn * changes + number) % FEW)
            held = one.get(of)
            one.swap(of, held.generation, rules.ask(held, time.time()), time.time())
        began = time.perf_counter()
        other.refresh(time.time(), at_once=True)
        took.append(time.perf_counter() - began)
    return median(took)


def bars(name: str, opened: Callable[[str], Any]) -> Iterator[Bar]:
    """Measure one kind of store."""
    took: dict[tuple[int, int], float] = {}
    for blocked in (FEW, MANY):
        fill(opened(f"of-{blocked}"), blocked)
        one, other = opened(f"of-{blocked}"), opened(f"of-{blocked}")
        one.patience = other.patience = 10.0
        learn(one)
        other.patience = 0.05
        whole, longest = learn(other)
        print(
            f"{name}: a process that starts learns of {blocked:,} blocks in {whole:.2f} s, "
            f"of which a request waits {longest:.2f} s at most"
        )
        other.patience = 10.0
        for changes in (0, 1, 100):
            took[blocked, changes] = keeping_up(one, other, changes)
        one.close()
        other.close()
    for changes in (0, 1, 100):
        few, many = took[FEW, changes], took[MANY, changes]
        yield Bar(
            f"{name}: learning {changes} changes of {MANY:,} blocks, of {FEW}",
            many / few,
            2.0,
            f"{1e3 * many:.2f} of {1e3 * few:.2f} ms",
        )


@contextmanager
def redis(folder: str) -> Iterator[str | None]:
    """Run a Redis on a socket in a folder, where it is installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    socket = Path(folder) / "redis.sock"
    place = ["--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", ""]
    with subprocess.Popen([program, *place], stdout=subprocess.DEVNULL) as server:
        while not socket.exists():
            time.sleep(0.01)
        try:
            yield f"unix://{socket}"
        finally:
            server.kill()


def main() -> int:
    """Measure everything, print it, and return the exit status."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder, redis(folder) as url:
        kinds: dict[str, Callable[[str], Any]] = {
            "SQLite": lambda name: payreq.SQLiteStore(Path(folder) / name, limit=MANY)
        }
        if url is not None:
            kinds["Redis"] = lambda name: payreq.RedisStore(url, namespace=name, limit=MANY)
        for name, opened in kinds.items():
            for bar in bars(name, opened):
                missed += not bar.holds
                verdict = "holds" if bar.holds else "MISSED"
                most = f"(at most {bar.most})"
                print(f"{bar.name:57} {bar.ratio:6.2f}  {most}  {verdict:6}  {bar.figures}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
