"""What one way of reading says of a response: the same form for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payreq.details import Certainty, Payer, Scope
    from payreq.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A verdict and what it rests on. The first way of reading that gives one decides.

    Attributes:
        reason: The cause; None: this is no billing refusal, and no other way is asked.
        certainty: What kind of evidence it rests on.
        evidence: What matched, for a person to check.
        code: The machine-readable code that matched, where the verdict rests on one.
        scope: What the refusal holds for, where that is known.
        payer: Who can settle it, where that is known.
        retryable: Whether trying again later helps, where that is known.
    """

    reason: Reason | None
    certainty: Certainty
    evidence: tuple[str, ...]
    code: str | None = None
    scope: Scope | None = None
    payer: Payer | None = None
    retryable: bool | None = None
