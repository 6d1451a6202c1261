"""What is asked of a measurement."""

from __future__ import annotations

from typing import NamedTuple


class Bar(NamedTuple):
    """A figure, and the most that it may be.

    Attributes:
        name: What is measured, as a rule what is compared with what.
        ratio: What was measured, in this run.
        most: What is allowed.
        figures: What stands behind it: of a ratio, the two times.
        unit: The unit of a figure that is no ratio.
    """

    name: str
    ratio: float
    most: float
    figures: str
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure is allowed."""
        return self.ratio <= self.most
