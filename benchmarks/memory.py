"""What a guard keeps in memory: for each block, and for each client that it guards."""

from __future__ import annotations

import gc
import time
import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
from lean import HEADERS, URL, Lean, Refusing
from tables import Table

import payreq
from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.replays import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tables import Measured

BLOCKS, REFUSALS, CLIENTS = 100_000, ENTRIES, 1_000
KIB = 1024


def measure() -> Measured:
    """Count bytes that are held once all that is passing is gone."""
    guard = payreq.Guard()
    bare = _each(CLIENTS, lambda: httpx.Client(transport=Lean()))
    wrapped = _each(CLIENTS, lambda: guard.wrap(httpx.Client(transport=Lean())))
    figures = {
        f"a block in a `MemoryStore`, of {BLOCKS:,}": _of_a_block(),
        f"a block and its answer, which the latest {ENTRIES:,} keep": _of_a_refusal(),
        "a guard": _each(CLIENTS, payreq.Guard),
        "what guards a client": wrapped - bare,
        "for comparison: a client of httpx, without its transport": bare,
    }
    yield Table(
        "Memory",
        "`python benchmarks/run.py memory`: what is held of each, by tracemalloc. Each block is of "
        "an account of its own.",
        ("", "KiB"),
        [(name, f"{held / KIB:.1f}") for name, held in figures.items()],
    )


def _of_a_block() -> float:
    """Fill a store; what each block knows of its refusal is its own, as after a request."""
    store = payreq.MemoryStore()
    details = _refused_one().details.model_dump_json()

    def fill() -> None:
        for number in range(BLOCKS):
            now = time.time()
            key = Key("https://api.example.com", "GET api.example.com/v1/reports", f"t-{number}")
            own = payreq.PaymentDetails.model_validate_json(details)
            store.swap(key, 0, rules.begin(key, own, now), now)

    return _held(fill) / BLOCKS


def _of_a_refusal() -> float:
    """Have a server refuse; one refusal before, since much is loaded for the first."""
    _refused_one()
    with payreq.wrap(httpx.Client(transport=Refusing(), headers=HEADERS)) as client:
        return _held(lambda: _refuse(client, REFUSALS)) / REFUSALS


def _refused_one() -> payreq.Block:
    with payreq.wrap(httpx.Client(transport=Refusing(), headers=HEADERS)) as client:
        _refuse(client, 1)
        guard = payreq.guard_of(client)
        assert guard is not None
        return guard.blocks.active()[0]


def _refuse(client: httpx.Client, accounts: int) -> None:
    for number in range(accounts):
        with suppress(payreq.PaymentRequired):
            client.get(URL, extensions={"payreq_account": f"t-{number}"})


def _each(count: int, make: Callable[[], Any]) -> float:
    make()
    kept: list[Any] = []
    return _held(lambda: kept.extend(make() for _ in range(count))) / count


def _held(do: Callable[[], object]) -> int:
    """Return the bytes that are held once something is done, of those that it took."""
    gc.collect()
    tracemalloc.start()
    try:
        do()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
