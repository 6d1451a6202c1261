"""What a refusal answered, kept so that it can be given again while its feature is blocked."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from payreq.forking import lock

if TYPE_CHECKING:
    from payreq.blocking.block import Block, Key

BYTES = 4 * 1024 * 1024
"""Bytes of bodies and headers kept at most; past that the oldest go, and their blocks answer for
themselves."""

ENTRIES = 1_000
"""Answers kept at most."""


FINAL = (
    ("x-should-retry", "false"),
    ("stripe-should-retry", "false"),
    ("Cache-Control", "no-store"),
)
"""What vendors' SDKs heed, whatever else an answer says: those that Stainless makes (openai's and
anthropic's `_should_retry`), and stripe's (`_http_client.py`); and caches (RFC 9111, 5.2.2.5)."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A refusal's own answer, ready to be given again.

    Attributes:
        status: Its status.
        headers: Its headers as a library keeps them, those of its transfer left out, `FINAL`
            among them; of an answer made from details, the pairs alone.
        content: Its decoded body.
        made: The response itself, by a library's class, once it was given.
    """

    status: int
    headers: Any
    content: bytes
    made: dict[type, Any] = field(default_factory=dict, repr=False, compare=False)


class Replays:
    """The answers of the latest refusals, by what they block; in memory only, never stored."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Replay] = OrderedDict()
        self._bytes = 0
        self._lock = lock()

    def keep(self, key: Key, replay: Replay) -> None:
        """Keep an answer, and let go of the oldest where there are too many."""
        with self._lock:
            self._forget(key)
            self._answers[key] = replay
            self._bytes += _weight(replay)
            while self._bytes > BYTES or len(self._answers) > ENTRIES:
                self._forget(next(iter(self._answers)))

    def of(self, key: Key, block: Block) -> Replay:
        """Return the answer that began a block, or one made from what is known of it.

        A block that another process began has no body here: it answers with a 402 and an
        RFC 9457 body.
        """
        replay = self._answers.get(key)
        return replay if replay is not None else _from_details(block)

    def _forget(self, key: Key) -> None:
        gone = self._answers.pop(key, None)
        if gone is not None:
            self._bytes -= _weight(gone)


def _weight(replay: Replay) -> int:
    return len(replay.content) + sum(len(name) + len(value) for name, value in replay.headers.raw)


def _from_details(block: Block) -> Replay:
    from payreq.problems import problem_of  # noqa: PLC0415  # rare: a block of another process

    made = problem_of(block.details)
    return Replay(made.status, [*(dict(made.headers) | dict(FINAL)).items()], made.body)
