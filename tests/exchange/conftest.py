from __future__ import annotations

import pytest

import payreq


@pytest.fixture
def clock():
    return payreq.testing.Clock()


@pytest.fixture
def guard(clock):
    return payreq.Guard(features={"export": "* /exports"}, clock=clock)
