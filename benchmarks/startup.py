"""What payreq adds to the start of a process: each case is a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bar import Bar
from timing import take_turns, typical

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 25

CASES = {
    "httpx": "import httpx",
    "payreq": "import payreq",
    "bare": "import httpx; httpx.Client()",
    "guarded": "import httpx, payreq; payreq.Guard().wrap(httpx.Client())",
}


def bars() -> Iterator[Bar]:
    """Time the processes and yield what is asked of them."""
    timings = take_turns(
        {name: lambda code=code: _run(code) for name, code in CASES.items()},
        rounds=ROUNDS,
        calls=1,
    )
    ms = {name: 1e3 * typical(rounds) for name, rounds in timings.items()}
    for name, new, old, most in (
        ("import payreq, of import httpx", "payreq", "httpx", 1.2),
        ("a process with a guarded client, of one with a bare one", "guarded", "bare", 1.3),
    ):
        yield Bar(name, ms[new] / ms[old], most, f"{ms[new]:.0f} of {ms[old]:.0f} ms")


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)
