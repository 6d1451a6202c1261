"""What the TOML files of this package say, out of one file that is read much faster than they are.

`python -m payreq.reading.compiling` makes it; a test holds it against them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPILED = Path(__file__).with_name("compiled.json")


def load(name: str) -> Mapping[str, Any]:
    """Return what a file says.

    Args:
        name: Its path from this package without the suffix: "codes", "providers/openai".
    """
    said: Mapping[str, Any] = _compiled()[name]
    return said


@cache
def names(folder: str) -> tuple[str, ...]:
    """Return the names of the files in a folder, without the folder's, in alphabetical order.

    Args:
        folder: "providers" or "phrases".
    """
    start = f"{folder}/"
    return tuple(name.removeprefix(start) for name in _compiled() if name.startswith(start))


@cache
def _compiled() -> Mapping[str, Any]:
    said: Mapping[str, Any] = json.loads(COMPILED.read_bytes())
    return said
