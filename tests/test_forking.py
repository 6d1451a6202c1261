from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from weakref import ref

from payreq import forking


def taken_elsewhere(lock):
    """Say whether another thread can have a lock."""
    with ThreadPoolExecutor(1) as pool:
        if not pool.submit(lock.acquire, blocking=False).result():
            return False
        pool.submit(lock.release).result()
        return True


def test_every_lock_is_held_while_the_process_forks_and_free_in_parent_and_child():
    locks = [forking.lock(), forking.lock()]
    assert all(map(taken_elsewhere, locks))
    forking._take()
    try:
        assert not any(map(taken_elsewhere, locks))
    finally:
        forking._release()
    assert all(map(taken_elsewhere, locks))


def test_who_holds_a_lock_may_fork():
    with forking.lock() as held:
        forking._take()
        forking._release()
        assert held


def test_a_lock_that_nobody_has_any_more_is_let_go_of():
    made = forking.lock()
    known = ref(made)
    assert made in forking._locks
    del made
    assert known() is None
