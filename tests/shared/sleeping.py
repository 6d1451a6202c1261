"""Sleeps that take no time, for whoever measures how long others would sleep."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def sleepless() -> Iterator[list[float]]:
    """Note how many seconds anything would sleep, and do not sleep."""
    pauses: list[float] = []
    real = asyncio.sleep

    async def sleep_async(seconds: float, *args: Any) -> Any:
        if seconds:
            pauses.append(seconds)
        return await real(0, *args)

    with ExitStack() as stack:
        stack.enter_context(patch.object(time, "sleep", pauses.append))
        stack.enter_context(patch.object(asyncio, "sleep", sleep_async))
        stack.enter_context(patch.object(anyio, "sleep", sleep_async))
        yield pauses
