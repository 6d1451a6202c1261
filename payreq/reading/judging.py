"""A document judged: is it a billing refusal, why, and what does it say?

The ways of reading are asked from the most certain to the least, and the first that gives a
verdict decides: a payment protocol, the provider's profile, a standard or a code that many APIs
share, the words, and for a 402 the status alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payreq.details import PaymentDetails
from payreq.reading import challenges, fields, passing, providers, standard, wording
from payreq.reading.verdict import Verdict
from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payreq.reading.document import Document
    from payreq.reading.profiles import Profile

PAYMENT_REQUIRED = 402

OF_THE_ACCOUNT = frozenset(
    {
        Reason.CREDITS_EXHAUSTED,
        Reason.SUBSCRIPTION_EXPIRED,
        Reason.TRIAL_EXPIRED,
        Reason.INVOICE_UNPAID,
        Reason.BILLING_INACTIVE,
        Reason.PAYMENT_METHOD_REQUIRED,
    }
)
"""Causes that concern the whole account, unless the answer names what it is about."""


def judge(
    document: Document, sent: Mapping[str, str], extra: Sequence[Profile] = ()
) -> PaymentDetails | None:
    """Return the facts of a billing refusal, or None if a response is none.

    Args:
        document: The response.
        sent: The request's headers by lower-case name.
        extra: Profiles of the user's own, which go before those that come with payreq.
    """
    document = challenges.unfold_header(document)
    profile = providers.find(document, extra)
    whole = standard.own_problem(document)
    if whole is not None:
        return whole.model_copy(update={"provider": profile.name}) if profile else whole
    terms = challenges.read_challenges(document, sent)
    verdict = terms.verdict or verdict_on(document, profile)
    if verdict is None or verdict.reason is None:
        return None
    facts = fields.read_fields(document, profile.fields if profile else {}, verdict.code)
    if verdict.retryable is not None:
        facts["retryable"] = verdict.retryable
    elif document.status == PAYMENT_REQUIRED and passing.clears_by_itself(verdict.reason, facts):
        facts.setdefault("retryable", True)
    facts |= {
        "reason": verdict.reason,
        "status": document.status,
        "provider": profile.name if profile else None,
        "scope": verdict.scope or _scope(verdict.reason, facts),
        "payer": verdict.payer,
        "challenges": terms.challenges,
        "certainty": verdict.certainty,
        "evidence": verdict.evidence,
        "truncated": document.truncated,
    }
    return PaymentDetails(**facts)


def verdict_on(document: Document, profile: Profile | None) -> Verdict | None:
    """Return what the provider's profile, a standard or the words say, None where nothing does.

    Args:
        document: The response.
        profile: The provider's, if it is known.

    Returns:
        A verdict; one without a reason says that payment is not the matter.
    """
    found = providers.read_profile(document, profile) if profile else None
    if found is None and wording.is_heard(document):
        heard = wording.hear(document)
        found = standard.read_standard(document, heard) or wording.read_wording(document, heard)
    if found is None and document.status == PAYMENT_REQUIRED:
        return Verdict(reason=Reason.UNKNOWN, certainty="status", evidence=("status 402",))
    return found


def _scope(reason: Reason, facts: Mapping[str, Any]) -> str | None:
    if facts.get("feature") is not None:
        return "feature"
    return "account" if reason in OF_THE_ACCOUNT else None
