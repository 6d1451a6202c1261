"""Counts the events of an `EventLog`: by provider, account, feature, reason and day."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUPS = ("provider", "account", "feature", "reason", "day")
"""By what events are counted."""

UNKNOWN = "(unknown)"

NAMED = 20
"""So many damaged lines are named; of the others, only their number is told."""

_SHARED = frozenset({"blocked", "restored"})  # told in each process that shares the store
_LENGTH = 120  # characters of a name


@dataclass
class Tally:
    """What was counted.

    Attributes:
        events: How many of each name; what several processes tell of is counted once.
        groups: The same by provider, account, feature, reason and day (UTC): for each of these
            `GROUPS`, the counts by the group's members.
        first: When the first event happened.
        last: When the last one did.
        damaged: How many lines are none of an event.
        named: The first of those: the line's number, and what is wrong with it.
    """

    events: Counter[str] = field(default_factory=Counter)
    groups: dict[str, dict[str, Counter[str]]] = field(
        default_factory=lambda: {group: defaultdict(Counter) for group in GROUPS}
    )
    first: datetime | None = None
    last: datetime | None = None
    damaged: int = 0
    named: list[tuple[int, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, ready for JSON."""
        return {
            "events": dict(self.events),
            **{f"by_{group}": _plain(self.groups[group]) for group in GROUPS},
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "damaged": {
                "lines": self.damaged,
                "named": [{"line": line, "why": why} for line, why in self.named],
            },
        }


def refusals(counts: Counter[str]) -> int:
    """Return how many requests were refused: by the API, and here."""
    return counts["payment_required"] + counts["refused"]


def tally(lines: Iterable[bytes]) -> Tally:
    """Count what the lines of an event log tell.

    Args:
        lines: As `payreq.EventLog` writes them: a JSON object each.
    """
    counted = Tally()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            _count(counted, line)
        except ValueError as error:
            counted.damaged += 1
            if len(counted.named) < NAMED:
                counted.named.append((number, str(error)))
    return counted


def _count(counted: Tally, line: bytes) -> None:
    event = _event(line)
    at, name = _time(event), _name(event, "event")
    if name is None:
        raise ValueError("the event has no name")
    if name in _SHARED and event.get("here") is False:
        return
    counted.events[name] += 1
    counted.first = min(counted.first or at, at)
    counted.last = max(counted.last or at, at)
    members = {
        "provider": _name(event, "provider") or _host(event),
        "account": _name(event, "account"),
        "feature": _name(event, "feature"),
        "reason": _name(event, "reason"),
        "day": at.date().isoformat(),
    }
    for group, member in members.items():
        counted.groups[group][member or UNKNOWN][name] += 1


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON, or only a part of it") from None
    if not isinstance(event, dict):
        raise ValueError("it is JSON, but no event")  # noqa: TRY004  # the value of a line
    return event


def _time(event: dict[str, Any]) -> datetime:
    at = event.get("at")
    try:
        return datetime.fromisoformat(at if isinstance(at, str) else "").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("the event has no time") from None


def _name(event: dict[str, Any], member: str) -> str | None:
    value = event.get(member)
    return clean(value, _LENGTH) or None if isinstance(value, str) else None


def _host(event: dict[str, Any]) -> str | None:
    try:
        return urlsplit(_name(event, "origin") or "").hostname
    except ValueError:
        return None


def _plain(members: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {member: dict(members[member]) for member in sorted(members)}
