"""Which provider's file speaks of a host: found by scanning, so that no file is parsed in vain.

Only what the happy path and the choice of a profile need. It imports neither pydantic nor, until
a file is needed, a parser; a test holds what is scanned against what a parser reads.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FOLDER = Path(__file__).with_name("providers")
"""Where the profiles that come with payreq stand."""

_HOSTS = re.compile(r"^hosts = \[([^\]]*)\]", re.MULTILINE)
_SIGNATURE = re.compile(r"^\[\[signature\]\]\n(?:[^\n\[].*\n)+", re.MULTILINE)
_QUOTED = re.compile(r'"([^"\n]*)"')
_HOST_LIMIT = 253  # RFC 1035, 2.3.4


class Entry(NamedTuple):
    """What is known of a provider's file without parsing it; its signature still as written."""

    path: Path
    hosts: tuple[str, ...]
    in_success: bool
    signature: str


@cache
def entries() -> tuple[Entry, ...]:
    """Return an entry for every provider's file, by name."""
    paths = sorted(FOLDER.glob("*.toml"), key=lambda path: path.stem)
    return tuple(_scanned(path) for path in paths)


def entry_of(host: str) -> Entry | None:
    """Return the entry whose hosts fit best: the very host, else the longest wildcard."""
    index = _by_host()
    return next((index[name] for name in patterns_of(host) if name in index), None)


@cache
def parsed(path: Path) -> Mapping[str, Any]:
    """Return what a provider's file says, unchecked."""
    import tomllib  # noqa: PLC0415  # most processes need no file, or one

    return tomllib.loads(path.read_text("utf-8"))


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
def _by_host() -> Mapping[str, Entry]:
    return {host: entry for entry in entries() for host in entry.hosts}


def _scanned(path: Path) -> Entry:
    text = path.read_text("utf-8")
    hosts = _HOSTS.search(text)
    return Entry(
        path,
        tuple(_QUOTED.findall(hosts[1])) if hosts else (),
        "\nin_success = true\n" in text,
        "".join(_SIGNATURE.findall(text)),
    )
