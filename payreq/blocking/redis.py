"""Blocks of a fleet, in a Redis or a Valkey."""

from __future__ import annotations

import asyncio
import weakref
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from payreq.blocking import redis_scripts as scripts
from payreq.blocking.shared import SharedStore
from payreq.extras import missing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from payreq.blocking.backend import Pull, Pulled, Write, Written

SOCKET_TIMEOUT = 0.5
"""Seconds after which a socket of a client that is made from a URL is given up."""


class RedisStore(SharedStore):
    """Blocks that a fleet shares, in a Redis or a Valkey, over the package `redis`.

    Times are the server's, so that clocks that differ change nothing. All keys share a hash tag,
    have a time to live, and hold neither credential nor body.

    Args:
        url_or_client: "redis://", "rediss://" or "unix://", as `redis.Redis.from_url` takes it; or
            a client that you made, with its TLS, authentication, Sentinel or Cluster.
        async_client: A client of `redis.asyncio` for the same server: under asyncio, the look once
            a second at what others wrote is awaited on it. Left out, a thread does that.
        namespace: What the keys begin with; guards that share blocks share it.
        limit: How many live blocks are held at most. None is dropped to make room: past that,
            refusals are raised without a block.

    Raises:
        ImportError: The package `redis` is not installed.
        TypeError: A client is none.
        ValueError: The URL or the namespace cannot do, or the limit is below 1.

    Example:
        >>> import payreq
        >>> guard = payreq.Guard(store=payreq.RedisStore("redis://localhost:6379/0"))
    """

    def __init__(
        self,
        url_or_client: Any,
        *,
        async_client: Any = None,
        namespace: str = "payreq",
        limit: int = 100_000,
    ) -> None:
        _import_redis()
        if not isinstance(namespace, str):
            raise TypeError(f"namespace must be a string, not {type(namespace).__name__}")
        if not namespace or set("{}") & set(namespace):
            raise ValueError(f"namespace must be a name without braces, not {namespace!r}")
        if async_client is not None and not _is_client(async_client, awaits=True):
            raise TypeError(
                f"async_client must be a client of redis.asyncio, not {type(async_client).__name__}"
            )
        self._keys = scripts.keys(namespace)
        self._async_client: Any = async_client
        self._loop: weakref.ref[asyncio.AbstractEventLoop] | None = None
        super().__init__(_Server(_client(url_or_client), self._keys), limit)

    def _asker(self) -> Callable[[Pull | Write], Awaitable[Pulled | Written]] | None:
        if self._async_client is None:
            return None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return None  # trio's
        if self._loop is None:
            self._loop = weakref.ref(loop)
        # A connection belongs to the loop that opened it.
        return self._ask_awaiting if self._loop() is loop else None

    async def _ask_awaiting(self, question: Pull | Write) -> Pulled | Written:
        from redis.exceptions import NoScriptError  # noqa: PLC0415  # an extra

        client, call = self._async_client, scripts.call(self._keys, question)
        try:
            reply = await client.evalsha(call.sha, len(call.keys), *call.keys, *call.args)
        except NoScriptError:
            reply = await client.eval(call.script, len(call.keys), *call.keys, *call.args)
        return scripts.answer(question, reply)


class _Server:
    """A server, over a sync client; the client's pool knows of forks."""

    def __init__(self, client: Any, keys: tuple[str, str, str]) -> None:
        self._client = client
        self._keys = keys

    def ask(self, question: Pull | Write) -> Pulled | Written:
        """Answer a question by one script."""
        from redis.exceptions import NoScriptError  # noqa: PLC0415  # an extra

        client, call = self._client, scripts.call(self._keys, question)
        try:
            reply = client.evalsha(call.sha, len(call.keys), *call.keys, *call.args)
        except NoScriptError:
            reply = client.eval(call.script, len(call.keys), *call.keys, *call.args)
        return scripts.answer(question, reply)

    def renewed(self) -> _Server:
        """Return itself: a pool opens connections of its own in the child of a fork."""
        return self

    def close(self) -> None:
        """Close the connections of the pool; a client opens others when it is used again."""
        self._client.close()


def _import_redis() -> Any:
    try:
        import redis  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise missing(error, "RedisStore", "redis") from error
    return redis


def _client(url_or_client: Any) -> Any:
    if isinstance(url_or_client, str):
        return _from_url(url_or_client)
    if not _is_client(url_or_client, awaits=False):
        hint = ""
        if _is_client(url_or_client, awaits=True):
            hint = "; one of redis.asyncio goes beside it, as async_client="
        raise TypeError(
            "url_or_client must be a URL such as 'redis://localhost:6379/0' or a client such as "
            f"redis.Redis(), not {type(url_or_client).__name__}{hint}"
        )
    return url_or_client


def _from_url(url: str) -> Any:
    redis = _import_redis()
    from redis.backoff import NoBackoff  # noqa: PLC0415  # an extra
    from redis.retry import Retry  # noqa: PLC0415  # an extra

    # Nothing is tried twice: nobody waits for what took too long, and all that is asked next would
    # have to. The pool sees by itself which connections a restarted server has forgotten.
    never = Retry(NoBackoff(), 0)
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=SOCKET_TIMEOUT,
            socket_connect_timeout=SOCKET_TIMEOUT,
            retry=never,
        )
    except Exception:
        # Neither the URL nor what was said of it: a password may stand in both.
        raise ValueError(
            "url_or_client must be a URL such as 'redis://:password@localhost:6379/0', rediss:// "
            "or unix://; this one cannot be read"
        ) from None


def _is_client(thing: Any, *, awaits: bool) -> bool:
    ask, run = getattr(thing, "evalsha", None), getattr(thing, "execute_command", None)
    return callable(ask) and iscoroutinefunction(run) is awaits
