"""What a `RedisStore` is made from, and what its connections do where a server does not answer."""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
import uuid
from contextlib import ExitStack, closing, suppress

import pytest
from sharers import begin

from payreq.blocking import redis as room
from payreq.blocking import shared
from payreq.blocking.backend import Pull
from payreq.blocking.redis import RedisStore

redis_py = pytest.importorskip("redis")

NOTHING = Pull("", 0)
"""A question to which every place has an answer."""


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        (
            5,
            TypeError,
            "'redis://localhost:6379/0' or a client such as redis.Redis(), not int",
        ),
        (None, TypeError, "redis.Redis(), not NoneType"),
        (redis_py.Sentinel([("localhost", 1)]), TypeError, "redis.Redis(), not Sentinel"),
        (
            redis_py.asyncio.Redis(),
            TypeError,
            "not Redis; one of redis.asyncio goes beside it, as async_client=",
        ),
        ("http://:s3cret@localhost", ValueError, "or unix://; this one cannot be read"),
        ("redis://:s3cret@localhost:port/0", ValueError, "this one cannot be read"),
        ("redis://:s3cret@localhost/0?socket_timeout=s3cret", ValueError, "cannot be read"),
        ("", ValueError, "cannot be read"),
    ],
)
def test_a_url_or_client_that_cannot_do_is_named_and_no_password_quoted(url, error, says):
    with pytest.raises(error, match=f"{re.escape(says)}$") as raised:
        RedisStore(url)
    assert str(raised.value).startswith("url_or_client must be a URL such as 'redis://")
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"namespace": 5}, TypeError, "namespace must be a string, not int"),
        ({"namespace": ""}, ValueError, "namespace must be a name without braces"),
        ({"namespace": "{a}"}, ValueError, "namespace must be a name without braces"),
        ({"async_client": redis_py.Redis()}, TypeError, "must be a client of redis.asyncio"),
        ({"async_client": "redis://"}, TypeError, "async_client must be a client of redis.async"),
        ({"limit": 0}, ValueError, "limit must be at least 1"),
    ],
)
def test_an_option_that_cannot_do_is_named(options, error, says):
    with pytest.raises(error, match=says):
        RedisStore("redis://localhost", **options)


@pytest.mark.parametrize("namespace", ["payreq", "Team X: exports", "équipe/1"])
def test_any_name_without_braces_is_a_namespace(redis, namespace):
    with closing(RedisStore(redis.url, namespace=namespace)) as store:
        assert store._backend.ask(NOTHING).entries == []


@pytest.mark.parametrize("given", ["redis://localhost", redis_py.Redis()])
def test_without_the_package_the_error_names_the_extra(monkeypatch, given):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ImportError, match=r"pip install 'payreq\[redis\]'") as raised:
        RedisStore(given)
    assert "RedisStore needs the package redis, which cannot be imported" in str(raised.value)


def test_a_store_that_was_not_used_has_not_connected():
    store = RedisStore("redis://127.0.0.1:1/0")
    assert store.fault is None
    store.refresh(time.time())
    assert store.fault == "ConnectionError"
    assert begin(store).phase == "blocked"


@pytest.fixture
def listener():
    """A socket with room for connections, where nobody answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=9) as listening:
        yield listening


@pytest.fixture
def ask(listener):
    """Ask whoever listens, and wait for as long as a client that is made from a URL does."""
    store = RedisStore(f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
    yield lambda: store._backend.ask(NOTHING)
    store.close()


def came_to(listener):
    """Say how many connections nobody has let in yet."""
    listener.setblocking(False)
    connections = []
    with suppress(BlockingIOError):
        while True:
            connections.append(listener.accept()[0])
    for connection in connections:
        connection.close()
    return len(connections)


def test_a_server_that_says_nothing_is_given_up_after_one_attempt(listener, ask):
    began = time.monotonic()
    with pytest.raises(redis_py.TimeoutError, match="reading"):
        ask()
    assert time.monotonic() - began < 4
    assert came_to(listener) == 1


def test_a_server_that_lets_nobody_in_is_given_up(listener, ask):
    listener.listen(0)
    with ExitStack() as stack:
        for _ in range(3):  # one has room, for the others there is none
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        began = time.monotonic()
        with pytest.raises(redis_py.TimeoutError, match="connecting"):
            ask()
    assert time.monotonic() - began < 4


def test_it_is_given_up_before_it_is_asked_again():
    assert room.SOCKET_TIMEOUT < shared.EVERY


def test_a_server_that_breaks_connections_is_given_up_after_one_attempt(listener, ask):
    broken = []

    def break_connections():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                broken.append(connection)
                connection.close()

    threading.Thread(target=break_connections, daemon=True).start()
    with pytest.raises(redis_py.ConnectionError):
        ask()
    assert len(broken) == 1
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # ends the thread on Linux; macOS refuses


def test_a_connection_that_a_restarted_server_has_forgotten_is_opened_anew(start_redis):
    server = start_redis()
    with closing(RedisStore(server.url)) as store:
        store._backend.ask(NOTHING)
        server.kill()
        server.start()
        assert store._backend.ask(NOTHING).entries == []


def test_once_closed_it_has_no_connections_until_it_is_used_again(redis):
    name = uuid.uuid4().hex
    store = RedisStore(f"{redis.url}?client_name={name}")

    def connected():
        return name in redis.ask("CLIENT", "LIST").decode()

    store._backend.ask(NOTHING)
    assert connected()
    store.close()
    until = time.monotonic() + 10
    while connected():
        assert time.monotonic() < until
        time.sleep(0.01)
    store._backend.ask(NOTHING)
    assert connected()
    store.close()
