"""Which provider's file speaks of a host: what the happy path and the choice of a profile need.

It imports neither pydantic nor a parser of TOML.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from payreq.reading.compiled import load, names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_HOST_LIMIT = 253  # RFC 1035, 2.3.4


def providers() -> tuple[str, ...]:
    """Return the short names of all whose profiles come with payreq, in alphabetical order."""
    return names("providers")


def said_of(name: str) -> Mapping[str, Any]:
    """Return what the file of a provider says, unchecked.

    Args:
        name: One of `providers()`.
    """
    return load(f"providers/{name}")


def name_of(host: str) -> str | None:
    """Return the provider whose hosts fit best: the very host, else the longest wildcard; or None.

    Args:
        host: A host's name, in whatever case.
    """
    index = _by_host()
    return next((index[name] for name in patterns_of(host) if name in index), None)


def patterns_of(host: str) -> Iterator[str]:
    """Yield every pattern that a host fits, the closest first: "a.b.c", "*.b.c", "*.c"."""
    name = host.lower().rstrip(".")
    if len(name) > _HOST_LIMIT:
        return
    yield name
    while "." in name:
        name = name.partition(".")[2]
        yield f"*.{name}"


def host_matches(host: str, patterns: Collection[str]) -> bool:
    """Return whether a host fits one of the patterns; "*.a.com" is all below a.com, not itself."""
    return any(name in patterns for name in patterns_of(host))


@cache
def _by_host() -> Mapping[str, str]:
    return {host: name for name in providers() for host in said_of(name).get("hosts", ())}
