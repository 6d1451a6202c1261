"""Places in a response, as profiles name them, and the values that stand there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from payreq.reading.document import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from payreq.reading.document import Document

    Value = str | int | Decimal | bool

_HEADER = "header:"
_ANYWHERE = "**"


def values_at(document: Document, place: str) -> Sequence[Value]:
    """Return the plain values at a place, in the document's order.

    Args:
        document: The response.
        place: "/a/pointer", in which `*` is any one member or item, a leading `**` any number of
            them, and "embedded" enters JSON inside a string; "header:NAME"; "text"; or "url".
    """
    if place.startswith("/"):
        wanted = _segments(place)
        if wanted[:1] == (_ANYWHERE,):
            inner = wanted[1:]
            return [
                leaf.value
                for leaf in document.leaves
                if len(leaf.path) >= len(inner) and _leads(inner, leaf.path[-len(inner) :])
            ]
        if "*" not in wanted:
            return document.places.get(wanted, ())
        return [
            leaf.value
            for leaf in document.leaves
            if len(leaf.path) == len(wanted) and _leads(wanted, leaf.path)
        ]
    if place.startswith(_HEADER):
        value = document.headers.get(place[len(_HEADER) :].lower())
    else:
        value = document.text if place == "text" else document.url
    return (value,) if value else ()


def is_present(document: Document, place: str) -> bool:
    """Return whether anything stands at a place: a value, or an object or array that holds one."""
    if place.startswith("/"):
        wanted = _segments(place)
        if wanted[:1] == (_ANYWHERE,):
            return any(
                _leads(wanted[1:], leaf.path[at:])
                for leaf in document.leaves
                for at in range(len(leaf.path))
            )
        return any(_leads(wanted, leaf.path) for leaf in document.leaves)
    return bool(values_at(document, place))


def mark_of(place: str) -> str | tuple[str, ...]:
    """Return what stands in every response that has a value at a place, else "".

    Args:
        place: As for `values_at`.

    Returns:
        A header's name, a path, or the name at the end of those that have a `*`.
    """
    if place.startswith(_HEADER):
        return place[len(_HEADER) :].lower()
    names = _segments(place) if place.startswith("/") else ("",)
    if "*" in names or _ANYWHERE in names:
        return names[-1].replace("*", "")
    return names if place.startswith("/") else ""


@lru_cache(maxsize=4_096)
def _segments(pointer: str) -> tuple[str, ...]:
    """Return a pointer's names folded as a document's paths are; "/" is the payload itself."""
    names = pointer[1:].split("/") if pointer != "/" else ()
    return tuple(
        name if name in {"*", _ANYWHERE} else fold(name.replace("~1", "/").replace("~0", "~"))
        for name in names
    )


def _leads(wanted: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Return whether a path starts as wanted."""
    start = path[: len(wanted)]
    if "*" not in wanted:
        return start == wanted
    return len(start) == len(wanted) and all(map(_fits, wanted, start))


def _fits(name: str, step: str) -> bool:
    return name in {"*", step}
