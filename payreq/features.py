"""A feature of an API: the requests that belong to it, and how people call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Audience = Literal["owner", "member", "visitor"]
AUDIENCES: tuple[Audience, ...] = ("owner", "member", "visitor")


@dataclass(frozen=True, slots=True)
class Feature:
    """What a name in `Guard(features=...)` stands for.

    Attributes:
        patterns: One pattern or several: "METHOD /path/glob" or "METHOD host/path/glob".
        title: The name that people see, such as "Data export"; where messages are in several
            languages, one for each: `{"en": "Data export", "de": "Datenexport"}`.
        audience: Who is told of its refusals, where that differs from the guard's audience.
        url: Where this feature is paid for; the first link of its messages. Only https is shown.
    """

    patterns: str | Sequence[str]
    title: str | Mapping[str, str] | None = None
    audience: Audience | None = None
    url: str | None = None
