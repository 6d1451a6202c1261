from __future__ import annotations

import pytest
import replicate
from sdk import REFUSALS
from vendors import KEY, TOO_FAST

import payreq


@pytest.mark.parametrize(("body", "requests"), [(REFUSALS[429], 1), (TOO_FAST, 10)])
def test_the_transport_that_it_retries_with_is_guarded_from_inside(
    server, slept, raised, body, requests
):
    server.answer("/v1/models/some/model", 429, body=body)
    client = payreq.wrap(replicate.Client(api_token=KEY, base_url=server.url))
    with client._client:
        error = raised(client.models.get, "some/model")
    assert isinstance(error, replicate.exceptions.ReplicateError)
    assert (len(server.received), len(slept)) == (requests, requests - 1)
