"""Plays the scenes in order, shows them, and keeps count of what holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payreq.cli.demo.scenes import SCENES
from payreq.cli.demo.showing import (
    show_ending,
    show_line,
    show_opening,
    show_tally,
    show_title,
)
from payreq.cli.demo.stage import Check, set_up
from payreq.cli.screen import screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payreq.cli.demo.provider import Provider
    from payreq.cli.demo.stage import Line, Stage


def perform(provider: Provider) -> bool:
    """Play every scene against a provider, and say whether all that was claimed holds."""
    console, stage = screen(), set_up(provider)
    checks: list[Check] = []
    show_opening(console, stage)
    with stage.client:
        for number, (title, scene) in enumerate(SCENES, 1):
            show_title(console, number, title)
            for line in _played(scene, stage):
                show_line(console, line)
                if isinstance(line, Check):
                    checks.append(line)
    show_title(console, len(SCENES) + 1, "What left the machine, and what did not")
    show_tally(console, stage)
    show_ending(console, checks)
    return all(check.holds for check in checks)


def _played(scene: Callable[[Stage], Iterator[Line]], stage: Stage) -> Iterator[Line]:
    """Yield a scene's lines; one that breaks off is a claim that does not hold."""
    try:
        yield from scene(stage)
    except Exception as error:  # whatever it is, the demo shows it and fails
        yield Check(f"the scene went on to its end ({type(error).__name__}: {error})", holds=False)
