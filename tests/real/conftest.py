from __future__ import annotations

import asyncio
import time

import anyio
import pytest


@pytest.fixture
def slept(monkeypatch):
    """Note how long anything would sleep, and do not sleep."""
    pauses = []
    real = asyncio.sleep

    async def sleep_async(seconds, *args):
        if seconds:
            pauses.append(seconds)
        return await real(0, *args)

    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(asyncio, "sleep", sleep_async)
    monkeypatch.setattr(anyio, "sleep", sleep_async)
    return pauses
