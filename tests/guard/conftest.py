from __future__ import annotations

import httpx
import pytest
from exporting import URL, Api

import payreq


@pytest.fixture
def clock():
    return payreq.testing.Clock()


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def make(api, clock):
    """Make a guard and a client that it wraps."""

    def make(**options):
        guard = payreq.Guard(**{"clock": clock, "features": {"export": "* /v1/exports"}} | options)
        client = httpx.Client(base_url=URL, transport=httpx.MockTransport(api))
        return guard, guard.wrap(client)

    return make
