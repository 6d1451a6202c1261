"""The event log: one JSON line an event, for `payreq report` and for whatever reads JSON Lines."""

from __future__ import annotations

import json
import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from payreq.telling.events import EVENTS, LOGGER, fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from payreq.telling.events import Event

_MODE = 0o600  # accounts stand in it


class _Guard(Protocol):
    def on(self, name: str, callback: Callable[[Event], None]) -> None: ...


class EventLog:
    """A listener that appends one JSON line an event to a file, also from many processes.

    A line holds "at" (ISO 8601, UTC), "event", "here", "reason", "provider", "origin", "feature",
    "account", "code", "status", "request_id", "sent" and "next_check"; null where a thing is not
    known; never a body, a full URL or a key. Each is one write at the file's end, which is opened
    anew, so that the file may be moved away at any time. A new one is for its owner's eyes only.

    Args:
        path: The file; it is made when the first event comes.

    Raises:
        TypeError: It is no path.

    Example:
        >>> import payreq
        >>> guard = payreq.Guard()
        >>> payreq.EventLog("payreq.jsonl").listen(guard)  # to every event
        >>> guard.on("blocked", payreq.EventLog("blocks.jsonl"))  # to one alone
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._warned = False

    def listen(self, guard: _Guard) -> None:
        """Write down every event of a guard, that of each request refused here, too.

        Args:
            guard: The guard.
        """
        for name in EVENTS:
            guard.on(name, self)

    def __call__(self, event: Event) -> None:
        """Write down an event; a file that cannot be written to costs one warning, no more."""
        line = (json.dumps(_entry(event), ensure_ascii=False) + "\n").encode()
        try:
            # Unbuffered: of processes that append at once, each must write its line in one piece.
            with open(self.path, "ab", buffering=0, opener=_opened) as file:
                written = file.write(line)
            if written != len(line):
                raise OSError("the disk is full")  # noqa: TRY301  # told like what the system says
        except (OSError, ValueError) as error:  # ValueError: no system takes such a path
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            LOGGER.warning(
                "the event log %s cannot be written (%s); requests go on, its events are lost",
                self.path,
                getattr(error, "strerror", None) or error,
            )


def _entry(event: Event) -> dict[str, Any]:
    facts = {name.removeprefix("payreq_"): value for name, value in fields(event).items()}
    at = event.at.astimezone(UTC).isoformat()
    return {"at": at, "event": facts.pop("event"), "here": event.here, **facts}


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags, _MODE)
