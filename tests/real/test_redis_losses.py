"""A Redis that comes back without what it held."""

from __future__ import annotations

import pytest

from payreq.blocking.redis import RedisStore

redis_py = pytest.importorskip("redis")

NO_CREDIT = {"code": "insufficient_credits"}


@pytest.fixture
def own_redis(start_redis):
    """A Redis of the test's own."""
    server = start_redis()
    yield server
    server.kill()


@pytest.fixture
def fleet(start_fleet, own_redis):
    awaiting = redis_py.asyncio.Redis.from_url(own_redis.url)
    return start_fleet(RedisStore(own_redis.url), RedisStore(own_redis.url, async_client=awaiting))


def flushed(redis):
    redis.ask("FLUSHALL")


def restarted_empty(redis):
    redis.kill()
    redis.start()


@pytest.mark.parametrize("loss", [flushed, restarted_empty])
def test_what_is_known_is_handed_on_and_what_was_cleared_is_not(
    fleet, server, own_redis, start_fleet, loss
):
    near, far = fleet.processes
    for feature in ("chat", "export"):
        server.answer(f"/{feature}", 402, body=NO_CREDIT)
        near.get(feature)
    fleet.go_on()
    server.answer("/export", 200)
    assert near.guard.blocks.clear("export") == 1  # and nobody has heard of it yet
    loss(own_redis)
    fleet.go_on(2)
    assert near.knows() == far.knows() == {"chat": "blocked", "export": "cleared"}
    assert far.get("export") == "200"
    assert fleet.told() in ([], ["WARNING", "INFO"])  # by one who found his connection closed
    newcomer = start_fleet(RedisStore(own_redis.url)).processes[-1]
    assert newcomer.knows() == near.knows()


def test_what_was_paid_meanwhile_is_seen_at_once(fleet, server, own_redis):
    near, far = fleet.processes
    server.answer("/export", 402, body=NO_CREDIT)
    near.get("export")
    fleet.go_on()
    server.answer("/export", 200)
    restarted_empty(own_redis)
    fleet.go_on(2)
    assert far.get("export") == "200"  # a check that nobody had to ask for
    fleet.go_on()
    assert near.get("export") == "200"
    assert near.knows() == far.knows() == {"export": "restored"}
