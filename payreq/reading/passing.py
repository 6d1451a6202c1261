"""Refusals that pass by themselves: money is there, but requests under way hold it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payreq.reading.phrases import read_sentences
from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_HOLD = 900
"""Seconds; nobody is told to wait longer for requests that are under way."""

OF_MONEY_AT_HAND = frozenset(
    {
        Reason.CREDITS_EXHAUSTED,
        Reason.QUOTA_EXCEEDED,
        Reason.SPEND_LIMIT_REACHED,
        Reason.UNKNOWN,
    }
)
"""Causes that may pass: a plan, a card or an invoice does not change by waiting."""


def clears_by_itself(reason: Reason, facts: Mapping[str, Any]) -> bool:
    """Say whether waiting helps with a 402, without a payment.

    Args:
        reason: The cause of the refusal.
        facts: What the response holds, under the names of `PaymentDetails`.
    """
    left = facts.get("balance", facts.get("remaining"))
    if reason not in OF_MONEY_AT_HAND or (left is not None and left <= 0):
        return False
    wait = facts.get("retry_after")
    if wait is not None and wait > LONGEST_HOLD:
        return False
    said = (
        sentence for name in ("code", "message") for sentence in read_sentences(facts.get(name, ""))
    )
    if any("held" in sentence for sentence in said):
        return True
    return bool(wait) and left is not None and left >= facts.get("amount", 0)
