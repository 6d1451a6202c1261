"""What a ledger says of a request, before it is sent and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from payreq.blocking.block import Block, Key


class Admission:
    """Leave to send one request, or its refusal.

    Attributes:
        key: What the request belongs to.
        epoch: The ledger's epoch when it was sent; answers older than a block are late.
        token: Set when this request is the probe.
        block: Set when the request is refused here.
        met: Whether anything was held for the key, which the answer may change.
    """

    __slots__ = ("block", "epoch", "key", "met", "token")

    def __init__(
        self,
        key: Key,
        epoch: int,
        *,
        token: str | None = None,
        block: Block | None = None,
        met: bool = True,
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.token = token
        self.block = block
        self.met = met


class Transition(NamedTuple):
    """What became of a block."""

    name: Literal["blocked", "probed", "lifted", "restored"]
    block: Block


class Outcome(NamedTuple):
    """The block that now holds for a key, and what led to it."""

    block: Block | None = None
    transitions: tuple[Transition, ...] = ()


NOTHING = Outcome()
