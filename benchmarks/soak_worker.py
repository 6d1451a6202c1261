"""One process of the soak: it sends requests, does as it is told, and keeps a journal.

Each line of the journal is written before anything else happens, so that it outlives a SIGKILL:
the time (`time.monotonic()`, one for all processes), what happened, to which feature and account,
and whether the store could not be reached.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from queue import SimpleQueue
from random import Random
from threading import Thread
from typing import Any

import httpx

import payreq

PAUSE = 0.005
"""Seconds between two requests."""
OF_INTEREST = 0.7
"""The share of requests for what was lately unpaid or paid; the others are for anything."""


class Worker:
    """A guarded client and its journal.

    Args:
        journal: The path of its journal.
        store: The URL of the Redis.
        url: The provider's.
    """

    def __init__(self, journal: str, store: str, url: str) -> None:
        self._journal = os.open(journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._store = payreq.RedisStore(store)
        self.guard = payreq.Guard(
            store=self._store,
            feature=lambda request: request.url.path[1:],
            account=lambda request: request.headers["x-account"],
        )
        self._client = self.guard.wrap(httpx.Client(base_url=url, timeout=60))

    def note(self, what: str, feature: str, account: str, *more: Any) -> None:
        """Write a line."""
        line = [time.monotonic(), what, feature, account, self._store.fault is not None, *more]
        os.write(self._journal, json.dumps(line).encode() + b"\n")

    def get(self, feature: str, account: str) -> None:
        """Send a request, and note it."""
        self.note("start", feature, account)
        next_check = None
        try:
            response = self._client.get(f"/{feature}", headers={"x-account": account})
            outcome = str(response.status_code)
        except payreq.PaymentRequired as refusal:
            outcome = "refused" if refusal.sent else "refused here"
            if refusal.block is not None:
                ahead = refusal.block.next_check.timestamp() - time.time()
                next_check = time.monotonic() + ahead
        except Exception as error:  # it is what the soak looks for
            outcome = type(error).__name__
        self.note("end", feature, account, outcome, next_check)


def main() -> None:
    """Send requests until standard input ends."""
    options = json.loads(sys.argv[1])
    worker = Worker(options["journal"], options["store"], options["url"])
    random = Random(options["seed"])
    looked_at: deque[tuple[str, str]] = deque(options["looked_at"], maxlen=30)
    orders: SimpleQueue[str] = SimpleQueue()
    listener = Thread(target=_listen, args=(orders,), daemon=True)
    listener.start()
    while listener.is_alive():
        while not orders.empty():
            act, feature, account = json.loads(orders.get())
            if act == "look":
                looked_at.append((feature, account))
            elif act == "clear":
                count = worker.guard.blocks.clear(feature, account=account)
                worker.note("cleared", feature, account, count)
            else:
                worker.guard.billing_fixed(feature, account=account)
        if looked_at and random.random() < OF_INTEREST:
            worker.get(*random.choice(looked_at))
        else:
            feature = random.randrange(options["features"])
            worker.get(f"f{feature}", f"a{random.randrange(options['accounts'])}")
        time.sleep(PAUSE)


def _listen(orders: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)


if __name__ == "__main__":
    main()
