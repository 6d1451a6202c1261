from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
from vendors import SDKS


@pytest.fixture(
    params=[
        pytest.param((sdk, stream), id=f"{sdk.name}, streamed" if stream else sdk.name)
        for sdk in SDKS
        for stream in (False, True)
        if not stream or sdk.stream
    ]
)
def vendor(request, server):
    """A vendor's client at the server, and `opened`, which makes calls of it, guarded or not."""
    sdk, stream = request.param
    opened = partial(sdk.opened, server.url, stream=stream)
    return SimpleNamespace(sdk=sdk, path=sdk.path, errors=sdk.errors, opened=opened)


@pytest.fixture
def raised():
    """Make a call that fails, and return what it raised."""

    def error_of(call, *args):
        with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever the vendor raises
            call(*args)
        return caught.value

    return error_of
