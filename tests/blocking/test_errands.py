from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
import weakref
from functools import partial

import pytest
import trio

from payreq.blocking.errands import Errands, in_a_thread


def test_an_errand_returns_what_it_returns_and_raises_what_it_raises():
    errands = Errands()
    assert errands.run(lambda: 5, 1) == 5
    with pytest.raises(ZeroDivisionError):
        errands.run(lambda: 1 / 0, 1)
    assert errands.run(threading.current_thread, 1) is not threading.current_thread()


def test_nobody_waits_longer_than_he_will_and_what_had_not_begun_is_not_done():
    errands, hangs, done = Errands(), threading.Event(), []
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        errands.run(lambda: hangs.wait(10), 0.02)
    with pytest.raises(TimeoutError):
        errands.run(lambda: done.append("late"), 0.02)
    assert time.monotonic() - began < 5
    hangs.set()
    assert errands.run(lambda: "next", 5) == "next"
    assert done == []


def test_a_thread_that_hangs_for_long_is_left_to_itself(monkeypatch):
    monkeypatch.setattr("payreq.blocking.errands.LOST", 0.05)
    errands, hangs = Errands(), threading.Event()
    first = errands.run(threading.current_thread, 5)
    with pytest.raises(TimeoutError):
        errands.run(lambda: hangs.wait(10), 0.1)
    assert errands.run(threading.current_thread, 5) is not first
    assert first.is_alive()
    hangs.set()
    first.join(5)
    assert not first.is_alive()


def test_a_thread_hangs_for_long_after_ten_seconds(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("payreq.blocking.errands.monotonic", lambda: now[0])
    errands, hangs, began = Errands(), threading.Event(), threading.Event()

    def hang():
        began.set()
        hangs.wait(10)

    with pytest.raises(TimeoutError):
        errands.run(hang, 0.02)
    assert began.wait(5)
    now[0] = 10.0
    with pytest.raises(TimeoutError):
        errands.run(int, 0.02)
    now[0] = 10.1
    assert errands.run(int, 5) == 0
    hangs.set()


def test_errands_may_come_before_their_thread_has_begun(monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda _: None)
    errands = Errands()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            errands.run(int, 0.01)


def test_threads_that_hang_do_not_add_up(monkeypatch):
    monkeypatch.setattr("payreq.blocking.errands.LOST", 0.0)
    errands, hangs, hanging = Errands(), threading.Event(), []

    def hang():
        hanging.append(threading.current_thread())
        hangs.wait(10)

    def wait_in_vain():
        with pytest.raises(TimeoutError):
            errands.run(hang, 0.05)

    while len(hanging) < 6:
        wait_in_vain()
    for _ in range(3):
        wait_in_vain()
    assert len(hanging) == 6
    hangs.set()
    assert errands.run(lambda: "next", 5) == "next"
    for thread in hanging[:5]:
        thread.join(5)
        assert not thread.is_alive()
    # What came back counts no more.
    hangs.clear()
    while len(hanging) < 9:
        wait_in_vain()
    hangs.set()


def test_its_thread_is_a_daemon_and_ends_with_it():
    errands = Errands()
    thread = errands.run(threading.current_thread, 1)
    assert thread.daemon
    assert thread.name == "payreq store"
    del errands
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_nothing_of_an_errand_is_kept_once_it_is_done():
    errands, thing = Errands(), Errands()
    gone, until = weakref.ref(thing), time.monotonic() + 5
    errands.run(partial(id, thing), 5)
    del thing
    while gone() is not None and time.monotonic() < until:
        time.sleep(0.001)
    assert gone() is None


def test_errands_are_run_at_the_end_of_a_process_too():
    code = (
        "import atexit; from payreq.blocking.errands import Errands; errands = Errands();"
        "atexit.register(lambda: print(errands.run(lambda: 'done', 5)));"
        "errands.run(int, 5)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "done"


def test_what_takes_a_while_leaves_either_loop_free():
    async def act():
        return await in_a_thread(threading.current_thread)

    assert asyncio.run(act()) is not threading.current_thread()
    assert trio.run(act) is not threading.current_thread()
