"""Shows to a person that a response is no billing refusal, and what it may be instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.panel import Panel
from rich.text import Text

from payreq.cli.facts import seconds
from payreq.cli.layout import indented, pairs, section
from payreq.cli.screen import screen
from payreq.cli.verdict import ADD_URL, evidence, what
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.cli.capture import Capture
    from payreq.reading.profiles import Profile
    from payreq.reading.verdict import Verdict

MEANINGS = {
    400: "The request itself is not accepted: read what the answer says of it.",
    401: "The key is missing, wrong or no longer valid.",
    403: "The key has no permission for this.",
    404: "There is nothing at this address, or the key may not see it.",
    408: "The request took too long: sending it again may help.",
    422: "The request itself is not accepted: read what the answer says of it.",
    429: "Too many requests in a short time: this passes by itself.",
}
"""What an answer means as a rule, where nothing says more (RFC 9110, 15; RFC 6585, 4)."""

_FAILURE = 500


def show(capture: Capture, among: str | None) -> None:
    """Show that there is no refusal.

    Args:
        capture: The last response that was looked at.
        among: Which of several it is.
    """
    profile, verdict, facts = _reading(capture)
    console = screen()
    console.print(
        Panel(
            Text.assemble(
                ("Nothing says that payment is the matter.", "bold"),
                "\n",
                (what(capture, among), "dim"),
            ),
            title="No billing refusal",
            title_align="left",
            border_style="green",
        )
    )
    if verdict is not None:
        known = indented("It is known to mean something else.")
        section(console, "Why", known, evidence(verdict.evidence))
    meaning = _meaning(capture.status)
    section(console, "What it may be", indented(meaning) if meaning else None)
    section(console, "Facts", pairs(_told(profile, facts)))
    if capture.url is None and profile is None:
        console.print(f"\n{ADD_URL}", style="dim")


def _reading(capture: Capture) -> tuple[Profile | None, Verdict | None, dict[str, Any]]:
    """Return what is known of a response that is no refusal."""
    from payreq.reading.document import fold_headers, read_document  # noqa: PLC0415  # loads much
    from payreq.reading.fields import read_fields  # noqa: PLC0415  # see above
    from payreq.reading.judging import verdict_on  # noqa: PLC0415  # see above
    from payreq.reading.providers import find  # noqa: PLC0415  # see above

    response = capture.response()
    headers = fold_headers(response.headers.multi_items())
    document = read_document(capture.status, headers, response.content, url=capture.url)
    profile = find(document)
    places = profile.fields if profile is not None else {}
    return profile, verdict_on(document, profile), read_fields(document, places)


def _meaning(status: int) -> str | None:
    if status >= _FAILURE:
        return "The server has trouble of its own: sending it again may help."
    return MEANINGS.get(status)


def _told(profile: Profile | None, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if profile is not None:
        yield "Provider", f"{profile.title} ({profile.name})"
    for label, name in (
        ("In its words", "message"),
        ("Code", "code"),
        ("Request id", "request_id"),
    ):
        if facts.get(name) is not None:
            value = clean(str(facts[name]))
            yield label, f"“{value}”" if name == "message" else value
    if facts.get("retry_after") is not None:
        yield "Retry after", seconds(facts["retry_after"])
