"""What holds with every vendor's SDK, sync and async, whole and streamed."""

from __future__ import annotations

import pytest
import tenacity
from sdk import REFUSALS
from vendors import TOO_FAST

import payreq


@pytest.fixture(
    params=[
        pytest.param((402, {}), id="402"),
        pytest.param((402, {"x-should-retry": "true"}), id="402 that asks for a retry"),
        pytest.param((429, {}), id="429"),
        pytest.param((429, {"Retry-After": "86400"}), id="429 for a day"),
    ]
)
def status(request, vendor, server):
    """The status with which the server refuses."""
    status, headers = request.param
    server.answer(vendor.path, status, headers=headers, body=REFUSALS[status])
    return status


def test_a_refused_call_sends_one_request_and_raises_the_vendors_error(
    vendor, server, slept, raised, status
):
    with vendor.opened(payreq.Guard()) as call:
        errors = [raised(call) for _ in range(2)]
        with pytest.raises(payreq.CreditsExhausted), payreq.translate():
            call()
    assert isinstance(errors[0], vendor.errors[status])
    assert type(errors[0]) is type(errors[1])
    found = [payreq.detect(error) for error in errors]
    assert all(isinstance(each, payreq.CreditsExhausted) for each in found)
    assert [each.sent for each in found] == [True, False]
    assert {each.details.status for each in found} == {status}
    assert (len(server.received), slept) == (1, [])


def test_the_error_of_an_unguarded_client_is_read_too(vendor, server, slept, raised):
    server.answer(vendor.path, 429, body=REFUSALS[429])
    with vendor.opened() as call:
        found = payreq.detect(raised(call))
    assert isinstance(found, payreq.CreditsExhausted)
    assert found.details.code == "insufficient_quota"


def test_a_plain_rate_limit_keeps_the_vendors_retries(vendor, server, slept, raised):
    server.answer(vendor.path, 429, body=TOO_FAST)
    seen = []
    for guard in (None, payreq.Guard()):
        with vendor.opened(guard) as call:
            error = raised(call)
        assert payreq.detect(error) is None
        seen.append((type(error), len(server.received), len(slept)))
        server.received.clear()
        slept.clear()
    assert seen[0] == seen[1]


def test_under_an_outer_policy_that_knows_nothing_it_is_one_request(
    vendor, server, slept, raised, status
):
    policy = tenacity.Retrying(stop=tenacity.stop_after_attempt(6))
    with vendor.opened(payreq.Guard()) as call:
        error = raised(policy, call)
    assert isinstance(payreq.detect(error), payreq.CreditsExhausted)
    assert policy.statistics["attempt_number"] == 6
    assert len(server.received) == 1
    assert set(slept) <= {0}
