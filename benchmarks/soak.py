"""Hold a fleet to its promises while things go wrong: `python benchmarks/soak.py [--seconds 120]`.

Processes share a RedisStore and send requests to a provider that knows who has paid. Meanwhile
accounts run out of credit and pay; blocks are cleared, said to be paid, or left to their next
check; processes are killed at random, and Redis is restarted empty. At the end the journals of all
are held against what was promised. Exit status: 0 if every promise was kept, 1 if not, 2 without
Redis.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from servers import REDIS, Provider, Redis
from soak_verdict import AGREED, HEARD, Story, Verdict, judge

if TYPE_CHECKING:
    from servers import Pair

FEATURES, ACCOUNTS = 200, 50
UNPAID = 40
"""How many pairs of feature and account are unpaid at a time."""
TICK = 0.1
CHECK_AFTER = (2, 5)
"""Seconds that the provider sends as Retry-After, between which the next check lies."""
LIFE = 25.0
"""Seconds after which a process is killed, on average; one of the fleet at a time."""
OUTAGE_EVERY, OUTAGE = (8.0, 16.0), (0.1, 2.0)
QUIET = 8.0
"""Seconds at the end in which nothing goes wrong any more: all that was unpaid is paid."""


class Soak:
    """A run.

    Args:
        folder: For journals and Redis.
        processes: How many there are.
        seed: Of what is left to chance.
    """

    def __init__(self, folder: str, processes: int, seed: int) -> None:
        self.story = Story()
        self.journals: list[str] = []
        self._folder = folder
        self._random = Random(seed)
        self._redis = Redis(folder)
        self._redis.start()
        self._provider = Provider(CHECK_AFTER)
        self._looked_at: list[Pair] = []
        self._workers: dict[str, subprocess.Popen[str]] = {}
        for _ in range(processes):
            self._hire()

    def run(self, seconds: float) -> None:
        """Let things go wrong for a while, then right."""
        random, workers = self._random, len(self._workers)
        end = time.monotonic() + seconds
        outage = time.monotonic() + random.uniform(*OUTAGE_EVERY) / 2
        back = 0.0
        while (now := time.monotonic()) < end:
            if back and now > back:
                self._redis.start()
                self.story.outages[-1] = (self.story.outages[-1][0], time.monotonic())
                outage, back = now + random.uniform(*OUTAGE_EVERY), 0.0
            elif not back and now > outage:
                self.story.outages.append((now, float("inf")))
                self._redis.kill()
                back = now + random.uniform(*OUTAGE)
            if random.random() < TICK * workers / LIFE:
                self._kill()
                self._hire()
            self._refuse_one()
            if len(self._provider.unpaid) > UNPAID:
                self._settle_one(random.choice(sorted(self._provider.unpaid)))
            time.sleep(TICK)
        if back:
            self._redis.start()
            self.story.outages[-1] = (self.story.outages[-1][0], time.monotonic())
        for pair in sorted(self._provider.unpaid):
            self._settle_one(pair)
        time.sleep(QUIET)

    def close(self) -> None:
        """End everything that it started."""
        for worker in self._workers.values():
            worker.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        for worker in self._workers.values():
            worker.wait()
        self._redis.kill()
        self._provider.close()

    def verdict(self) -> Verdict:
        """Judge what happened."""
        journals = {}
        for name in self.journals:
            path = Path(self._folder) / name
            journals[name] = path.read_text().splitlines(keepends=True) if path.exists() else []
        return judge(journals, self.story)

    def _hire(self) -> None:
        name = f"journal-{len(self.journals)}"
        self.journals.append(name)
        options = {
            "journal": str(Path(self._folder) / name),
            "store": self._redis.url,
            "url": self._provider.url,
            "seed": self._random.random(),
            "features": FEATURES,
            "accounts": ACCOUNTS,
            "looked_at": self._looked_at[-30:],
        }
        self._workers[name] = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("soak_worker.py"), json.dumps(options)],
            stdin=subprocess.PIPE,
            text=True,
        )

    def _kill(self) -> None:
        name = self._random.choice(sorted(self._workers))
        worker = self._workers.pop(name)
        worker.kill()
        worker.wait()
        worker.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        self.story.deaths[name] = time.monotonic()

    def _refuse_one(self) -> None:
        pair = f"f{self._random.randrange(FEATURES)}", f"a{self._random.randrange(ACCOUNTS)}"
        if pair not in self._provider.unpaid:
            self.story.paid[pair].append((time.monotonic(), False))
            self._provider.unpaid.add(pair)
            self._looked_at.append(pair)
            for name in self._workers:
                self._tell(name, "look", pair)

    def _settle_one(self, pair: Pair) -> None:
        """Let a pair be paid, and have it cleared, said to be paid, or left to its next check."""
        self._provider.unpaid.discard(pair)
        self.story.paid[pair].append((time.monotonic(), True))
        for name in self._workers:
            self._tell(name, "look", pair)
        act = self._random.choice(["clear", "fixed", "leave"])
        if act != "leave":
            self._tell(self._random.choice(sorted(self._workers)), act, pair)

    def _tell(self, name: str, act: str, pair: Pair) -> None:
        pipe = self._workers[name].stdin
        assert pipe is not None
        pipe.write(json.dumps([act, *pair]) + "\n")
        pipe.flush()


def report(soak: Soak, verdict: Verdict) -> None:
    """Print the figures."""
    counts = verdict.counts
    requests = sum(counts[name] for name in ("200", "refused", "refused here", "killed"))
    deaths, outages = len(soak.story.deaths), len(soak.story.outages)
    figures = {
        "requests": f"{requests + verdict.failed:,}",
        "  let through": f"{counts['200']:,}",
        "  refused by the provider": f"{counts['refused']:,}",
        "  refused here": f"{counts['refused here']:,}",
        "processes killed": f"{deaths}, {counts['killed']} of them amid a request",
        "Redis restarted empty": f"{outages} times",
        "payments": f"{sum(paid for told in soak.story.paid.values() for _, paid in told):,}",
        "healthy requests that failed": f"{verdict.failed}",
        "times that blocks were let go of": f"{counts['let go of']:,}",
        "  refused after that, the longest": f"{verdict.after_clear:.2f} s (at most {HEARD} s)",
        "refused after the next check, the longest": (
            f"{verdict.after_check:.2f} s (at most {HEARD} s, in which others hear of it)"
        ),
        "not judged: the store was away": (
            f"{counts['away']:,} refused while it was, or {AGREED} s after"
        ),
        "not judged: lost with process and store": (f"{counts['lost']}"),
    }
    for name, figure in figures.items():
        print(f"{name:42} {figure}")
    for broken in verdict.broken[:20]:
        print(f"BROKEN: {broken}")
    print(f"{len(verdict.broken)} promises broken" if verdict.broken else "every promise was kept")


def main() -> int:
    """Run the soak, print the figures, and return the exit status."""
    parser = argparse.ArgumentParser(description="Hold a fleet to its promises.")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long things go wrong")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if REDIS is None:
        print("redis-server is not installed", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(folder, options.processes, options.seed)
        try:
            soak.run(options.seconds)
        finally:
            soak.close()
        verdict = soak.verdict()
    report(soak, verdict)
    return 1 if verdict.broken else 0


if __name__ == "__main__":
    sys.exit(main())
