from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fleet import Fleet, Process, Seconds
from sleeping import sleepless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def slept():
    """Note how long anything would sleep, and do not sleep."""
    with sleepless() as pauses:
        yield pauses


@pytest.fixture
def seconds(monkeypatch):
    """The seconds by which stores tell when to look again."""
    passing = Seconds()
    monkeypatch.setattr("payreq.blocking.shared.monotonic", passing)
    return passing


@pytest.fixture
def start_fleet(server, seconds, caplog) -> Iterator[Callable[..., Fleet]]:
    """Start a fleet on stores: the first of its processes is sync, the others async."""
    started = []

    def start(*stores):
        for number, store in enumerate(stores):
            started.append(Process(store, server.url, awaits=number > 0))
        fleet = Fleet(started, seconds, caplog)
        fleet.go_on()
        return fleet

    yield start
    for process in started:
        process.close()
