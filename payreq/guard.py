"""`Guard`: features, accounts, blocks, words and listeners of one API client, wired together."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from logging import DEBUG
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

from payreq.blocking.blocks import Blocks
from payreq.blocking.errands import in_a_thread
from payreq.blocking.ledger import Ledger
from payreq.blocking.memory import MemoryStore
from payreq.blocking.scope import Scoper
from payreq.exchange import MODES
from payreq.replays import Replays
from payreq.telling.events import EVENTS, LOGGER, Event, log
from payreq.telling.messages import Voice, user_message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from datetime import tzinfo

    from payreq.blocking.block import Block
    from payreq.blocking.outcomes import Outcome, Transition
    from payreq.blocking.store import Store
    from payreq.details import PaymentDetails
    from payreq.exceptions import PaymentRequired
    from payreq.exchange import Refusals
    from payreq.features import Audience, Feature
    from payreq.reading.profiles import Profile
    from payreq.telling.messages import UserMessage

    Listener = Callable[[Event], Awaitable[None] | None]

_STORE = ("quiet", "generation", "horizon", "get", "find", "swap", "changes", "count", "counted")
HOSTS = 1_000
"""Hosts of which it is remembered at most whether refusals hide in their 2xx answers."""

_Client = TypeVar("_Client")


class Guard:
    """Recognises billing refusals of an API and keeps what they concern from being sent again.

    Args:
        features: Name -> pattern or patterns, "METHOD /path/glob" or "METHOD host/path/glob", or a
            `payreq.Feature`. Patterns match the whole path; `*` matches any run of characters;
            the first in order wins. A request that matches none has a default feature: its
            method, host and path with ids folded.
        feature: A callable `request -> str | None`, asked before the patterns.
        account: A callable `request -> str`. Left out: a one-way fingerprint of the request's
            credentials. Give it where one service key acts for many tenants.
        store: Where blocks are kept; left out: a `MemoryStore` of its own.
        refusals: "raise"; "return": the marked response is handed back; "observe": it is told and
            recorded, and passes as it came. Left out: "return" for a vendor SDK's client and for
            requests that carry `X-Stainless-Lang`, else "raise".
        accept: A callable `details -> bool`; False: it is no refusal after all.
        providers: Profiles of your own, paths of TOML files or dictionaries; they go before those
            that come with payreq (`payreq.reading.profiles` has their form).
        messages: Your own words: `(refusal_or_block, audience, locale, default) -> UserMessage`.
        audience: Whom messages are for: "owner", "member" or "visitor".
        trusted_hosts: Hosts that links may lead to, besides the API's own site and known pages.
        locale: The language of messages, a BCP 47 tag.
        clock: A callable that returns POSIX seconds, for tests.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument has a value that cannot do; both say which, and what is expected.

    Example:
        >>> import httpx, payreq
        >>> guard = payreq.Guard(features={"export": "POST /v1/exports*"})
        >>> client = guard.wrap(httpx.Client(base_url="https://api.example.com"))
    """

    def __init__(
        self,
        *,
        features: Mapping[str, str | Sequence[str] | Feature] | None = None,
        feature: Callable[[Any], str | None] | None = None,
        account: Callable[[Any], str] | None = None,
        store: Store | None = None,
        refusals: Refusals | None = None,
        accept: Callable[[PaymentDetails], bool] | None = None,
        providers: Iterable[str | PathLike[str] | Mapping[str, Any]] = (),
        messages: Callable[[Any, Audience, str, UserMessage], UserMessage] | None = None,
        audience: Audience = "owner",
        trusted_hosts: Sequence[str] = (),
        locale: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        _check_callables(accept=accept, account=account, clock=clock, feature=feature)
        self.refusals: Refusals | None = checked_mode(refusals)
        self.clock = time.time if clock is None else clock
        self.scoper = Scoper(features, feature, account, self._on_scope_error)
        self.profiles = _loaded(providers)
        self.voice = Voice(
            audience=audience,
            locale=locale,
            messages=messages,
            trusted_hosts=trusted_hosts,
            features=dict(features or {}),
            profiles=self.profiles,
        )
        store = MemoryStore() if store is None else _checked_store(store)
        self.ledger = Ledger(store, self.clock, self._words)
        self.blocks = Blocks(self.ledger)
        self.replays = Replays()
        self.refused = False  # whether a wrapped `send` has been refused: until then, it is lean
        self._accept = accept
        self._listeners: dict[str, list[Listener]] = {name: [] for name in EVENTS}
        self.watched: dict[str, bool] = {}  # an answer of `watches` for each host
        self._warned: set[str] = set()

    def wrap(
        self, client: _Client, *, refusals: Refusals | None = None, retry: Any = None
    ) -> _Client:
        """Guard a client in place: its proxies, mounts, hooks, cookies and auth stay as they are.

        A refusal is raised from `send`, once cookies, response hooks, redirects and auth have seen
        the response. A transport that retries or caches is guarded from inside.

        Args:
            client: A client of httpx or httpx2, sync or async, or a vendor SDK's that holds one.
            refusals: What becomes of refusals of this client; left out: the guard's.
            retry: A tenacity `Retrying` or `AsyncRetrying` for transient failures; see
                `payreq.transient_retry`.

        Returns:
            The same client.

        Raises:
            TypeError: It is no such client; the message names the remedy.
            ValueError: Another guard has wrapped it, or `refusals` is none of the three.
            RuntimeError: The installed httpx keeps its transports elsewhere.
        """
        from payreq.wrapping import guard_client  # noqa: PLC0415  # the door to the floor above

        guard_client(client, self, refusals=checked_mode(refusals), retry=retry)
        return client

    def unwrap(self, client: _Client) -> _Client:
        """Undo `wrap`; a client that this guard has not wrapped is left as it is.

        Args:
            client: The client.

        Returns:
            The same client.
        """
        from payreq.wrapping import release_client  # noqa: PLC0415  # the door to the floor above

        release_client(client, self)
        return client

    def on(self, name: str, callback: Listener) -> None:
        """Have a callback called at each event of a name.

        Args:
            name: "payment_required" (a refusal was received), "blocked", "refused" (here, without
                a request), "billing_fixed" or "restored".
            callback: Gets one frozen `Event`. It may be async where the client is. What it raises
                is logged once, and never fails a request.

        Raises:
            ValueError: There is no event of that name.
            TypeError: The callback cannot be called.
        """
        if name not in EVENTS:
            raise ValueError(f"name must be one of {', '.join(EVENTS)}, not {name!r}")
        if not callable(callback):
            raise TypeError(f"callback must be callable, not {type(callback).__name__}")
        self._listeners[name].append(callback)

    def billing_fixed(self, feature: str | None = None, *, account: str | None = None) -> int:
        """Say that it was paid: the next request is let through to see.

        Listeners of "billing_fixed" run first, to renew tokens and caches. While the provider
        still refuses, one request goes through every 10 s for 10 min.

        Args:
            feature: Which; left out: every one that is blocked.
            account: Whose; left out: every one's.

        Returns:
            How many blocks that concerns.
        """
        self.fire([self._fixed(feature, account)])
        return self.ledger.fixed(feature, account)

    async def billing_fixed_async(
        self, feature: str | None = None, *, account: str | None = None
    ) -> int:
        """Do what `billing_fixed` does; listeners may be async."""
        await self.fire_async([self._fixed(feature, account)])
        return await in_a_thread(partial(self.ledger.fixed, feature, account))

    def keep_up(self) -> None:
        """Learn what other processes did to blocks, and tell listeners of it."""
        self.ledger.refresh()
        self.fire(self._news())

    async def keep_up_async(self) -> None:
        """Do what `keep_up` does, while the event loop goes on; listeners may be async."""
        await self.ledger.refresh_async()
        await self.fire_async(self._news())

    def mode_of(self, request: Any, refusals: Refusals | None) -> Refusals:
        """Return what becomes of a refusal of a request, where a transport says so or not."""
        chosen = refusals or self.refusals
        if chosen is not None:
            return chosen
        return "return" if "x-stainless-lang" in request.headers else "raise"

    def watches(self, host: str) -> bool:
        """Say whether a refusal may hide in a 2xx answer of a host."""
        watched = self.watched.get(host)
        if watched is None:
            from payreq.reading.hiding import watches  # noqa: PLC0415  # once for each host

            if len(self.watched) >= HOSTS:
                self.watched.clear()
            watched = self.watched[host] = watches(host, self.profiles)
        return watched

    def accepts(self, details: PaymentDetails) -> bool:
        """Say whether the app, too, takes it for a refusal."""
        if self._accept is None:
            return True
        try:
            return bool(self._accept(details))
        except Exception as error:  # the app's own callable must not fail its request
            self._warn("accept", "accept= failed with %s; the refusal stands", type(error).__name__)
            return True

    def note(self, outcome: Outcome) -> Iterator[Transition]:
        """Log what became of a block, and yield of it what listeners are told."""
        for transition in outcome.transitions:
            if transition.name in self._listeners:
                yield transition
            else:
                log(self.event(transition.name, block=transition.block))

    def heeds(self, name: str) -> bool:
        """Say whether anybody listens for an event, or its log record may be written."""
        return bool(self._listeners[name]) or name == "blocked" or LOGGER.isEnabledFor(DEBUG)

    def event(
        self,
        name: str,
        *,
        refusal: PaymentRequired | None = None,
        block: Block | None = None,
        here: bool = True,
    ) -> Event:
        """Return an event that happens now."""
        at = datetime.fromtimestamp(self.clock(), UTC)
        return Event(name, refusal=refusal, block=block, at=at, here=here)

    def fire(self, events: Iterable[Event]) -> None:
        """Log events and tell their listeners."""
        for event, listener in self._heard(events):
            try:
                told = listener(event)
            except Exception as error:  # a listener must not fail the request that it hears of
                self._warn_of_listener(event, error)
                continue
            if isawaitable(told):
                if iscoroutine(told):
                    told.close()
                self._warn(
                    f"async {event.name}",
                    "a listener of %r is async, which a sync client cannot await; it was not run",
                    event.name,
                )

    async def fire_async(self, events: Iterable[Event]) -> None:
        """Log events and tell their listeners, of which some may be async."""
        for event, listener in self._heard(events):
            try:
                told = listener(event)
                if isawaitable(told):
                    await told
            except Exception as error:  # a listener must not fail the request that it hears of
                self._warn_of_listener(event, error)

    def _heard(self, events: Iterable[Event]) -> Iterator[tuple[Event, Listener]]:
        for event in events:
            log(event)
            for listener in tuple(self._listeners[event.name]):
                yield event, listener

    def _news(self) -> list[Event]:
        told = LOGGER.isEnabledFor(DEBUG)
        heeded = [name for name in ("blocked", "restored") if told or self._listeners[name]]
        return [
            self.event(transition.name, block=transition.block, here=False)
            for transition in self.ledger.news(heeded)
        ]

    def _fixed(self, feature: str | None, account: str | None) -> Event:
        blocks = self.ledger.active(feature, account)
        return self.event("billing_fixed", block=blocks[0] if len(blocks) == 1 else None)

    def _words(
        self, block: Block, *, locale: str | None, audience: str | None, tz: tzinfo | None
    ) -> UserMessage:
        from payreq.reading.providers import about  # noqa: PLC0415  # profiles load when first told

        known = about(block.details.provider, self.profiles)
        return user_message(
            block, voice=self.voice, about=known, audience=audience, locale=locale, tz=tz
        )

    def _on_scope_error(self, argument: str, wrong: str) -> None:
        self._warn(argument, "%s; requests go on as if it were not there", wrong)

    def _warn_of_listener(self, event: Event, error: Exception) -> None:
        self._warn(
            event.name,
            "a listener of %r failed with %s; the request goes on",
            event.name,
            type(error).__name__,
        )

    def _warn(self, about: str, message: str, *args: object) -> None:
        """Write a warning, the first time only; never what an error says, which may be secret."""
        if about not in self._warned:
            self._warned.add(about)
            LOGGER.warning(message, *args)


def checked_mode(refusals: Any) -> Refusals | None:
    """Return what becomes of refusals as it is, if it is one of the ways or None.

    Raises:
        ValueError: It is not.
    """
    if refusals is not None and refusals not in MODES:
        raise ValueError(f"refusals must be one of {', '.join(MODES)}, not {refusals!r}")
    return refusals  # type: ignore[no-any-return]  # it is one of MODES


def _check_callables(**given: Any) -> None:
    for argument, value in given.items():
        if value is not None and not callable(value):
            raise TypeError(f"{argument} must be callable, not {type(value).__name__}")
        if iscoroutinefunction(value):
            raise TypeError(f"{argument} must be a plain function: nobody awaits an async one")


def _checked_store(store: Any) -> Store:
    there = dir(store)  # without asking for its attributes, of which some may wait for a network
    missing = [name for name in _STORE if name not in there]
    if missing:
        raise TypeError(
            f"store must be a store such as payreq.MemoryStore(), not {type(store).__name__}, "
            f"which has no {missing[0]}"
        )
    return store  # type: ignore[no-any-return]  # it has all that a store has


def _loaded(providers: Any) -> tuple[Profile, ...]:
    if isinstance(providers, (str, PathLike, Mapping)) or not isinstance(providers, Iterable):
        raise TypeError(
            f"providers must be a list of paths and dictionaries, not {type(providers).__name__}"
        )
    sources = tuple(providers)
    if not sources:
        return ()
    from payreq.reading.providers import load  # noqa: PLC0415  # loads pydantic

    profiles = []
    for place, source in enumerate(sources):
        try:
            profiles.append(load(source))
        except TypeError as error:
            raise TypeError(f"providers[{place}]: {error}") from error
        except ValueError as error:
            raise ValueError(f"providers[{place}]: {error}") from error
    return tuple(profiles)
