"""What is asked of a measurement."""

from __future__ import annotations

from typing import NamedTuple


class Bar(NamedTuple):
    """A ratio, and the most that it may be.

    Attributes:
        name: What is compared with what.
        ratio: What was measured, in this run.
        most: What is allowed.
        figures: The two times behind the ratio.
    """

    name: str
    ratio: float
    most: float
    figures: str

    @property
    def holds(self) -> bool:
        """Whether the ratio is allowed."""
        return self.ratio <= self.most
