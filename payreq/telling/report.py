"""What a provider's support needs to know of a refusal, in Markdown, with nothing secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from payreq.reasons import MEANINGS
from payreq.safety import clean
from payreq.telling.knowledge import known, service
from payreq.telling.messages import Voice
from payreq.telling.rendering import escaped
from payreq.telling.sentences import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

_FACTS = ("plan", "required_plan", "limit", "used", "remaining", "balance", "price", "due")


def support_report(subject: Any, *, about: Any = None) -> str:
    """Return a report for the provider's support.

    Args:
        subject: A `PaymentRequired`.
        about: What is known of the provider, or None.
    """
    details = subject.details
    name = escaped(service(subject, about) or "the API")
    lines = [f"- **{label}:** {escaped(value)}" for label, value in _rows(subject, about) if value]
    parts = [
        f"# A request to {name} was refused for billing reasons",
        "\n".join(lines),
        "## What the provider said",
        # An indented block: its exact words, whatever markup they hold.
        f"    {clean(details.message)}" if details.message else "Nothing in words.",
        "## What was tried",
        "\n".join(f"- {escaped(line)}" for line in _tried(subject)),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(subject: Any, about: Any) -> Iterator[tuple[str, str | None]]:
    details = subject.details
    facts = known(subject, voice=Voice(), about=about)
    yield "Time", subject.at.isoformat(timespec="seconds") if subject.at else None
    yield "Method", getattr(subject.request, "method", None)
    yield "Host", urlsplit(subject.origin or "").hostname
    yield "Request id", details.request_id
    yield "Status", str(details.status)
    yield "Code", details.code
    yield "Key", str(subject.credential) if subject.credential else None
    yield "Account", details.account_id
    yield "Account, as the app names it", subject.account
    yield "Feature, as the app names it", subject.feature
    yield "Concerns", details.feature
    yield "Cause, as read by payreq", f"{details.reason.value}: {MEANINGS[details.reason].title}"
    yield "Read from", "; ".join(details.evidence or ())
    for name in _FACTS:
        yield LABELS[name], facts.get(name)
    yield LABELS["resets_at"], facts.get("resets_at")
    for terms in details.challenges:
        offer = (terms.amount, terms.currency or terms.asset, terms.network)
        told = " ".join(str(part) for part in offer if part is not None)
        yield f"Terms, {terms.protocol}", told or "not stated"


def _tried(subject: Any) -> Iterator[str]:
    block = subject.block
    if subject.sent:
        yield "The request was sent and refused; it was not sent again."
    else:
        yield "The request was refused before it was sent: an earlier one had met the refusal."
    if block is not None:
        yield f"Refused since {block.since.isoformat(timespec='seconds')}."
        yield f"Requests held back since then: {block.refused}."
        yield f"Next check: {block.next_check.isoformat(timespec='seconds')}."
