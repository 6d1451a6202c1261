"""Shows a verdict to a person: the cause, how sure it is, the facts, the way out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.text import Text

from payreq.cli.layout import indented, numbered, pairs, section, words_of
from payreq.cli.screen import screen
from payreq.credentials import safe_url
from payreq.reasons import MEANINGS
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from payreq.cli.capture import Capture
    from payreq.details import Challenge, PaymentDetails
    from payreq.exceptions import PaymentRequired

SURE = {
    "provider": "certain: this provider's own codes say so",
    "standard": "certain: a standard, or a code that many APIs share, says so",
    "wording": "likely: its words say so, no code does",
    "status": "the status alone says so: payment is the matter, the cause is not told",
    None: "not said",
}
"""What each certainty means."""

IDENTITY = ("provider", "code", "request_id", "account_id", "feature")
"""The details that say what was refused, and help to find it again."""

TERMS = ("amount", "asset", "currency", "network", "pay_to", "method", "intent", "expires_at")
"""What of a payment's terms a person wants to see."""

LINKS = ("upgrade_url", "billing_url", "invoice_url", "docs_url")


def show(refusal: PaymentRequired, capture: Capture, count: int) -> None:
    """Show a refusal.

    Args:
        refusal: What was found.
        capture: Where.
        count: How many responses were looked at.
    """
    details, message = refusal.details, refusal.user_message()
    title = MEANINGS[refusal.reason].title
    console = screen()
    console.print(
        Panel(
            Text.assemble((_sentence(title), "bold"), "\n", (_what(capture, count), "dim")),
            title=f"Billing refusal: {refusal.reason}",
            title_align="left",
            border_style="red",
        )
    )
    section(console, "How sure", indented(SURE[details.certainty]), _because(details))
    section(console, "Facts", pairs(chain(_identity(details), message.facts)))
    for challenge in details.challenges:
        section(console, f"Payment terms, {challenge.protocol}", pairs(_terms(challenge)))
    section(console, "What to do", numbered(refusal.fix_steps()))
    section(console, "Links", pairs(_links(refusal)))
    section(console, "What to tell the user", indented(message.as_text()))


def show_none(capture: Capture, count: int) -> None:
    """Say that there is no refusal.

    Args:
        capture: The last response that was looked at.
        count: How many were.
    """
    console = screen()
    console.print(
        Panel(
            Text.assemble(
                ("Nothing says that payment is the matter.", "bold"),
                "\n",
                (_what(capture, count), "dim"),
            ),
            title="No billing refusal",
            title_align="left",
            border_style="green",
        )
    )
    if capture.url is None:
        console.print(
            "\nSome providers are only known by their host: add --url with the request's URL."
        )


def _because(details: PaymentDetails) -> Table | None:
    return pairs([("-", clean(line)) for line in details.evidence or ()])


def _what(capture: Capture, count: int) -> str:
    """Name a response: its status, its request as far as known, which of how many."""
    where = f" to {capture.method} {safe_url(capture.url, ())}" if capture.url else ""
    among = f"; {count} responses in this file" if count > 1 else ""
    return clean(f"HTTP {capture.status}{where}{among}")


def _identity(details: PaymentDetails) -> Iterator[tuple[str, str]]:
    for name in IDENTITY:
        value = getattr(details, name)
        if value is not None:
            yield words_of(name), clean(value)
    if details.message is not None:
        yield "In its words", f"“{clean(details.message)}”"


def _terms(challenge: Challenge) -> Iterator[tuple[str, str]]:
    for name in TERMS:
        value = getattr(challenge, name)
        if value is not None:
            yield words_of(name), clean(str(value))


def _links(refusal: PaymentRequired) -> Iterator[tuple[str, str]]:
    """Yield each link once, those with a label of their own first."""
    message = refusal.user_message()
    actions = [action for action in (message.action, *message.more) if action is not None]
    told = {name: getattr(refusal.details, name) for name in LINKS}
    named = [(words_of(name.removesuffix("_url")), url) for name, url in told.items() if url]
    seen: set[str] = set()
    for label, url in chain(((action.label, action.url) for action in actions), named):
        if url not in seen:
            seen.add(url)
            yield label, url


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
