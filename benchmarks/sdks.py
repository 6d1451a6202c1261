"""Count what vendors' SDKs send: `python benchmarks/sdks.py`, in an environment with `.[dev]`.

Prints a table in Markdown: requests that reach a server on loopback for one refused call, without
payreq and with it. Nobody sleeps for it: sleeps are noted, those of a minute and more are printed.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import tenacity

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "shared")]

from conftest import Server  # noqa: E402  # stands in tests/
from sleeping import sleepless  # noqa: E402  # likewise
from vendors import SDKS, STRIPE  # noqa: E402  # likewise

import payreq  # noqa: E402  # sorted after them

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sdk import Sdk

ATTEMPTS = 6
LONG = 60
"""Seconds of sleep that are worth telling."""


class Case(NamedTuple):
    """One way to refuse a call."""

    title: str
    status: int
    retry_after: str | None = None
    outer: bool = False


CASES = (
    Case("402", 402),
    Case("429 `insufficient_quota`", 429),
    Case("with `Retry-After: 86400`", 429, retry_after="86400"),
    Case(f"under `tenacity({ATTEMPTS})`", 429, outer=True),
)


def main() -> None:
    """Run every SDK's call in every case, and print what was counted."""
    logging.disable(logging.WARNING)  # huggingface_hub tells of each retry
    print("| SDK | Version | Guarded by |", *(f"{case.title} |" for case in CASES))
    print("| --- | --- | --- |" + " --- |" * len(CASES))
    for sdk in (sdk for sdk in SDKS + STRIPE if not sdk.asynchronous):
        cells = (sdk.name, sdk.version, f"`{sdk.wrap}`", *counted(sdk))
        print(f"| {' | '.join(cells)} |")


def counted(sdk: Sdk) -> Iterator[str]:
    """Yield for each case how many requests came without payreq and with it."""
    for case in CASES:
        if case.outer or case.status in sdk.bodies:
            yield f"{_run(sdk, case, None)} → {_run(sdk, case, payreq.Guard())}"
        else:
            yield "no refusal there"


def _run(sdk: Sdk, case: Case, guard: payreq.Guard | None) -> str:
    headers = {} if case.retry_after is None else {"Retry-After": case.retry_after}
    policy = tenacity.Retrying(stop=tenacity.stop_after_attempt(ATTEMPTS if case.outer else 1))
    status = case.status if case.status in sdk.bodies else 402
    server = Server()
    try:
        server.answer(sdk.path, status, headers=headers, body=sdk.bodies[status])
        with (
            sleepless() as slept,
            sdk.opened(server.url, guard) as call,
            suppress(tenacity.RetryError),
        ):
            policy(call)
    finally:
        server.close()
    asleep = sum(slept)
    return f"{len(server.received)}" + (f" and {asleep:,.0f} s asleep" if asleep >= LONG else "")


if __name__ == "__main__":
    main()
