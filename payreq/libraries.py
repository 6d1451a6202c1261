"""The library that sent a request: exceptions that are its own too, and what a pickle needs."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from payreq.details import PaymentDetails
    from payreq.exceptions import PaymentRequired
    from payreq.redaction import Answer, Sent

LIBRARIES = ("httpx", "httpx2")
"""Where an `HTTPStatusError` comes from; after `httpx2.alias_httpx()` both are the same module."""

_dual: dict[tuple[type, type], type] = {}


def library_of(thing: Any) -> Any:
    """Return the module whose request or response this is, or None."""
    kind: Any = type(thing)
    return _library_of(kind)


@lru_cache(maxsize=64)
def _library_of(kind: type) -> Any:
    for name in LIBRARIES:
        module = sys.modules.get(name)
        theirs = getattr(module, "Request", None), getattr(module, "Response", None)
        if issubclass(kind, tuple(each for each in theirs if isinstance(each, type))):
            return module
    return None


def class_for(plain: type[PaymentRequired], library: Any) -> type[PaymentRequired]:
    """Return the class that is also the library's HTTPStatusError; the plain one without one."""
    if library is None:
        return plain
    status_error: type = library.HTTPStatusError
    pair = (plain, status_error)
    if pair not in _dual:
        body = {
            "__doc__": plain.__doc__,
            "__module__": plain.__module__,
            "__qualname__": plain.__qualname__,
            "_library": library.__name__,
        }
        _dual.setdefault(pair, type(plain.__name__, pair, body))
    return _dual[pair]


def made_of(made: type[PaymentRequired]) -> tuple[type[PaymentRequired], str | None]:
    """Return the importable class and the library's name that a class was made of."""
    library = made.__dict__.get("_library")
    return (made.__bases__[0], library) if library else (made, None)


def unpickled(
    plain: type[PaymentRequired],
    library: str | None,
    details: PaymentDetails,
    state: dict[str, Any],
) -> PaymentRequired:
    """Build an exception again from what a pickle kept of it."""
    module = _imported(library)
    if module is None:
        return plain(details, **state)
    state |= {
        "request": _request(module, state["request"]),
        "response": _response(module, state["response"]),
    }
    return class_for(plain, module)(details, **state)


def _request(library: Any, kept: Sent | None) -> Any:
    return None if kept is None else library.Request(kept.method, kept.url)


def _response(library: Any, kept: Answer | None) -> Any:
    if kept is None:
        return None
    return library.Response(
        kept.status_code,
        headers=[(name.encode(), value.encode()) for name, value in kept.headers.items()],
        content=kept.content,
        request=_request(library, kept.request),
    )


def _imported(library: str | None) -> Any:
    """Return a library by name; None where it is not installed here."""
    if library is None:
        return None
    try:
        return import_module(library)
    except ImportError:
        return None
