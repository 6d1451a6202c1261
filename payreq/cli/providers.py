"""`payreq providers`: whose answers payreq knows by heart, and what it knows of them."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from payreq.cli import plain
from payreq.cli.failing import fail
from payreq.safety import clean

if TYPE_CHECKING:
    from collections.abc import Collection

    from payreq.reading.profiles import Profile

_NEAR = 4


def providers(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A short name, or a host such as api.openai.com."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """List the providers that payreq knows, or tell all that it knows of one.

    Exit status: 0, or 2 for a name that is no provider's.
    """
    from payreq.reading.providers import known  # noqa: PLC0415  # `payreq --help` needs none

    everyone = known()
    profile = None if name is None else _found(name, everyone)
    if as_json:
        plain.show(_plain(profile or everyone))
        return
    from payreq.cli import knowledge  # noqa: PLC0415  # rich, which --json does without

    if profile is None:
        knowledge.show_all(everyone)
    else:
        knowledge.show(profile)


def _found(name: str, everyone: tuple[Profile, ...]) -> Profile:
    from payreq.reading.catalogue import name_of  # noqa: PLC0415  # `payreq --help` needs none

    wanted = name.strip().lower()
    short = name_of(wanted) or wanted
    found = next((profile for profile in everyone if profile.name == short), None)
    if found is None:
        near = ", ".join(islice(_near(wanted, everyone), _NEAR))
        hint = f"near it: {near}" if near else "all names: payreq providers"
        fail(f"{clean(name, 80)!r} is no provider's name or host; {hint}")
    return found


def _near(wanted: str, everyone: tuple[Profile, ...]) -> Collection[str]:
    """Return the names of those whose name, title or host holds the word, then of those alike."""
    names = {
        word.lower(): profile.name
        for profile in everyone
        for word in (profile.title, profile.name, *profile.hosts)
    }
    holding = (names[word] for word in names if wanted and wanted in word)
    alike = (names[word] for word in get_close_matches(wanted, names))
    return dict.fromkeys((*holding, *alike))


def _plain(known: Profile | tuple[Profile, ...]) -> Any:
    """Return what is known as `payreq.Guard(providers=...)` would take it."""
    if isinstance(known, tuple):
        return [_plain(profile) for profile in known]
    return known.model_dump(mode="json", by_alias=True, exclude_none=True)
