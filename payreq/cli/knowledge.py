"""Shows to a person what is known of providers: who they are, what their answers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from payreq.cli.layout import indented, numbered, pairs, section, words_of
from payreq.cli.screen import screen
from payreq.reasons import MEANINGS, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from payreq.reading.profiles import Condition, Profile, Rule

RETURNS = {
    "at once": "At once.",
    "minutes": "Within minutes.",
    "hours": "Within hours.",
    None: "Not known.",
}
"""How fast access is back after a payment."""

PAGES = ("billing_url", "upgrade_url", "docs_url", "status_url", "support_url")

LEGEND = (
    "The first that fits decides. A path such as /error/code leads into the body; * is any "
    "member there, and embedded enters JSON inside a string."
)

_SCOPES = {
    "account": "holds for the account",
    "feature": "holds for the feature",
    "request": "holds for this request alone",
}
_PAYERS = {"caller": "the caller owes it", "upstream": "the provider itself owes it"}
_RETRYING = {True: "a retry helps", False: "no retry helps"}


def show_all(profiles: Sequence[Profile]) -> None:
    """Show who is known, in a table.

    Args:
        profiles: Everyone's.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("name", no_wrap=True)
    table.add_column("title", max_width=18)
    table.add_column("hosts", overflow="fold")
    table.add_column("back", no_wrap=True)
    for each in profiles:
        table.add_row(*map(Text, (each.name, each.title, _hosts(each), each.returns or "")))
    console = screen()
    console.print(table)
    console.print(
        f"\n{len(profiles)} providers. back: how fast access returns once it is paid, if known.\n"
        "All that is known of one: payreq providers NAME"
    )


def show(profile: Profile) -> None:
    """Show all that is known of a provider.

    Args:
        profile: The provider's.
    """
    console = screen()
    console.print(
        Panel(
            Text.assemble((profile.title, "bold"), "\n", (_extent(profile), "dim")),
            title=f"Provider: {profile.name}",
            title_align="left",
        )
    )
    hidden = (
        indented("A refusal may stand in an answer of success (2xx).")
        if profile.in_success
        else None
    )
    section(console, "Hosts", pairs(("-", host) for host in _told_by(profile)))
    section(console, "Access returns after payment", indented(RETURNS[profile.returns]))
    section(console, "Pages", pairs(_pages(profile)))
    section(
        console,
        "What its answers mean",
        indented(LEGEND),
        hidden,
        numbered(_meaning(rule) for rule in profile.rules),
    )
    section(console, "Where facts stand, best place first", pairs(_facts(profile)))
    section(console, "Read in", pairs((str(page.read), page.url) for page in profile.sources))


def _hosts(profile: Profile) -> str:
    """Return the first host, and how many more there are."""
    if not profile.hosts:
        return "(any, by its answers)"
    more = len(profile.hosts) - 1
    return f"{profile.hosts[0]} +{more}" if more else profile.hosts[0]


def _extent(profile: Profile) -> str:
    counts = ((len(profile.rules), "rule"), (len(profile.sources), "source"))
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts)


def _told_by(profile: Profile) -> Iterator[str]:
    """Yield what tells that an answer is the provider's."""
    yield from profile.hosts
    elsewhere = "any other" if profile.hosts else "any"
    for condition in profile.signature:
        yield f"{elsewhere}, if {_asked(condition)}"


def _pages(profile: Profile) -> Iterator[tuple[str, str]]:
    for name in PAGES:
        url = getattr(profile, name)
        if url is not None:
            yield words_of(name.removesuffix("_url")), url


def _facts(profile: Profile) -> Iterator[tuple[str, str]]:
    for name, places in profile.fields.items():
        yield words_of(name), "; ".join(map(_place, places))


def _meaning(rule: Rule) -> Text:
    """Return what a rule asks for and, below, what it means."""
    asked = f"status {_any_of(map(str, rule.status))}" if rule.status else "any status"
    if rule.when:
        asked += ", if " + ", and ".join(map(_asked, rule.when))
    means = rule.means
    cause = MEANINGS[means].title if isinstance(means, Reason) else "no billing refusal"
    said = (
        f"{cause} ({means})",
        rule.scope and _SCOPES[rule.scope],
        rule.payer and _PAYERS[rule.payer],
        None if rule.retryable is None else _RETRYING[rule.retryable],
    )
    return Text.assemble(asked, "\n", ("; ".join(filter(None, said)), "bold"))


def _asked(condition: Condition) -> str:
    where = _place(condition.at)
    if condition.present is not None:
        return f"{where} is {'there' if condition.present else 'missing'}"
    if condition.below is not None:
        return f"{where} is below {condition.below}"
    verb, words = ("is", condition.equals) if condition.equals else ("has", condition.has or ())
    return f"{where} {verb} {_any_of(map(_quoted, words))}"


def _place(place: str) -> str:
    header = place.removeprefix("header:")
    if header != place:
        return f"header {header}"
    return {"/": "the body", "text": "the text", "url": "the URL"}.get(place, place)


def _any_of(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _quoted(word: str) -> str:
    return f'"{word}"'
