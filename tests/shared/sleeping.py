"""Sleeps that take no time, for whoever measures how long others would sleep."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def sleepless(note: Callable[[float], None] | None = None) -> Iterator[list[float]]:
    """Note how many seconds anything would sleep, and do not sleep.

    Args:
        note: Told of each sleep; left out, they are added to the list that this yields.
    """
    pauses: list[float] = []
    told = pauses.append if note is None else note
    real = asyncio.sleep

    async def sleep_async(seconds: float, *args: Any) -> Any:
        if seconds:
            told(seconds)
        return await real(0, *args)

    with ExitStack() as stack:
        stack.enter_context(patch.object(time, "sleep", told))
        stack.enter_context(patch.object(asyncio, "sleep", sleep_async))
        stack.enter_context(patch.object(anyio, "sleep", sleep_async))
        yield pauses
