"""The fixtures, which pytest finds by the package's entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payreq.testing.clock import Clock

if TYPE_CHECKING:
    from payreq.guard import Guard


@pytest.fixture
def payreq_clock() -> Clock:
    """Return a clock that stands still until it is told to advance."""
    return Clock()


@pytest.fixture
def payreq_guard(payreq_clock: Clock) -> Guard:
    """Return a guard with no block, no listener and no feature, which runs by `payreq_clock`."""
    from payreq.guard import Guard  # noqa: PLC0415  # not in every run of pytest

    return Guard(clock=payreq_clock)
