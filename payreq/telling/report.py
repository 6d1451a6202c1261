"""What a provider's support needs to know of a refusal, in Markdown or JSON, nothing secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from payreq.reasons import MEANINGS
from payreq.safety import clean
from payreq.telling.knowledge import known, service
from payreq.telling.messages import Voice
from payreq.telling.rendering import escaped
from payreq.telling.sentences import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.details import Challenge

_FACTS = (
    "plan", "required_plan", "limit", "used", "remaining", "balance", "price", "due", "resets_at",
)  # fmt: skip


class Row(NamedTuple):
    """A fact of the report: its name in JSON, its label in Markdown, what it is."""

    name: str
    label: str
    value: Any


def support_report(subject: Any, *, about: Any = None) -> str:
    """Return a report for the provider's support, in Markdown.

    Args:
        subject: A `PaymentRequired`.
        about: What is known of the provider, or None.
    """
    details = subject.details
    name = escaped(service(subject, about) or "the API")
    lines = [f"- **{row.label}:** {escaped(_told(row.value))}" for row in _rows(subject, about)]
    lines += [
        f"- **Terms, {each.protocol}:** {escaped(_offer(each))}" for each in details.challenges
    ]
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


def support_data(subject: Any, *, about: Any = None) -> dict[str, Any]:
    """Return the same report as plain data, ready for JSON; what is not known is left out.

    Args:
        subject: A `PaymentRequired`.
        about: What is known of the provider, or None.
    """
    details = subject.details
    name = service(subject, about)
    data: dict[str, Any] = {"provider": name} if name else {}
    data |= {row.name: row.value for row in _rows(subject, about)}
    if details.challenges:
        data["terms"] = [
            {"protocol": each.protocol, "offer": _offer(each)} for each in details.challenges
        ]
    if details.message:
        data["words"] = clean(details.message)
    return data | {"tried": list(_tried(subject))}


def _rows(subject: Any, about: Any) -> Iterator[Row]:
    """Yield what is known."""
    details = subject.details
    facts = known(subject, voice=Voice(), about=about)
    at, meaning = subject.at, MEANINGS[details.reason]
    rows = (
        Row("time", "Time", at.isoformat(timespec="seconds") if at else None),
        Row("method", "Method", getattr(subject.request, "method", None)),
        Row("host", "Host", urlsplit(subject.origin or "").hostname),
        Row("request_id", "Request id", details.request_id),
        Row("status", "Status", details.status),
        Row("code", "Code", details.code),
        Row("key", "Key", str(subject.credential) if subject.credential else None),
        Row("account_id", "Account", details.account_id),
        Row("account", "Account, as the app names it", subject.account),
        Row("feature", "Feature, as the app names it", subject.feature),
        Row("concerns", "Concerns", details.feature),
        Row("cause", "Cause, as read by payreq", f"{details.reason.value}: {meaning.title}"),
        Row("evidence", "Read from", list(details.evidence or ())),
        *(Row(name, LABELS[name], facts.get(name)) for name in _FACTS),
    )
    return (row for row in rows if row.value)


def _told(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)


def _offer(terms: Challenge) -> str:
    offer = (terms.amount, terms.currency or terms.asset, terms.network)
    return " ".join(str(part) for part in offer if part is not None) or "not stated"


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
