"""What is promised of processes that share a store, by real ones over real sockets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time

import pytest

WORKER = """
import json, sys, time
import httpx, payreq
from payreq.blocking import block, shared

options = json.loads(sys.argv[1])
shared.TIMEOUT = 10.0  # it is about what happens, not about how fast this machine is
block.LEASE = options.get("lease", 30.0)
place = options["place"]
kind = payreq.RedisStore if place.startswith("redis:") else payreq.SQLiteStore
names = {"namespace": options["namespace"]} if kind is payreq.RedisStore else {}
guard = payreq.Guard(
    store=kind(place, **names),
    features={"export": "GET /export"},
    account=lambda request: "alice",
    clock=lambda: time.time() + options.get("skew", 0),
)
heard = []
for name in ("blocked", "restored"):
    guard.on(name, lambda event: heard.append([event.name, event.here]))
client = guard.wrap(httpx.Client(base_url=options["url"], timeout=60))

def get(path):
    try:
        return str(client.get(path).status_code)
    except payreq.PaymentRequired as refusal:
        return "refused" if refusal.sent else "refused here"

acts = {
    "get": get,
    "clear": lambda: guard.blocks.clear(),
    "recheck": lambda: guard.blocks.recheck("export"),
    "fixed": lambda: guard.billing_fixed("export"),
    "due": lambda: [b.next_check.timestamp() - guard.clock() for b in guard.blocks.active()],
    "wait": lambda seconds: guard.blocks.wait("export", account="alice", timeout=seconds),
    "heard": lambda: heard,
}
for line in sys.stdin:
    name, *arguments = json.loads(line)
    print(json.dumps(acts[name](*arguments)), flush=True)
"""


class Worker:
    def __init__(self, **options):
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, *act):
        self.process.stdin.write(json.dumps(act) + "\n")
        self.process.stdin.flush()

    def end(self):
        return json.loads(self.process.stdout.readline())

    def do(self, *act):
        self.begin(*act)
        return self.end()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(params=["sqlite", "redis"])
def place(request, tmp_path):
    if request.param == "sqlite":
        return str(tmp_path / "blocks.db")
    return request.getfixturevalue("redis").url


@pytest.fixture
def start(server, place, tmp_path):
    workers = []

    def start(**options):
        worker = Worker(url=server.url, place=place, namespace=str(tmp_path), **options)
        workers.append(worker)
        assert worker.do("get", "/free") == "200"
        return worker

    yield start
    for worker in workers:
        worker.kill()


@pytest.fixture
def api(server):
    server.answer("/export", 402, body={"code": "insufficient_credits"})
    return server


def pass_a_second():
    """Let as much time pass as it takes at most until others know."""
    time.sleep(1.1)


def test_a_block_made_in_one_holds_in_the_others_whatever_their_clocks_say(start, api):
    workers = [start(skew=skew) for skew in (0, 3_600, -3_600)]
    assert workers[0].do("get", "/export") == "refused"
    pass_a_second()
    for worker in workers:
        assert worker.do("get", "/export") == "refused here"
        (due,) = worker.do("due")
        assert 50 < due < 61
    assert api.count("/export") == 1
    heard = [worker.do("heard") for worker in workers]
    assert heard == [[["blocked", True]], [["blocked", False]], [["blocked", False]]]


def test_one_probe_goes_out_among_all_and_what_it_finds_holds_for_all(start, api):
    workers = [start() for _ in range(4)]
    workers[0].do("get", "/export")
    pass_a_second()
    assert workers[1].do("fixed") == 1
    answering = threading.Event()
    api.answer("/export", 200, hold=answering)
    pass_a_second()
    found = []
    askers = [
        threading.Thread(target=lambda worker=worker: found.append(worker.do("get", "/export")))
        for worker in workers
    ]
    for asker in askers:
        asker.start()
    until = time.monotonic() + 30
    while len(found) < 3:
        assert time.monotonic() < until
        time.sleep(0.01)
    answering.set()
    for asker in askers:
        asker.join()
    assert found == ["refused here"] * 3 + ["200"]
    assert api.count("/export") == 2
    pass_a_second()
    assert [worker.do("get", "/export") for worker in workers] == ["200"] * 4
    restored = [
        [here for name, here in worker.do("heard") if name == "restored"] for worker in workers
    ]
    assert sorted(restored) == [[False], [False], [False], [True]]


def test_a_prober_that_is_killed_frees_its_slot_when_its_lease_ends(start, api):
    workers = [start(lease=3.0) for _ in range(2)]
    workers[0].do("get", "/export")
    workers[0].do("recheck")
    api.answer("/export", 200, hold=threading.Event())
    workers[0].begin("get", "/export")
    assert api.gets("/export", 2)
    taken = time.monotonic()
    pass_a_second()
    workers[0].kill()
    api.answer("/export", 200)
    assert workers[1].do("get", "/export") == "refused here"
    while workers[1].do("get", "/export") != "200":
        assert time.monotonic() < taken + 30
        time.sleep(0.05)
    assert time.monotonic() - taken > 2.5


def test_clear_and_recheck_reach_everyone(start, api):
    workers = [start(skew=skew) for skew in (0, 3_600)]
    workers[0].do("get", "/export")
    assert workers[1].do("recheck") == 1  # of a block that it had not heard of
    pass_a_second()
    assert workers[0].do("get", "/export") == "refused"
    assert workers[1].do("clear") == 1
    pass_a_second()
    assert workers[0].do("get", "/export") == "refused"
    assert api.count("/export") == 3


def test_of_jobs_that_wait_in_many_processes_one_is_woken_to_probe(start, api):
    clerk, *workers = [start() for _ in range(4)]
    workers[0].do("get", "/export")
    pass_a_second()
    for worker in workers:
        worker.begin("wait", 8)
    assert clerk.do("fixed") == 1
    assert sorted(worker.end() for worker in workers) == [False, False, True]
    api.answer("/export", 200)
    for worker in workers:
        worker.begin("wait", 30)
    assert clerk.do("get", "/export") == "200"
    assert [worker.end() for worker in workers] == [True] * 3


def test_a_tool_that_starts_anew_holds_the_block_at_once(start, api):
    start().do("get", "/export")
    assert start().do("get", "/export") == "refused here"
    assert api.count("/export") == 1
