"""The questions of `RedisStore` as calls of scripts, and how to read what they return."""

from __future__ import annotations

import uuid
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from payreq.blocking.backend import (
    PAGE,
    SWEPT_AT_ONCE,
    Entry,
    Pull,
    Pulled,
    Verdict,
    Write,
    Written,
)
from payreq.blocking.block import AWAITED, IDLE
from payreq.blocking.coding import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = 1000 * int(IDLE + AWAITED + AWAITED)
"""Milliseconds after the last write for which anything is kept: longer than any entry lasts."""

_MICRO = 1_000_000


class Call(NamedTuple):
    """A script, its SHA-1 by which a server knows it, its keys and its arguments."""

    script: str
    sha: str
    keys: tuple[str, ...]
    args: tuple[str | int, ...]


def keys(namespace: str) -> tuple[str, str, str]:
    """Return the keys of a namespace, which a cluster keeps in one place for their hash tag."""
    place = f"{{{namespace}}}:{VERSION}"
    return f"{place}:states", f"{place}:written", f"{place}:expiries"


def call(names: tuple[str, str, str], question: Pull | Write) -> Call:
    """Return what asks a question.

    Args:
        names: The keys.
        question: What is asked.
    """
    args: list[str | int]
    if isinstance(question, Pull):
        kind, args = "pull", [question.id, question.cursor, PAGE]
    else:
        kind = "write"
        args = [question.id, uuid.uuid4().hex, question.limit, SWEPT_AT_ONCE, KEPT]
        for entry in question.entries:
            expires = int(entry.expires * _MICRO)
            live = "B" if entry.live else "-"
            args += entry.digest, entry.generation, entry.turned, live, expires, entry.text
    script = source(kind)
    return Call(script, _sha(script), names, tuple(args))


def answer(question: Pull | Write, reply: Any) -> Pulled | Written:
    """Read a reply.

    Args:
        question: What was asked.
        reply: What the server sent, strings as bytes or decoded.

    Raises:
        ValueError: It is none of ours.
    """
    try:
        texts = [_text(value) for value in reply]
        if isinstance(question, Pull):
            place, now, cursor, horizon, more = texts[:5]
            entries = [
                _entry(digest, generation, value)
                for digest, generation, value in _threes(texts[5:])
            ]
            when = int(now) / _MICRO
            return Pulled(place, when, int(cursor), int(horizon), entries, more == "1")
        place, now = texts[:2]
        verdicts = [
            Verdict(kind, _entry(entry.digest, generation, value) if value else None)  # type: ignore[arg-type]  # checked by the script
            for entry, (kind, generation, value) in zip(
                question.entries, _threes(texts[2:]), strict=False
            )
        ]
        return Written(place, int(now) / _MICRO, verdicts)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the server's reply is none of ours: {type(error).__name__}") from None


@cache
def source(kind: str) -> str:
    """Return a script, "pull" or "write"."""
    folder = files("payreq.blocking") / "lua"
    parts = (folder / f"{name}.lua" for name in ("place", kind))
    return b"\n".join(part.read_bytes() for part in parts).decode()


@cache
def _sha(script: str) -> str:
    return sha1(script.encode(), usedforsecurity=False).hexdigest()  # its name at the server


def _threes(texts: list[str]) -> Iterator[tuple[str, str, str]]:
    yield from zip(texts[::3], texts[1::3], texts[2::3], strict=True)


def _entry(digest: str, generation: str, value: str) -> Entry:
    head, _, text = value.partition(" ")
    return Entry(digest, int(generation), int(head[1:]), head[0] == "B", 0.0, text)


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
