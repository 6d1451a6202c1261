"""A fork, whatever the threads of its parent are about."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

BEGINNING = """
import os, signal, sys, threading, warnings
import httpx, payreq
from payreq.testing import Api, Clock

warnings.simplefilter("ignore")  # of threads that fork: that is what is tried here
clock = Clock()
guard = payreq.Guard(features={"export": "* /v1/exports"}, clock=clock)
api = Api(None, "credits_exhausted")

def made():
    return guard.wrap(httpx.Client(
        base_url="https://api.example.com", transport=httpx.MockTransport(api), verify=False
    ))

client = made()

def export(client=client):
    try:
        return client.post("/v1/exports").status_code
    except payreq.PaymentRequired as refusal:
        return "sent" if refusal.sent else "here"

def child(act):
    "Do something in a child and say whether it did it."
    pid = os.fork()
    if not pid:
        signal.alarm(20)  # where it waits for ever, it is ended
        try:
            assert act(), act
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0
"""

HELD = """
assert export() == "sent"
lock = {lock}
held, let_go = threading.Event(), threading.Event()
os.register_at_fork(before=let_go.set)  # registered last, it runs first

def hold():
    with lock:
        held.set()
        let_go.wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()

def goes_on():
    assert export() == "here"
    clock.advance(60)
    assert export() == "sent"
    guard.blocks.clear()
    assert export() == "sent"
    return guard.blocks.get("export")

assert child(goes_on)
assert export() == "here"
"""

INSIDE = """
with guard.ledger.store._lock, guard.replays._lock:
    assert child(lambda: export() == "sent")
assert export() == "sent"
"""

APART = """
assert export() == "sent"
assert child(lambda: export() == "here")  # it knows what its parent knew
clock.advance(60)

def pays():
    api.paid = True
    return export() == 200 and not guard.blocks.active()

assert child(pays)
assert guard.blocks.get("export")  # what it learned is its own
assert export() == "sent"
"""

CROWD = """
export()  # what is loaded on first use is: a fork amid an import is Python's to mend
ended = threading.Event()

def call():
    while not ended.is_set():
        clock.advance(60)
        export()
        guard.blocks.clear()

threads = [threading.Thread(target=call, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(20):
    # With a client of its own: the lock of a shared one's cookies is no matter of ours.
    assert child(lambda: export(made()) in ("sent", "here") and guard.blocks.clear() + 1)
ended.set()
for thread in threads:
    thread.join()
"""


@pytest.mark.parametrize(
    "story",
    [
        HELD.format(lock="guard.ledger.store._lock"),
        HELD.format(lock="guard.replays._lock"),
        INSIDE,
        APART,
        CROWD,
    ],
    ids=["with a block held", "with an answer held", "by its holder", "apart", "in a crowd"],
)
def test_a_child_goes_on_with_what_it_has(story):
    done = subprocess.run(
        [sys.executable, "-c", BEGINNING + story],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
