"""Time that passes when it is told to."""

from __future__ import annotations

START = 1_800_000_000.0
"""The POSIX seconds at which a `Clock` starts: 15 January 2027, 08:00 UTC."""


class Clock:
    """Time that passes when it is told to, for `Guard(clock=...)`.

    Attributes:
        now: POSIX seconds.

    Example:
        >>> clock = Clock()
        >>> clock.advance(60)
        >>> clock() - START
        60.0
    """

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return POSIX seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
