"""An existing client, guarded in place: transports inside, the raise at `send`."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from functools import partial, wraps
from importlib import import_module
from inspect import signature
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

from payreq.exceptions import PaymentRequired, fresh
from payreq.exchange import ANSWERED, CALL, MARK
from payreq.guard import Guard
from payreq.guarded import Delivery, Guarded
from payreq.libraries import LIBRARIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from payreq.blocking.block import Key
    from payreq.exchange import Refusals

HELD = (
    "_client",  # SDKs that Stainless makes, stripe's HTTPXClient, replicate
    "_client_async",  # stripe's HTTPXClient
    "_async_client",  # replicate
    "session",  # postgrest
)
"""Where vendors' SDKs hold their clients."""

HELD_BY_DEAF = (
    "_client_wrapper.httpx_client.httpx_client",  # SDKs that Fern makes, such as cohere
    "sdk_configuration.client",  # SDKs that Speakeasy makes, such as mistralai
    "sdk_configuration.async_client",
)
"""Where SDKs hold them that retry by the status alone: no header tells them not to."""

AROUND = re.compile(r"retry|retries|tenacity|backoff|cach(e|ing)", re.IGNORECASE)
"""What stands in the name of a transport that sends again, or that keeps what was answered."""

_ATTRIBUTE = "payreq_wrapping"  # of the `send` that is set, which leads to what was done
_ANYWHERE = "https://payreq.invalid/"  # never asked for; RFC 6761, 6.4
_NAMED = frozenset({"self", "request", "stream", "auth", "follow_redirects"})  # of httpx's `send`
_Client = TypeVar("_Client")


def wrap(client: _Client, **options: Any) -> _Client:
    """Guard a client in place with a guard of its own.

    Args:
        client: A client of httpx or httpx2, sync or async, or a vendor SDK's that holds one.
        **options: Those of `payreq.Guard`.

    Returns:
        The same client; `guard_of` gives its guard.

    Raises:
        TypeError: It is no such client, or there is no such option.
        ValueError: It is guarded already, or an option has a value that cannot do.

    Example:
        >>> import httpx, payreq
        >>> client = payreq.wrap(httpx.Client(), audience="visitor")
    """
    return Guard(**options).wrap(client)


def guard_of(client: Any) -> Guard | None:
    """Return the guard that wraps a client, or None.

    Args:
        client: A client, or a vendor SDK's that holds one.
    """
    for each in (client, *_held(client)):
        wrapping = _wrapping_of(each)
        if wrapping is not None:
            return wrapping.guard
    return None


def guard_client(client: Any, guard: Guard, *, refusals: Refusals | None, retry: Any) -> None:
    """Do what `Guard.wrap` does."""
    if _kind(client):
        clients, deaf = [client], []
    else:
        deaf = _clients(client, HELD_BY_DEAF)
        clients = _clients(client, HELD) + deaf
        # A vendor's SDK raises its own error: it gets the response.
        refusals = refusals or guard.refusals or "return"
    if not clients:
        raise TypeError(_remedy(client))
    for each in [each for each in clients if not _wrapped_by(each, guard)]:
        Wrapping(each, guard, refusals, retry, deaf=each in deaf).begin()


def release_client(client: Any, guard: Guard) -> None:
    """Do what `Guard.unwrap` does."""
    for each in (client, *_held(client)):
        wrapping = _wrapping_of(each)
        if wrapping is not None and wrapping.guard is guard:
            wrapping.end()


class Wrapping:
    """What a guard does to one client, and how it is undone."""

    def __init__(
        self, client: Any, guard: Guard, refusals: Refusals | None, retry: Any, *, deaf: bool
    ) -> None:
        self.guard = guard
        self._deaf = deaf
        self._client = client
        self._refusals: Refusals | None = refusals
        self._retry = retry
        self._adapter: Any
        self._adapter, self._async = _kind(client) or (None, False)
        self._made: dict[int, Any] = {}
        self._undo: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Guard the transports, then `send`; if anything is not as expected, nothing at all."""
        client, library = self._client, self._adapter.LIBRARY
        try:
            mounts = {key: self._guarded(mount) for key, mount in client._mounts.items()}  # noqa: SLF001  # an httpx client has no public way in; checked below
            self._set(client, "_mounts", mounts)
            self._set(client, "_transport", self._guarded(client._transport))  # noqa: SLF001  # as above
            self._set_send()
            used = client._transport_for_url(library.URL(_ANYWHERE))  # noqa: SLF001  # as above
            if not any(used is made for made in self._made.values()):
                raise AttributeError("_transport_for_url")  # noqa: TRY301  # told like the others
        except AttributeError as error:
            self.end()
            raise RuntimeError(
                f"this {library.__name__} keeps its transports where payreq does not look "
                f"({error}), so nothing was guarded: guard a transport by hand, with "
                "payreq.PaymentTransport, and ask for a newer payreq"
            ) from None
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Put back all that was changed, the last change first."""
        while self._undo:
            self._undo.pop()()

    def _set(self, owner: Any, name: str, value: Any) -> None:
        self._undo.append(partial(setattr, owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def _guarded(self, transport: Any) -> Any:
        """Return a transport with its guard; None stays None, and what is shared stays so."""
        if transport is None:
            return None
        if id(transport) not in self._made:
            self._made[id(transport)] = self._around(transport)
        return self._made[id(transport)]

    def _around(self, transport: Any) -> Any:
        inside = self._inside(transport)
        if inside is None:
            return self._guard(transport, Delivery.MARK)
        holder = transport
        while (deeper := self._inside(getattr(holder, inside))) is not None:
            holder, inside = getattr(holder, inside), deeper
        self._set(holder, inside, self._guard(getattr(holder, inside), Delivery.HALT))
        adapter = self._adapter
        return (adapter.AsyncCatcherTransport if self._async else adapter.Catcher)(transport)

    def _inside(self, transport: Any) -> str | None:
        """Return where a transport that retries or caches holds the one that sends, or None."""
        if not any(AROUND.search(kind.__name__) for kind in type(transport).__mro__):
            return None
        method = "handle_async_request" if self._async else "handle_request"
        held = [
            name
            for name, value in getattr(transport, "__dict__", {}).items()
            if callable(getattr(value, method, None))
        ]
        # Of two, for either kind of client, the one that is named for this kind.
        return min(held, key=lambda name: ("async" in name) is not self._async, default=None)

    def _guard(self, transport: Any, delivery: Delivery) -> Any:
        if isinstance(transport, Guarded):
            if transport.guard is not self.guard:
                raise ValueError(
                    "client holds a transport of another guard: unwrap it first, or use that guard"
                )
            self._set(transport, "delivery", delivery)
            return transport
        adapter = self._adapter
        kind = adapter.AsyncPaymentTransport if self._async else adapter.PaymentTransport
        made = kind(transport, guard=self.guard, retry=self._retry)
        made.delivery, made.refusals = delivery, self._refusals
        if delivery is Delivery.MARK:
            made.hears = self._hears
        return made

    def _hears(self) -> bool:
        """Say whether the client has a hook for responses, or an auth flow that may answer them."""
        client = self._client
        silent = client.auth is None or isinstance(client.auth, self._adapter.LIBRARY.BasicAuth)
        return not silent or bool(client.event_hooks["response"])

    def _set_send(self) -> None:
        client, kind = self._client, type(self._client)
        own = client.send
        if getattr(own, "__func__", None) is kind.send:
            # The class's: looked up at each call, as it may be patched later on.
            client.send = self._sending(kind)
            self._undo.append(partial(delattr, client, "send"))
        else:
            sender = SimpleNamespace(send=lambda _, *args, **options: own(*args, **options))
            self._set(client, "send", self._sending(sender))

    def _sending(self, sender: Any) -> Any:
        """Return the `send` that is set in the client's place."""
        sending = self._sending_named(sender)
        if not _NAMED.issuperset(signature(type(self._client).send).parameters):
            sending = self._sending_more(sender, sending)
        setattr(sending, _ATTRIBUTE, self)
        return sending

    def _sending_named(self, sender: Any) -> Any:
        client, kind = self._client, type(self._client)
        library, guard, hand_back = self._adapter.LIBRARY, self.guard, self._handed_back
        status_error, unset = library.HTTPStatusError, library.USE_CLIENT_DEFAULT

        # Every request comes by here: to take `**options` would cost as much as all the rest.
        @wraps(kind.send)
        def send(
            request: Any,
            *,
            stream: bool = False,
            auth: Any = unset,
            follow_redirects: Any = unset,
        ) -> Any:
            outer = _enter(None if auth is unset else ANSWERED) if guard.refused else None
            try:
                response = sender.send(
                    client, request, stream=stream, auth=auth, follow_redirects=follow_redirects
                )
            except status_error as error:
                response = _hooked(error)
            finally:
                if guard.refused and CALL.get() is not outer:
                    CALL.set(outer)
            refusal = response.extensions.get(MARK)
            if refusal is None or not refusal.raises:
                return response if refusal is None else hand_back(response)
            response.close()
            raise fresh(refusal, response) from refusal.__cause__

        @wraps(kind.send)
        async def send_async(
            request: Any,
            *,
            stream: bool = False,
            auth: Any = unset,
            follow_redirects: Any = unset,
        ) -> Any:
            outer = _enter(None if auth is unset else ANSWERED) if guard.refused else None
            try:
                response = await sender.send(
                    client, request, stream=stream, auth=auth, follow_redirects=follow_redirects
                )
            except status_error as error:
                response = _hooked(error)
            finally:
                if guard.refused and CALL.get() is not outer:
                    CALL.set(outer)
            refusal = response.extensions.get(MARK)
            if refusal is None or not refusal.raises:
                return response if refusal is None else hand_back(response)
            await response.aclose()
            raise fresh(refusal, response) from refusal.__cause__

        return send_async if self._async else send

    def _sending_more(self, sender: Any, plain: Any) -> Any:
        """Return a `send` for a client whose own takes more arguments than httpx's."""

        @wraps(plain)
        def send(request: Any, **options: Any) -> Any:
            more = {name: options.pop(name) for name in options.keys() - _NAMED}
            if not more:
                return plain(request, **options)
            informed = SimpleNamespace(send=partial(sender.send, **more))
            return self._sending_named(informed)(request, **options)

        return send

    def _handed_back(self, response: Any) -> Any:
        """Return a refused response as the caller must see it, so that it sends it no more."""
        if self._deaf and _invites(response.status_code):
            response.status_code = 402  # it says what is the matter, and no SDK retries it
        return response


def _invites(status: int) -> bool:
    """Say whether a status makes SDKs try again: Fern's `_should_retry`, Speakeasy's `Retries`."""
    return status >= 500 or status in {408, 409, 429}  # noqa: PLR2004  # RFC 9110, 15


def _hooked(error: Any) -> Any:
    """Return the refused response for which a hook raised a plain status error; else raise."""
    refusal = error.response.extensions.get(MARK)
    if isinstance(error, PaymentRequired) or refusal is None or not refusal.raises:
        raise error
    return error.response


def _enter(call: tuple[Key, ...] | None) -> tuple[Key, ...] | None:
    """Begin a call of its own, and return what the call around it was refused, if there is one."""
    outer = CALL.get()
    if outer is not call:
        CALL.set(call)
    return outer


def _kind(client: Any) -> tuple[Any, bool] | None:
    """Return the adapter for a client and whether it is async; None if it is no client."""
    for name in LIBRARIES:
        library: Any = sys.modules.get(name)
        if library is None:
            continue
        for asynchronous, kind in ((False, library.Client), (True, library.AsyncClient)):
            if isinstance(client, kind):
                return import_module(f"payreq.{name}"), asynchronous
    return None


def _held(client: Any) -> list[Any]:
    return _clients(client, HELD) + _clients(client, HELD_BY_DEAF)


def _clients(sdk: Any, paths: tuple[str, ...]) -> list[Any]:
    """Return the clients of httpx and httpx2 that a vendor SDK's client holds at some paths."""
    found = []
    for path in paths:
        with suppress(AttributeError):
            found.append(attrgetter(path)(sdk))
    return [each for each in found if _kind(each)]


def _wrapping_of(client: Any) -> Wrapping | None:
    # Not through the client's `__dict__`: once asked for, it makes all its attributes slower.
    wrapping = getattr(getattr(client, "send", None), _ATTRIBUTE, None)
    return wrapping if isinstance(wrapping, Wrapping) else None


def _wrapped_by(client: Any, guard: Guard) -> bool:
    wrapping = _wrapping_of(client)
    if wrapping is not None and wrapping.guard is not guard:
        raise ValueError("client is wrapped by another guard: unwrap it first, or use that guard")
    return wrapping is not None


def _remedy(client: Any) -> str:
    kind = client if isinstance(client, type) else type(client)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(client, type):
        return f"client must be a client, not the class {name}"
    return (
        f"client must be one of httpx or httpx2, or a vendor SDK's that holds one, not {name}; "
        "give the SDK an httpx client where it takes one (stripe.HTTPXClient, http_client=, "
        "set_client_factory), or call it inside `with payreq.translate():`"
    )
