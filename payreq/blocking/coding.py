"""States as text, for stores that other processes write to, and back with nothing taken on trust.

What is read from a store is checked like any input: whoever can write to it must not be able to
bring a process down, to block for longer than a refusal may, or to show people a link or a text
that no server could.
"""

from __future__ import annotations

import json
import math
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from payreq.blocking.block import (
    AWAITED,
    EAGER_FOR,
    IDLE,
    LONGEST_CHECK,
    SLACK,
    Key,
    Phase,
    State,
)
from payreq.safety import clean, web_url

if TYPE_CHECKING:
    from payreq.details import PaymentDetails

VERSION = 1
"""The form of what is stored. Places keep each form apart: releases can run side by side."""

TEXT_AT_MOST = 32_768
"""Characters of one state; no honest one comes near."""

_NAME_AT_MOST = 8_192
_EVIDENCE_AT_MOST = 20
_LATEST = 1e11  # POSIX seconds past which no calendar goes
_TIMES = ("since", "next_check", "lapses", "expires", "asked", "eager_until", "leased", "called")
_PHASES = frozenset(get_args(Phase))


def digest(key: Key) -> str:
    """Return a short name of a key: 32 hexadecimal digits, the same in every process."""
    whole = json.dumps(key, separators=(",", ":"))
    return blake2b(whole.encode(), digest_size=16).hexdigest()


def encode(state: State, ahead: float) -> str:
    """Return a state as one line of ASCII.

    Args:
        state: What to keep; its numbers are the store's to keep beside it. Payment terms are left
            out, being the server's body in other words.
        ahead: Seconds by which the store's clock is ahead of that of the state's times.
    """
    times = {name: getattr(state, name) for name in _TIMES}
    return json.dumps(
        {
            "v": VERSION,
            "key": state.key,
            "phase": state.phase,
            "interval": state.interval,
            "token": state.token,
            "by": state.by,
            **{
                name: round(time + ahead, 6)
                for name, time in times.items()
                if time is not None and math.isfinite(time)
            },
            "details": state.details.model_dump(
                mode="json", exclude_defaults=True, exclude={"challenges"}
            ),
        },
        separators=(",", ":"),
    )


def decode(text: str, ahead: float, now: float) -> State:
    """Return the state that a text holds, bounded and cleaned.

    Args:
        text: What a store gave.
        ahead: Seconds by which the store's clock is ahead of that of the caller.
        now: The time, by the caller's clock.

    Raises:
        ValueError: It is no state. What the error says quotes nothing of the text.
    """
    try:
        return _state(text, ahead, now)
    except (TypeError, KeyError, ValueError, RecursionError, OverflowError) as error:
        raise ValueError(f"this is no state: {type(error).__name__}") from None


def _state(text: str, ahead: float, now: float) -> State:
    if len(text) > TEXT_AT_MOST:
        raise ValueError("too long")
    known = json.loads(text)
    if known["v"] != VERSION or known["phase"] not in _PHASES:
        raise ValueError("of another form")
    times: dict[str, Any] = {name: _time(known[name], ahead) for name in _TIMES if name in known}
    if times["next_check"] > now + LONGEST_CHECK + SLACK:
        times["next_check"] = now  # which is what `due` makes of it; people are shown it
    times["since"] = min(times["since"], now)
    times["lapses"] = min(times["lapses"], now + IDLE)
    times["expires"] = min(times["expires"], now + IDLE + AWAITED)
    if "eager_until" in times:
        times["eager_until"] = min(times["eager_until"], now + EAGER_FOR)
    token = known["token"]
    return State(
        key=_key(known["key"]),
        phase=known["phase"],
        details=_details(known["details"]),
        interval=min(max(_number(known["interval"]), 1.0), LONGEST_CHECK),
        token=None if token is None else _name(token),
        by=_name(known["by"]),
        **times,
    )


def _key(known: Any) -> Key:
    key = Key(*(_name(part) for part in known))
    urlsplit(key.origin)  # messages and reports name its host: they may rely on its being a URL
    return key


def _number(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(value):  # which raises on what is no number
        raise ValueError("a number is none")
    return float(value)


def _time(value: Any, ahead: float) -> float:
    time = _number(value) - ahead
    if not 0 <= time < _LATEST:
        raise ValueError("a time lies outside the calendar")
    return time


def _name(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _NAME_AT_MOST:
        raise ValueError("a name is none")
    return value


def _details(known: Any) -> PaymentDetails:
    from payreq.details import PaymentDetails  # noqa: PLC0415  # loads pydantic: blocks are rare

    details = PaymentDetails.model_validate(known)
    changes: dict[str, Any] = {"challenges": ()}
    for name in details.model_fields_set:
        value = getattr(details, name)
        if name.endswith("_url"):
            changes[name] = web_url(value)
        elif type(value) is str:
            changes[name] = clean(value)
    if details.evidence is not None:
        changes["evidence"] = tuple(clean(line) for line in details.evidence[:_EVIDENCE_AT_MOST])
    if details.retry_after is not None and not math.isfinite(details.retry_after):
        changes["retry_after"] = None
    return details.model_copy(update=changes)
