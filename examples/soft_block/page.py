"""The app's one page, whole or only its section on the export."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from examples.soft_block.words import TEMPLATES, WORDS, direction, month, number, span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from payreq import UserMessage

REPORTS = ("orders", "customers", "returns")


class Page(NamedTuple):
    """Which page is asked for.

    Attributes:
        language: In which language.
        report: Which of the reports.
        zone: The reader's time zone.
        part: Whether a script asks for the export section alone, to put it into a page that is
            already there.
    """

    language: str
    report: str
    zone: tzinfo
    part: bool = False

    @property
    def address(self) -> str:
        """Its path."""
        return f"/{self.language}/{self.report}"


class Export(NamedTuple):
    """What there is to tell of the export.

    Attributes:
        off: Whether it is blocked.
        message: Why it is refused, or None.
        file: What was just exported, or None.
        note: "back" or "still", after another look; or None.
    """

    off: bool
    message: UserMessage | None = None
    file: str | None = None
    note: str | None = None


def section(page: Page, export: Export) -> str:
    """Return the section on the export.

    Args:
        page: The page that it stands on.
        export: What it tells.
    """
    template = TEMPLATES.get_template("page.html")
    context = template.new_context(_shared(page, export))
    return "".join(template.blocks["export"](context))


def whole(page: Page, export: Export, figures: Mapping[str, int]) -> str:
    """Return the whole page.

    Args:
        page: Which.
        export: What its section on the export tells.
        figures: Those of the report, by month.
    """
    first, latest, highest = min(figures), max(figures), max(figures.values())
    words, language = WORDS[page.language], page.language
    total = sum(figures.values())
    return TEMPLATES.get_template("page.html").render(
        **_shared(page, export),
        reports=REPORTS,
        languages={each: WORDS[each]["name"] for each in WORDS},
        summary=[
            (words["total"], number(total, language), span(first, latest, language)),
            (words["latest"], number(figures[latest], language), month(latest, language)),
        ],
        rows=[
            (month(each, language), number(value, language), f"{value / highest:.0%}")
            for each, value in figures.items()
        ],
    )


def _shared(page: Page, export: Export) -> dict[str, object]:
    return {
        "page": page,
        "export": export,
        "words": WORDS[page.language],
        "direction": direction,
    }
