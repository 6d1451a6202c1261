"""Shows a verdict to a person: the cause, how sure it is, the facts, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from payreq.cli.facts import facts, terms
from payreq.cli.layout import indented, links, numbered, pairs, section
from payreq.cli.screen import screen
from payreq.credentials import safe_url
from payreq.reasons import MEANINGS
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.table import Table

    from payreq.cli.capture import Capture
    from payreq.exceptions import PaymentRequired
    from payreq.telling.messages import UserMessage

SURE = {
    "provider": ("Certain", "green", ": this provider's own codes or words say so."),
    "standard": ("Certain", "green", ": a standard, or a code that many APIs share, says so."),
    "wording": ("Likely", "yellow", ": its words say so, no code does."),
    "status": ("Payment is the matter", "yellow", ": the status says so, the cause is not told."),
    None: ("Not said", "yellow", "."),
}
"""What each certainty means."""

LISTENERS = {
    "owner": "What to tell the user, who can pay",
    "member": "What to tell the user, who must ask the account's owner",
    "visitor": "What to tell the user, who has no part in the account",
}

ADD_URL = "Some providers are only known by their host: add --url with the request's URL."


def show(
    refusal: PaymentRequired, message: UserMessage, capture: Capture, among: str | None
) -> None:
    """Show a refusal.

    Args:
        refusal: What was found.
        message: The words for the user.
        capture: Where.
        among: Which response of several it is.
    """
    from payreq.reading.providers import about  # noqa: PLC0415  # not before there is a refusal

    details = refusal.details
    profile = about(details.provider)
    console = screen()
    console.print(
        Panel(
            Text.assemble(
                (_sentence(MEANINGS[refusal.reason].title), "bold"),
                "\n",
                (what(capture, among), "dim"),
            ),
            title=Text.assemble("Billing refusal: ", (refusal.reason.value, "bold")),
            title_align="left",
            border_style="red",
        )
    )
    certainty, colour, why = SURE[details.certainty]
    sure = indented(Text.assemble((certainty, colour), why))
    section(console, "How sure", sure, evidence(details.evidence or ()))
    section(console, "Facts", pairs(facts(refusal, profile.title if profile else None)))
    for challenge in details.challenges:
        section(console, f"Payment terms, {challenge.protocol}", pairs(terms(challenge)))
    section(console, "What to do", numbered(refusal.fix_steps()))
    links(console, "Links", _links(refusal, message.locale))
    listener = f"{LISTENERS[message.audience]} ({message.locale})"
    section(console, listener, _notice(message))
    if profile is None and capture.url is None:
        console.print(f"\n{ADD_URL}", style="dim")


def what(capture: Capture, among: str | None) -> str:
    """Name a response: its status, its request as far as known, which of how many."""
    asked = (capture.method, safe_url(capture.url, ()) if capture.url else None)
    request = " ".join(filter(None, asked))
    said = f"HTTP {capture.status} to {request}" if request else f"HTTP {capture.status}"
    return clean(f"{said}; {among}" if among else said)


def evidence(lines: Iterable[str]) -> Table | None:
    """Return what a verdict rests on, as a list."""
    return pairs(("-", clean(line)) for line in lines)


def _notice(message: UserMessage) -> Panel:
    """Return a message as an app may show it: on a card, with a button."""
    told = message.to_dict()
    parts = [Text(told["title"], style="bold"), Text(told["body"])]
    if told["facts"]:
        parts += [Text(""), *(Text(f"{fact['label']}: {fact['value']}") for fact in told["facts"])]
    if told["action"]:
        button = (f" {told['action']['label']} ", "reverse")
        parts += [Text(""), Text.assemble(button, (f"  {told['action']['host']}", "dim"))]
    if told["after_payment"]:
        parts += [Text(""), Text(told["after_payment"], style="dim")]
    return Panel(Group(*parts), border_style="blue", padding=(0, 1))


def _links(refusal: PaymentRequired, locale: str) -> Iterator[tuple[str, str]]:
    """Yield the links that can be trusted: those that who can pay is shown."""
    message = refusal.user_message(locale, "owner")
    for action in filter(None, (message.action, *message.more)):
        yield action.label, action.url


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
