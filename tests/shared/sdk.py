"""One client of a vendor's SDK, guarded or not, and one call of it, in the same words for all."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from inspect import isasyncgen, isawaitable, isgenerator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import payreq

WORDS = {402: "No credits are left.", 429: "The quota of this account is used up."}
CODES = {402: "insufficient_credits", 429: "insufficient_quota"}
REFUSALS = {
    status: {"message": WORDS[status], "error": {"code": code, "message": WORDS[status]}}
    for status, code in CODES.items()
}
"""Bodies of refusals by their status, with words in the two places where SDKs look for them."""


@dataclass(frozen=True, kw_only=True)
class Sdk:
    """One client of a vendor's SDK; where it is async, so are `ask`, `stream` and `close`.

    Attributes:
        name: What it is called.
        package: The package that it comes with.
        wrap: How it is guarded, in Python.
        path: Where its call arrives.
        make: `(url, wrap) -> client`; `wrap` is a guard's, or returns a client as it is.
        ask: `client -> answer`.
        stream: `client -> answer in pieces`; None where there is none.
        close: `client -> None`.
        errors: What it raises for a refusal, by the status.
        bodies: What it is refused with, by the status.
        asynchronous: Whether it is async.
    """

    name: str
    package: str
    wrap: str
    path: str
    make: Callable[[str, Callable[..., Any]], Any]
    ask: Callable[[Any], Any]
    stream: Callable[[Any], Any] | None = None
    close: Callable[[Any], Any]
    errors: dict[int, type[Exception]]
    bodies: dict[int, dict[str, Any]] = field(default_factory=lambda: REFUSALS)
    asynchronous: bool = False

    @property
    def version(self) -> str:
        """The version that is installed."""
        return version(self.package)

    @contextmanager
    def opened(
        self, url: str, guard: payreq.Guard | None = None, *, stream: bool = False
    ) -> Iterator[Callable[[], Any]]:
        """Yield a call of a client of its own, which is closed afterwards."""
        ask = self.stream if stream else self.ask
        wrap = unguarded if guard is None else guard.wrap
        with asyncio.Runner() as runner:

            def run(function: Any, *args: Any) -> Any:
                return runner.run(_answer_async(function, args))

            if not self.asynchronous:
                run = _answer
            client = self.make(url, wrap)
            try:
                yield lambda: run(ask, client)
            finally:
                run(self.close, client)


def unguarded(client: Any, **_options: Any) -> Any:
    """Return a client as it is, in the words of `Guard.wrap`."""
    return client


def _answer(function: Any, *args: Any) -> Any:
    answer = function(*args)
    return list(answer) if isgenerator(answer) else answer


async def _answer_async(function: Any, args: Any) -> Any:
    answer = function(*args)
    if isawaitable(answer):
        answer = await answer
    return [piece async for piece in answer] if isasyncgen(answer) else answer


def both(name: str, sync: dict[str, Any], asynchronous: dict[str, Any], **common: Any) -> list[Sdk]:
    """Return the sync and the async client of an SDK: what they share, and what they do not."""
    return [
        Sdk(name=name, **common, **sync),
        Sdk(name=f"{name}, async", **common, **asynchronous, asynchronous=True),
    ]
