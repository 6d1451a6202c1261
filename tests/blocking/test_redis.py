"""A real Redis: clients of every kind, scripts, keys and loops."""

from __future__ import annotations

import asyncio
import re
import time
from hashlib import sha1

import pytest
import trio

import payreq
from payreq.blocking import block as rules
from payreq.blocking import redis_scripts as scripts
from payreq.blocking.backend import Entry, Pull, Pulled, Write
from payreq.blocking.block import Key
from payreq.blocking.coding import digest
from payreq.blocking.redis import RedisStore
from payreq.details import PaymentDetails
from payreq.reasons import Reason

redis_py = pytest.importorskip("redis")

DETAILS = PaymentDetails(reason=Reason.UNKNOWN, status=402)
KEY = Key("https://api.example.com", "export", "alice")


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr("payreq.blocking.shared.TIMEOUT", 5.0)


@pytest.fixture
def namespace(tmp_path):
    return str(tmp_path)


@pytest.fixture
def opened(redis, namespace):
    return lambda client=None, **options: RedisStore(
        redis.url if client is None else client, namespace=namespace, **options
    )


def begin(store, key=KEY):
    now = time.time()
    return store.swap(key, 0, rules.begin(key, DETAILS, now), now)


def test_clients_that_decode_and_those_that_speak_the_third_protocol_do(redis, opened):
    plain = begin(opened())
    for options in ({"decode_responses": True}, {"protocol": 3}, {"protocol": 2}):
        client = redis_py.Redis.from_url(redis.url, **options)
        store = opened(client)
        store.refresh(time.time())
        assert store.get(KEY).details == plain.details
        asked = store.swap(KEY, store.get(KEY).generation, store.get(KEY), time.time())
        assert asked is not None
        store.close()


def evaluated(server):
    """Say how many scripts were sent to a server; those that it knows are asked for by name."""
    told = server.ask("INFO", "commandstats").decode()
    return sum(int(calls) for calls in re.findall(r"cmdstat_eval:calls=(\d+)", told))


def test_a_script_is_sent_once(start_redis):
    server = start_redis()
    store = RedisStore(server.url)
    store.patience = 5.0
    begin(store)
    for _ in range(5):
        begin(store, KEY._replace(feature="chat"))
        store.refresh(time.time(), at_once=True)
    assert evaluated(server) == 2

    async def look():
        client = redis_py.asyncio.Redis.from_url(server.url)
        store = RedisStore(server.url, async_client=client)
        for _ in range(5):
            await store.refresh_async(time.time(), at_once=True)
        await client.aclose()
        return store.fault

    assert asyncio.run(look()) is None
    assert evaluated(server) == 2


def test_a_server_that_has_forgotten_the_scripts_gets_them_again(redis, opened):
    store = opened()
    begin(store)
    redis.ask("SCRIPT", "FLUSH")
    assert begin(store, KEY._replace(feature="chat")).phase == "blocked"
    redis.ask("SCRIPT", "FLUSH")
    store.refresh(time.time(), at_once=True)
    assert store.fault is None


def test_keys_share_a_hash_tag_carry_the_form_and_live_no_longer_than_what_they_hold(
    redis, opened, namespace
):
    begin(opened())
    client = redis_py.Redis.from_url(redis.url, decode_responses=True)
    keys = sorted(client.scan_iter(f"{{{namespace}}}*"))
    assert keys == sorted(scripts.keys(namespace))
    assert all(key.startswith(f"{{{namespace}}}:1:") for key in keys)
    assert all(8 * 86_400 < client.ttl(key) <= 9 * 86_400 for key in keys)
    client.close()


def test_namespaces_are_apart(redis, opened):
    begin(opened())
    other = RedisStore(redis.url, namespace="another")
    other.refresh(time.time())
    assert other.find() == []


def test_the_namespace_is_payreq_where_none_is_given(redis):
    begin(RedisStore(redis.url))
    other = RedisStore(redis.url, namespace="payreq")
    other.refresh(time.time())
    assert [state.key for state in other.find()] == [KEY]
    redis.ask("DEL", *scripts.keys("payreq"))


def test_where_one_of_the_keys_was_evicted_what_is_known_is_handed_on(redis, opened, namespace):
    one, other = opened(), opened()
    begin(one)
    other.refresh(time.time())
    for key in scripts.keys(namespace):
        redis.ask("DEL", key)
        for store in (one, other):
            store.refresh(time.time(), at_once=True)
        fresh = opened()
        fresh.refresh(time.time())
        assert [state.key for state in fresh.find()] == [KEY]


def test_a_place_of_which_a_part_was_evicted_tells_nothing(redis, opened, namespace):
    store = opened()
    begin(store)
    redis.ask("DEL", scripts.keys(namespace)[2])
    answer = store._backend.ask(Pull("", 0))
    assert answer == Pulled("", answer.now, 0, 0, [], more=False)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("part", [("HDEL", 0), ("ZREM", 1)])
def test_an_entry_of_which_a_part_is_gone_keeps_nothing_from_going_on(
    redis, opened, namespace, part, live
):
    place = opened()._backend
    half = Entry("half", 0, 0, live, time.time() + (-1 if live else 60), "text")
    stays = half._replace(digest="stays", live=True, expires=time.time() + 90)
    known = place.ask(Write("", [half, stays], 9)).id
    command, key = part
    redis.ask(command, scripts.keys(namespace)[key], "half")
    assert [entry.digest for entry in place.ask(Pull(known, 0)).entries] == ["stays"]
    more = [half._replace(digest=name, live=False, expires=time.time() + 80) for name in "abc"]
    place.ask(Write(known, more, 9))
    for _ in range(3):
        place.ask(Write(known, [], 1))
    assert b"half" not in redis.ask("HKEYS", scripts.keys(namespace)[0])
    assert b"half" not in redis.ask("ZRANGE", scripts.keys(namespace)[2], "0", "-1")


def test_an_entry_that_is_no_text_keeps_no_other_from_being_learned(redis, opened, namespace):
    store = opened()
    begin(store)
    begin(store, KEY._replace(feature="chat"))
    with redis_py.Redis.from_url(redis.url) as client:
        client.hset(scripts.keys(namespace)[0], digest(KEY), b"B1 \xff")
    other = opened()
    other.refresh(time.time())
    assert other.fault is None
    assert [state.key.feature for state in other.find()] == ["chat"]


def test_a_python_that_bars_sha1_from_security_names_scripts_by_it(redis, opened, monkeypatch):
    def barred(data, *, usedforsecurity=True):
        if usedforsecurity:
            raise ValueError("unsupported hash type sha1")  # as OpenSSL's where FIPS is in force
        return sha1(data, usedforsecurity=False)

    monkeypatch.setattr("payreq.blocking.redis_scripts.sha1", barred)
    scripts._sha.cache_clear()
    store = opened()
    assert begin(store).phase == "blocked"
    assert store.fault is None


def test_keys_that_hold_something_else_are_an_outage(redis, opened, namespace):
    redis.ask("SET", scripts.keys(namespace)[0], "mine")
    redis.ask("SET", scripts.keys(namespace)[1], "mine")
    redis.ask("SET", scripts.keys(namespace)[2], "mine")
    store = opened()
    assert begin(store).phase == "blocked"
    assert store.fault == "ResponseError"


def test_past_the_limit_what_is_over_goes_and_what_is_live_stays(opened):
    store, now = opened(limit=3), time.time()
    for number in range(3):
        begin(store, KEY._replace(feature=f"f{number}"))
    with pytest.raises(payreq.blocking.store.StoreFullError):
        begin(store)
    for number in range(8):
        key = KEY._replace(account=f"a{number}")
        store.swap(key, 0, rules.clear(rules.begin(key, DETAILS, now), now + number / 100), now)
    other = opened()
    other.refresh(now)
    assert len(other.find()) == 3
    assert len(other.changes(0)) <= 3 + 3 + 1
    assert other.get(KEY._replace(account="a7")).phase == "cleared"


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        (Pull("", 0), None),
        (Pull("", 0), []),
        (Pull("", 0), [b"id", b"soon", b"1", b"0", b"0"]),
        (Pull("", 0), [b"id", b"1", b"1", b"0", b"0", b"digest", b"5"]),
        (Pull("", 0), [b"id", b"1", b"1", b"0", b"0", b"digest", b"5", b"B"]),
        (Pull("", 0), [b"id", b"1", b"1", b"0", b"0", b"digest", b"\xff", b"B5 text"]),
        (Write("", (), 5), [b"id"]),
        (Write("", [Entry("d", 0, 0, True, 0.0, "")], 5), [b"id", b"1", b"written"]),
    ],
)
def test_a_reply_that_is_none_of_ours_is_an_error(question, reply):
    with pytest.raises(ValueError, match="the server's reply is none of ours: "):
        scripts.answer(question, reply)


@pytest.fixture
def cluster(start_redis):
    """A cluster of one."""
    server = start_redis("--cluster-enabled", "yes")
    server.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    until = time.monotonic() + 10
    while b"cluster_state:ok" not in server.ask("CLUSTER", "INFO"):
        assert time.monotonic() < until
        time.sleep(0.02)
    return server


def test_it_works_on_a_cluster(cluster):
    client = redis_py.RedisCluster.from_url(cluster.url)
    one = RedisStore(client)
    assert begin(one).phase == "blocked"
    other = RedisStore(client)
    other.refresh(time.time())
    assert other.find() == one.find() or len(other.find()) == 1
    assert one.fault is None
    one.close()


def test_the_pool_of_a_client_knows_of_forks(opened):
    server = opened()._backend
    assert server.renewed() is server


def test_under_asyncio_the_look_is_awaited_on_the_async_client(redis, opened):
    begin(opened())

    async def act():
        client = redis_py.asyncio.Redis.from_url(redis.url)
        redis.ask("SCRIPT", "FLUSH")
        store = opened(async_client=client)
        await store.refresh_async(time.time())
        assert store._errands._hand is None  # no thread was needed
        found = store.find()
        await store.refresh_async(time.time(), at_once=True)
        await client.aclose()
        return store, found

    store, found = asyncio.run(act())
    assert [state.key for state in found] == [KEY]

    async def again():  # the client belongs to the first loop
        await store.refresh_async(time.time(), at_once=True)

    asyncio.run(again())
    assert store.fault is None
    assert store._errands._hand is not None
    trio.run(again)
    assert store.fault is None


def test_under_asyncio_a_thread_looks_where_there_is_no_async_client(opened):
    begin(opened())
    store = opened()
    asyncio.run(store.refresh_async(time.time()))
    assert store.fault is None
    assert [state.key for state in store.find()] == [KEY]


def test_an_async_client_that_fails_is_an_outage_and_one_that_hangs_is_not_waited_for(
    opened, monkeypatch
):
    monkeypatch.setattr("payreq.blocking.shared.TIMEOUT", 0.05)

    class Hanging(redis_py.asyncio.Redis):
        async def evalsha(self, *_):
            await asyncio.sleep(self.seconds)
            raise ConnectionError

    async def act(seconds):
        client = Hanging()
        client.seconds = seconds
        store = opened(async_client=client)
        began = time.monotonic()
        for _ in range(5):
            await store.refresh_async(time.time(), at_once=True)
        assert time.monotonic() - began < 5
        return store.fault

    assert asyncio.run(act(60)) == "TimeoutError"
    assert asyncio.run(act(0)) == "ConnectionError"


def test_of_many_tasks_one_looks_and_those_with_an_old_copy_wait_for_it(redis, opened, monkeypatch):
    begin(opened())
    looks = []

    class Slow(redis_py.asyncio.Redis):
        async def evalsha(self, *args):
            looks.append(args)
            await asyncio.sleep(0.05)
            return await super().evalsha(*args)

    async def act():
        client = Slow.from_url(redis.url)
        store = opened(async_client=client)

        async def one():
            await store.refresh_async(time.time())
            return len(store.find())

        assert await asyncio.gather(*(one() for _ in range(5))) == [1] * 5
        assert len(looks) == 1
        store._due = 0.0  # a second later, the copy will do meanwhile
        waiting = [asyncio.create_task(one()) for _ in range(5)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 4
        assert await asyncio.gather(*waiting) == [1] * 5
        assert len(looks) == 2
        store._due = 0.0
        cancelled = asyncio.create_task(one())
        await asyncio.sleep(0.01)
        cancelled.cancel()
        assert isinstance(
            (await asyncio.gather(cancelled, return_exceptions=True))[0], BaseException
        )
        store._due = 0.0
        assert await one() == 1
        await client.aclose()
        return store.fault

    assert asyncio.run(act()) is None
