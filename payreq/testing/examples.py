"""What providers send when they refuse, one example for each of their reasons."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path(__file__).with_name("examples.jsonl")
"""Made from the corpus of the tests, where `tests/corpus/README.md` says how."""


class Example(NamedTuple):
    """A request and the answer that refuses it."""

    provider: str
    reason: Reason
    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: str


@cache
def examples() -> Mapping[tuple[str, Reason], Example]:
    """Return every example, by provider and reason."""
    lines = FILE.read_text("utf-8").splitlines()
    found = (Example(**json.loads(line)) for line in lines)
    return {
        (example.provider, Reason(example.reason)): example._replace(reason=Reason(example.reason))
        for example in found
    }
