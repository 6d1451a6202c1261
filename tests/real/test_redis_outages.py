"""A Redis that is away, or does not do what it should: what requests meet meanwhile and after."""

from __future__ import annotations

import socket
from contextlib import contextmanager

import pytest
from lines import Line
from outages import NO_CREDIT, go_through

from payreq.blocking.backend import Pull
from payreq.blocking.redis import RedisStore

redis_py = pytest.importorskip("redis")

TIMEOUT = 0.05


@pytest.fixture
def own_redis(start_redis):
    """A Redis of the test's own."""
    server = start_redis()
    yield server
    server.kill()


@pytest.fixture
def line(own_redis):
    """The line to it."""
    line = Line(own_redis.port)
    yield line
    line.close()


@pytest.fixture
def fleet(start_fleet, line):
    url = f"redis://127.0.0.1:{line.port}/0"
    awaiting = redis_py.asyncio.Redis.from_url(url)
    return start_fleet(RedisStore(url), RedisStore(url, async_client=awaiting))


@contextmanager
def killed(fleet, redis, line):
    redis.kill()
    yield
    redis.start()


@contextmanager
def frozen(fleet, redis, line):
    redis.freeze()
    fleet.wait(TIMEOUT)
    yield
    fleet.wait(10)
    redis.thaw()


@contextmanager
def refusing(fleet, redis, line):
    line.refuse()
    yield
    line.mend()


@contextmanager
def leading_nowhere(fleet, redis, line):
    line.drop()
    fleet.wait(TIMEOUT)
    yield
    fleet.wait(10)
    line.mend()


@contextmanager
def slow(fleet, redis, line):
    line.slow(30)
    fleet.wait(TIMEOUT)
    yield
    fleet.wait(10)
    line.mend()


@contextmanager
def out_of_memory(fleet, redis, line):
    redis.ask("CONFIG", "SET", "maxmemory", "1")
    yield
    redis.ask("CONFIG", "SET", "maxmemory", "0")


@contextmanager
def read_only(fleet, redis, line):
    redis.ask("REPLICAOF", "127.0.0.1", "1")
    yield
    redis.ask("REPLICAOF", "NO", "ONE")


OUTAGES = [killed, frozen, refusing, leading_nowhere, slow, out_of_memory, read_only]


@pytest.mark.parametrize("outage", OUTAGES)
def test_traffic_goes_on_and_afterwards_all_agree_again(fleet, server, own_redis, line, outage):
    go_through(outage(fleet, own_redis, line), fleet, server)


def test_a_request_waits_no_longer_where_many_are_concerned(fleet, server):
    near, far = fleet.processes
    features = ["export", *(f"report{letter}" for letter in "abcdefghijklmnopqrst")]
    for feature in features:
        server.answer(f"/{feature}", 402, body=NO_CREDIT)
        assert near.get(feature) == "refused"
    fleet.go_on()
    for feature in features:
        server.answer(f"/{feature}", 200)
    assert near.guard.billing_fixed("export") == 1
    before = near.asked
    assert near.get("export") == "200"  # and all the others are to be looked at
    assert near.asked - before <= 4
    fleet.go_on()
    assert [far.get(feature) for feature in features] == ["200"] * len(features)


def test_what_took_too_long_is_not_tried_again(monkeypatch):
    monkeypatch.setattr("payreq.blocking.redis.SOCKET_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        with pytest.raises(redis_py.exceptions.TimeoutError):
            store._backend.ask(Pull("", 0))
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()
    store.close()
