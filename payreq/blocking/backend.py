"""What a shared store asks of the place where it keeps its blocks: two questions, each atomic.

A place numbers every write with a generation that only grows, has a clock of its own, and an id
that changes when what it held is gone: after a flush, a restart without persistence, a new file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 500
"""How many entries one answer holds at most."""

SWEPT_AT_ONCE = 100
"""How many entries are forgotten with each write, at most."""


class Entry(NamedTuple):
    """One state as a place keeps it.

    Attributes:
        digest: The short name of its key.
        generation: The number of the write that made it. In a `Write`: of the one that was read;
            0: there was none.
        turned: The generation at which the block began or was let go. In a `Write`, 0: this one.
        live: Whether it is a live block, of which a place takes so many.
        expires: When it may be forgotten, POSIX seconds by the clock of the place.
        text: The state (`payreq.blocking.coding`), its times by the same clock.
    """

    digest: str
    generation: int
    turned: int
    live: bool
    expires: float
    text: str


class Pull(NamedTuple):
    """What was written after a generation, as far as the id is still that of the place?"""

    id: str
    cursor: int


class Pulled(NamedTuple):
    """What was written, oldest first; everything there is where the id was another.

    Attributes:
        id: The id of the place; "" while it holds nothing.
        now: Its time.
        cursor: Up to which generation this answers.
        horizon: The highest generation of an entry that it has forgotten; 0 at first.
        entries: A page of what was written.
        more: Whether there is more after it.
    """

    id: str
    now: float
    cursor: int
    horizon: int
    entries: Sequence[Entry]
    more: bool


class Write(NamedTuple):
    """Write each entry whose generation is still the one that was read.

    Attributes:
        id: Of the place as it was known; "" begins one where there is none.
        entries: At most a `PAGE`.
        limit: How many live blocks are held at most, and how many other entries: enough for all to
            hear that every block was cleared. Of the others, those that expire first go first.
    """

    id: str
    entries: Sequence[Entry]
    limit: int


class Verdict(NamedTuple):
    """What became of one entry.

    Attributes:
        kind: Whether it was written, another write had come first, or there was no room.
        held: The entry as it now stands; None: there is none.
    """

    kind: Literal["written", "conflict", "full"]
    held: Entry | None = None


class Written(NamedTuple):
    """What became of the entries, in their order; of none where the id is another by now."""

    id: str
    now: float
    verdicts: Sequence[Verdict]


class Backend(Protocol):
    """A place where processes keep their blocks together. What it raises is an outage."""

    def ask(self, question: Pull | Write) -> Pulled | Written:
        """Answer a `Pull` by `Pulled`, a `Write` by `Written`; asked by one thread at a time."""
        ...

    def renewed(self) -> Backend:
        """Return what the child of a fork is to use: connections belong to their process."""
        ...

    def close(self) -> None:
        """Let go of connections; it may be asked again, and opens others then."""
        ...
