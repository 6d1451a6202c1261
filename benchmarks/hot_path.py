"""What a shared store adds to requests that nothing is held for, at 1,000 of them a second."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import httpx
from bar import Bar

import payreq

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE, SECONDS = 1_000, 20
URL = "https://api.example.com/v1/reports"


class _Lean(httpx.BaseTransport):
    """Answers without a body, at once."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # none is looked at
        return httpx.Response(200)


def bars(name: str, store: Any) -> Iterator[Bar]:
    """Measure a store that holds blocks, though none for what is requested.

    Requests of a client that is not guarded take turns with those of one that is, so that whatever
    else the machine does meets both.
    """
    asks, ask = [0], store._ask  # noqa: SLF001  # a round trip cannot be told from outside

    def counted(question: Any) -> Any:
        asks[0] += 1
        return ask(question)

    store._ask = counted  # noqa: SLF001
    bare = httpx.Client(transport=_Lean())
    guarded = payreq.Guard(store=store).wrap(httpx.Client(transport=_Lean()))
    request = bare.build_request("GET", URL, headers={"Authorization": "Bearer sk-test-0123456789"})
    took: dict[str, list[float]] = {"bare": [], "guarded": [], "looking": []}
    turns = [("bare", bare), ("guarded", guarded)]
    gc.collect()
    gc.disable()  # its pauses are no matter of ours
    began = time.perf_counter()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        turns.reverse()  # the first to run after a rest is the slower
        for kind, client in turns:
            before, start = asks[0], time.perf_counter()
            client.send(request)
            end = time.perf_counter()
            took[kind if asks[0] == before else "looking"].append(end - start)
    rate = RATE * SECONDS / (time.perf_counter() - began)
    gc.enable()
    middle, late = (
        {kind: 1e6 * _at(share, times) for kind, times in took.items()} for share in (0.5, 0.99)
    )
    print(
        f"{name}: at {rate:.0f} requests a second, the median is {middle['guarded']:.1f} us, "
        f"{middle['bare']:.1f} us without a guard, {middle['looking']:.0f} us for those that look"
    )
    yield Bar(
        f"{name}: requests with a round trip",
        100 * len(took["looking"]) / (RATE * SECONDS),
        1.0,
        f"{len(took['looking'])} of {RATE * SECONDS:,}",
        "%",
    )
    yield Bar(
        f"{name}: added off the look, 99th percentile",
        late["guarded"] - late["bare"],
        100.0,
        f"{late['guarded']:.0f} - {late['bare']:.0f} us",
        " us",
    )


def _at(share: float, times: list[float]) -> float:
    """Return the time that a share of all stays within."""
    return sorted(times)[int(share * len(times))]
