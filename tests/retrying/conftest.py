from __future__ import annotations

import pytest

import payreq


@pytest.fixture
def slept():
    return []


@pytest.fixture
def policy(slept):
    """Make the transient policy, which notes its pauses instead of sleeping."""

    def make(**options):
        return payreq.transient_retry(**options).copy(sleep=slept.append)

    return make
