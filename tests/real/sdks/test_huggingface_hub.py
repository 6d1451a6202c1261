from __future__ import annotations

import huggingface_hub
import pytest
from huggingface_hub.utils import http_backoff
from sdk import REFUSALS
from vendors import reset_factories, set_factories

import payreq


@pytest.fixture(autouse=True)
def _own_factories():
    yield
    reset_factories()


@pytest.fixture
def url(server):
    server.answer("/api/models", 429, headers={"Retry-After": "86400"}, body=REFUSALS[429])
    return f"{server.url}/api/models"


def test_its_own_storm_sleeps_five_days(url, server, slept, raised):
    raised(http_backoff, "GET", url)
    assert (len(server.received), slept) == (6, 5 * [86_401.0])


def test_backing_off_heeds_no_header_so_what_is_handed_back_is_tried_here_again(
    url, server, slept, raised
):
    guard = payreq.Guard()
    set_factories(lambda client: guard.wrap(client, refusals="return"))
    error = raised(http_backoff, "GET", url)
    assert isinstance(error, huggingface_hub.errors.HfHubHTTPError)
    assert len(server.received) == 1
    assert len(slept) == 5


def test_what_is_raised_goes_past_it_at_once(url, server, slept, raised):
    set_factories(payreq.Guard().wrap)
    errors = [raised(http_backoff, "GET", url) for _ in range(2)]
    assert [error.sent for error in errors] == [True, False]
    assert (len(server.received), slept) == (1, [])


def test_the_api_raises_ours_then(server, raised):
    body = {"error": "Your organisation's storage limit reached, upgrade to a paid plan."}
    server.answer("/api/repos/create", 403, body=body)
    set_factories(payreq.Guard().wrap)
    api = huggingface_hub.HfApi(endpoint=server.url, token="hf_test_0123456789")
    assert isinstance(raised(api.create_repo, "some/repo"), payreq.PaymentRequired)


def test_a_client_that_holds_no_connection_yet_is_sent_to_the_factory():
    with pytest.raises(TypeError, match="set_client_factory"):
        payreq.wrap(huggingface_hub.InferenceClient())
