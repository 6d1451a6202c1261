"""`payreq blocks`: what is blocked in a store that processes share, and the way out by hand."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from payreq.cli import plain
from payreq.cli.failing import fail
from payreq.safety import clean

if TYPE_CHECKING:
    from payreq.blocking.block import Block
    from payreq.blocking.blocks import Blocks
    from payreq.blocking.shared import SharedStore

PATIENCE = 10.0
"""Seconds that a store gets to answer."""

_FORMS = "sqlite:PATH, redis://…, rediss://… or unix://…"
_HEADER = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html, 1.3


class Action(StrEnum):
    """What becomes of the blocks."""

    LIST = "list"
    RECHECK = "recheck"
    CLEAR = "clear"


class _StoreError(Exception):
    """Why a store cannot be used; never quotes a URL, in which a password may stand."""


def blocks(
    action: Annotated[
        Action,
        typer.Argument(
            help="List them; let the next request through to see (recheck); or let go of them "
            "at once (clear).",
        ),
    ],
    feature: Annotated[
        str | None, typer.Argument(metavar="FEATURE", help="Which; left out: every one.")
    ] = None,
    *,
    account: Annotated[
        str | None, typer.Option(metavar="A", help="Whose; left out: every one's.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="STORE", envvar="PAYREQ_STORE", help=f"Where: {_FORMS}"),
    ] = None,
    namespace: Annotated[
        str, typer.Option(metavar="N", help="The namespace of a RedisStore.")
    ] = "payreq",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Say what is blocked where processes share a store, check it anew, or let go of it.

    Exit status: 0, or 2 where there is no such store, or it cannot be reached.
    """
    from payreq.guard import Guard  # noqa: PLC0415  # `payreq --help` needs none

    try:
        opened = _reached(_opened(store, namespace))
        found = _act(Guard(store=opened).blocks, action, feature, account)
        _reached(opened)
    except (_StoreError, ImportError) as error:
        fail(str(error))
    if as_json:
        plain.show({"blocks": found} if isinstance(found, int) else [*map(_plain, found)])
    elif isinstance(found, int):
        done = "checked with the next request" if action is Action.RECHECK else "let go of"
        many = "block is" if found == 1 else "blocks are"
        print(f"{found} {many} {done}")
    else:
        from payreq.cli.block_table import show  # noqa: PLC0415  # rich, which --json does without

        show(found)


def _act(
    held: Blocks, action: Action, feature: str | None, account: str | None
) -> list[Block] | int:
    if action is Action.RECHECK:
        return held.recheck(feature, account=account)
    if action is Action.CLEAR:
        return held.clear(feature, account=account)
    return [
        block
        for block in held.active()
        if feature in (None, block.feature) and account in (None, block.account)
    ]


def _reached(store: SharedStore) -> SharedStore:
    store.patience = PATIENCE
    if not store.reach(time.time(), PATIENCE):
        raise _StoreError(f"the store cannot be reached ({store.fault or 'it takes too long'})")
    return store


def _opened(address: str | None, namespace: str) -> SharedStore:
    if not address:
        raise _StoreError(f"which store? Say --store, or set PAYREQ_STORE, to {_FORMS}")
    kind, _, rest = address.partition(":")
    if kind == "sqlite":
        return _opened_file(rest)
    if kind not in {"redis", "rediss", "unix"}:
        raise _StoreError(f"a store is {_FORMS}; this one is none of these")
    from payreq.blocking.redis import RedisStore  # noqa: PLC0415  # an extra

    try:
        return RedisStore(address, namespace=namespace)
    except ValueError as error:
        raise _StoreError(str(error)) from None


def _opened_file(path: str) -> SharedStore:
    from payreq.blocking.sqlite import SQLiteStore  # noqa: PLC0415  # `payreq --help` needs none

    name = clean(path, 200)
    try:
        # A store sets aside what is no file of its own; a slip of the hand must not.
        with Path(path).open("rb") as file:
            header = file.read(len(_HEADER))
    except (OSError, ValueError):
        raise _StoreError(f"{name!r} cannot be read, so nothing is known of its blocks") from None
    if header != _HEADER:
        raise _StoreError(f"{name!r} is no file of SQLite, so it holds no blocks")
    return SQLiteStore(path)


def _plain(block: Block) -> dict[str, Any]:
    return {
        "feature": block.feature,
        "account": block.account,
        "origin": block.origin,
        "reason": block.reason.value,
        "since": block.since.isoformat(),
        "next_check": block.next_check.isoformat(),
        "details": block.details.model_dump(mode="json", exclude_none=True),
    }
