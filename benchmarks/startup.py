"""What payreq adds to the start of a process, and what the first refusal of one takes.

Each case is a fresh interpreter.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from bar import Bar
from tables import Table, ms
from timing import take_turns, typical

if TYPE_CHECKING:
    from tables import Measured

ROUNDS, FIRST_ROUNDS = 15, 10

CASES = {
    "python": "",
    "httpx": "import httpx",
    "payreq": "import payreq",
    "both": "import httpx, payreq",
    "bare": "import httpx; httpx.Client()",
    "guarded": "import httpx, payreq; payreq.Guard().wrap(httpx.Client())",
}
TITLES = {
    "httpx": "`import httpx`",
    "payreq": "`import payreq`",
    "both": "`import httpx, payreq`",
    "bare": "`httpx.Client()`, its import with it",
    "guarded": "`guard.wrap(httpx.Client())`, the imports with it",
}

# What a program waits that meets its first refusal: whatever has to be loaded for it, and the
# compiling of the phrases that it is read by, is part of that.
REFUSED = """
import httpx, payreq
from time import perf_counter

def answer(request):
    words = "Your trial of the Team plan ended on 3 May 2026 and 40 of 40 exports are used."
    return httpx.Response(403, json={"error": {"code": "no_access", "message": words}})

client = payreq.Guard().wrap(httpx.Client(transport=httpx.MockTransport(answer)))
for path in ("first", "second"):
    start = perf_counter()
    try:
        client.get(f"https://api.example.com/v1/{path}")
    except payreq.TrialExpired:
        print(perf_counter() - start)
"""


def measure() -> Measured:
    """Time the processes."""
    timings = take_turns(
        {name: partial(_run, code) for name, code in CASES.items()}, rounds=ROUNDS, calls=1
    )
    took = {name: typical(rounds) for name, rounds in timings.items()}
    first, second = _refusals()
    yield Table(
        "The start of a process, and its first refusal",
        "`python benchmarks/run.py startup`: what each adds to a process that does nothing. The "
        "first refusal that a process meets loads what reads it; no later one does.",
        ("", "takes"),
        [
            *((title, ms(took[name] - took["python"])) for name, title in TITLES.items()),
            ("the first refusal, all that it loads with it", ms(first)),
            ("the second", ms(second)),
        ],
    )
    for name, new, old, most in (
        ("import payreq, of import httpx", "payreq", "httpx", 1.2),
        ("a process with a guarded client, of one with a bare one", "guarded", "bare", 1.3),
    ):
        yield Bar(name, took[new] / took[old], most, f"{ms(took[new])} of {ms(took[old])}")


def _refusals() -> tuple[float, float]:
    """Return the seconds that the first and the second refusal of a process take."""
    pairs = [_run(REFUSED).split() for _ in range(FIRST_ROUNDS)]
    first, second = zip(*pairs, strict=True)
    return typical([float(time) for time in first]), typical([float(time) for time in second])


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout
