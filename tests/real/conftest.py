from __future__ import annotations

import pytest
from sleeping import sleepless


@pytest.fixture
def slept():
    """Note how long anything would sleep, and do not sleep."""
    with sleepless() as pauses:
        yield pauses
