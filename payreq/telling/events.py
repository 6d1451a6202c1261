"""What happens to a guard's features: one frozen event each, and its log record."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from payreq.reasons import MEANINGS
from payreq.safety import clean

if TYPE_CHECKING:
    from datetime import datetime

LOGGER = logging.getLogger("payreq")
LOGGER.addHandler(logging.NullHandler())

EVENTS = ("payment_required", "blocked", "refused", "billing_fixed", "restored")
"""What can be listened for."""

LEVELS = {"blocked": logging.WARNING, "probed": logging.INFO, "lifted": logging.INFO}
"""At which level an event is logged where it happened; all else is DEBUG, and nothing is ERROR:
a refusal is business, not a fault."""

SAYINGS = {
    "payment_required": "%s refused %s: %s",
    "blocked": "%s refused %s, which is off until that is settled: %s",
    "refused": "%s: %s was refused here, without a request: %s",
    "probed": "%s: one request goes through to see whether %s is still refused: %s",
    "lifted": "%s no longer refuses %s, which is let through again; it was refused because %s",
    "restored": "%s answers %s again; it was refused because %s",
}
_OTHERWISE = "%s: %s: %s"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as told to listeners.

    Attributes:
        name: "payment_required" (a refusal was received), "blocked", "refused" (here, without a
            request), "billing_fixed" or "restored".
        refusal: The refusal, where there is one.
        block: The block, where there is one.
        at: When it happened, an aware datetime.
        here: Whether it happened in this process; of the processes that share a store, exactly
            one says so of a block that begins or ends.
    """

    name: str
    refusal: Any
    block: Any
    at: datetime
    here: bool = True


def log(event: Event) -> None:
    """Write the record of an event to the logger `payreq`.

    Args:
        event: What happened; besides the public names, "probed" and "lifted".
    """
    level = LEVELS.get(event.name, logging.DEBUG) if event.here else logging.DEBUG
    if LOGGER.isEnabledFor(level):
        facts = fields(event)
        LOGGER.log(
            level,
            SAYINGS.get(event.name, _OTHERWISE),
            facts["payreq_origin"] or facts["payreq_provider"] or "the API",
            facts["payreq_feature"] or "a request",
            _cause(event),
            extra=facts,
        )


def fields(event: Event) -> dict[str, Any]:
    """Return what a log record says of an event: never a body, a full URL or a key."""
    subject = event.refusal or event.block
    block = event.block or getattr(event.refusal, "block", None)
    details = getattr(subject, "details", None)
    next_check = getattr(block, "next_check", None)
    facts = {
        "event": event.name,
        "reason": details and details.reason.value,
        "provider": details and details.provider,
        "origin": getattr(subject, "origin", None),
        "feature": getattr(subject, "feature", None),
        "account": getattr(subject, "account", None),
        "code": details and details.code,
        "status": details and details.status,
        "request_id": details and details.request_id,
        "sent": getattr(event.refusal, "sent", None),
        "next_check": next_check and next_check.isoformat(),
    }
    return {
        f"payreq_{name}": clean(value) if isinstance(value, str) else value
        for name, value in facts.items()
    }


def _cause(event: Event) -> str:
    subject = event.refusal or event.block
    return event.name if subject is None else MEANINGS[subject.details.reason].title
