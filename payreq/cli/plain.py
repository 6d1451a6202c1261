"""Prints JSON: for programs, yet safe on the terminal where it may end up."""

from __future__ import annotations

import json
from typing import Any

from payreq.safety import UNSAFE


def show(data: Any) -> None:
    """Print data as JSON; what a terminal would obey or reorder stands as an escape.

    Args:
        data: Plain data; it is read back as it was.
    """
    lines = json.dumps(data, indent=2, ensure_ascii=False).split("\n")
    print("\n".join(UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], line) for line in lines))
