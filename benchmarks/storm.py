"""A storm: 10,000 calls, 100 at once, after the quota of an account is used up.

Counted is what reaches the provider; timed is how long a caller waits for the error. Nobody sleeps
for it: what a policy would have slept is noted, and added to what its call took.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import httpx
import openai
import stamina.instrumentation
from bar import Bar
from tables import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "shared"))

from sleeping import sleepless  # stands in tests/shared/
from storm_server import ROUND_TRIP  # sorted after it
from storm_ways import WAYS, Call, Way  # likewise

import payreq  # likewise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tables import Measured

CALLS, AT_ONCE = 10_000, 100
CALLS_ALONE, CALLS_UNAWARE = 300, 2_000
"""Calls without payreq, and of policies that know nothing of it: more would tell no more."""

_slept: ContextVar[list[float]] = ContextVar("slept")


class Counted(NamedTuple):
    """What came of some calls.

    Attributes:
        requests: How many requests reached the provider.
        knows: Seconds after which each caller knew, sleeps included, the shortest first.
        asleep: Seconds that were slept in all.
    """

    requests: int
    knows: list[float]
    asleep: float

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table says of it."""
        calls = len(self.knows)
        return (
            f"{calls:,}",
            f"{self.requests:,}",
            f"{self.asleep / calls:,.1f} s",
            _seconds(self.knows_after(0.5)),
            _seconds(self.knows_after(1.0)),
        )

    def knows_after(self, share: float) -> float:
        """Return the seconds after which a share of the callers knew."""
        return self.knows[ceil(share * len(self.knows)) - 1]


def measure() -> Measured:
    """Run every way: alone, guarded, and guarded with a policy that knows."""
    rows: list[tuple[str, ...]] = []
    plain: dict[str, Counted] = {}
    sent: list[int] = []
    halted: list[tuple[Way, Counted]] = []
    with _quietly(), _provider() as url:
        _storm(url, WAYS[0], payreq.Guard(), calls=1)  # loads what reads refusals
        for way in WAYS:
            alone = _storm(url, way, None, calls=CALLS_ALONE)
            plain.setdefault(way.client, alone)
            calls = CALLS if way.knowing is None else CALLS_UNAWARE
            guarded = _storm(url, way, payreq.Guard(), calls=calls)
            rows += [(way.name, *alone.cells), ("… with `guard.wrap`", *guarded.cells)]
            sent.append(guarded.requests)
            if way.knowing is not None:
                aware = way._replace(around=way.knowing)
                guarded = _storm(url, aware, payreq.Guard(), calls=CALLS)
                rows.append((f"… and {way.known}", *guarded.cells))
                sent.append(guarded.requests)
            halted.append((way, guarded))
    yield Table(
        "A storm",
        f"`python benchmarks/run.py storm`: {AT_ONCE} calls at once, until so many are done, by "
        f"asyncio, against a server on loopback that answers after {1e3 * ROUND_TRIP:.0f} ms: 429, "
        "with the code `insufficient_quota`. Sleeps are not slept, but counted as if they were.",
        ("", "calls", "requests", "asleep, each call", "the caller knows after", "at the latest"),
        rows,
    )
    yield from _asked(sent, halted, plain)


def _asked(
    sent: list[int], halted: list[tuple[Way, Counted]], plain: dict[str, Counted]
) -> Iterator[Bar]:
    """Yield what must hold of all that is guarded, and of all where no policy goes on.

    Args:
        sent: How many requests reached the provider in each guarded way.
        halted: What came of the ways whose policies halt, if they have any.
        plain: What comes of a client's calls that are tried once, without payreq.
    """
    yield Bar(
        f"a storm, {AT_ONCE} at once: requests", max(sent), AT_ONCE, f"the most of {len(sent)} ways"
    )
    asleep = max(counted.asleep for _, counted in halted)
    yield Bar("a storm: asleep where policies know", asleep, 0, f"of {len(halted)} ways", " s")
    for name, share, most in (("median", 0.5, 1.0), ("slowest", 1.0, 2.0)):
        waited = {
            way.name: (counted.knows_after(share), plain[way.client].knows_after(share))
            for way, counted in halted
        }
        worst = max(waited, key=lambda way: waited[way][0] / waited[way][1])
        knows, once = waited[worst]
        yield Bar(
            f"a storm: the {name} caller knows, of one try without payreq",
            knows / once,
            most,
            f"{_seconds(knows)} of {_seconds(once)}: {worst}",
        )


@contextmanager
def _quietly() -> Iterator[None]:
    """Let no library tell of each retry."""
    logging.disable()
    stamina.instrumentation.set_on_retry_hooks([])
    try:
        yield
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
        logging.disable(logging.NOTSET)


@contextmanager
def _provider() -> Iterator[str]:
    """Run the provider, and yield its URL."""
    command = [sys.executable, str(Path(__file__).with_name("storm_server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def _storm(url: str, way: Way, guard: payreq.Guard | None, *, calls: int) -> Counted:
    """Let so many calls be made in a way."""
    httpx.get(f"{url}/count")
    with sleepless(lambda seconds: _slept.get().append(seconds)):
        knows, asleep = asyncio.run(_callers(url, way, guard, calls))
    return Counted(httpx.get(f"{url}/count").json()["received"], sorted(knows), asleep)


async def _callers(
    url: str, way: Way, guard: payreq.Guard | None, calls: int
) -> tuple[list[float], float]:
    """Make the calls; return how long each took, sleeps included, and all that was slept."""
    knows: list[float] = []
    asleep = 0.0
    left = iter(range(calls))

    async def caller(call: Call) -> None:
        nonlocal asleep
        for _ in left:
            slept: list[float] = []
            _slept.set(slept)
            began = perf_counter()
            try:
                await call()
            except (httpx.HTTPStatusError, openai.APIError):
                knows.append(perf_counter() - began + sum(slept))
            asleep += sum(slept)

    wrap = guard.wrap if guard is not None else lambda client: client
    async with way.opened(url, wrap, way.around) as call:
        await asyncio.gather(*(caller(call) for _ in range(AT_ONCE)))
    return knows, asleep


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"
