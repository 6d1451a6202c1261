from __future__ import annotations

import httpx
import httpx2
import pytest

import payreq
from payreq import testing
from payreq.reading import providers
from payreq.testing.examples import examples

URL = "https://api.example.com/v1/exports"


@pytest.mark.parametrize("example", examples().values(), ids=lambda each: each[:2])
def test_each_example_is_read_as_that_providers_and_that_reason(example):
    for library in (httpx, httpx2):
        answer = testing.refusal(example.provider, example.reason, library=library)
        assert isinstance(answer, library.Response)
        details = payreq.parse(answer)
        assert (details.provider, details.reason) == (example.provider, example.reason)


def test_every_provider_that_is_known_to_refuse_has_an_example():
    refusing = {
        profile.name
        for profile in providers.known()
        if any(rule.means != "not_billing" for rule in profile.rules)
    }
    assert refusing <= {name for name, _ in examples()}


def test_an_example_is_as_the_provider_sends_it():
    answer = testing.refusal("openai", "credits_exhausted")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "credit_balance_exhausted"
    assert answer.request.url.host == "api.openai.com"


@pytest.mark.parametrize(
    ("provider", "reason", "says"),
    [
        ("openai", "trial_expired", "openai has no example of trial_expired; it has .*credits"),
        ("opnai", "credits_exhausted", "'opnai' is no provider with an example; .*openai"),
        ("###", "credits_exhausted", "'###' is no provider with an example: `payreq providers`"),
        ("openai", "nonsense", "nonsense"),
    ],
)
def test_what_there_is_not_is_told(provider, reason, says):
    with pytest.raises(ValueError, match=says):
        testing.refusal(provider, reason)


@pytest.mark.parametrize("reason", list(payreq.Reason))
def test_each_canned_answer_is_read_as_what_it_stands_for(reason):
    for library in (httpx, httpx2):
        answer = testing.response(reason, library=library)
        assert isinstance(answer, library.Response)
        assert payreq.parse(answer).reason is reason


def test_facts_come_back(respx_mock):
    respx_mock.post(URL).mock(
        testing.response("quota_exceeded", status=429, detail="All used.", limit=1000)
    )
    with payreq.wrap(httpx.Client()) as client, pytest.raises(payreq.QuotaExceeded) as caught:
        client.post(URL)
    assert caught.value.details.limit == 1000
    assert caught.value.details.message == "All used."


def test_a_canned_exception_is_one_of_its_reason():
    made = testing.exception("plan_upgrade_required", required_plan="pro", sent=False)
    assert isinstance(made, payreq.PlanUpgradeRequired)
    assert made.details.required_plan == "pro"
    assert not made.sent
    assert made.user_message().body
    with pytest.raises(ValueError, match="nonsense"):
        testing.exception("nonsense")
    with pytest.raises(TypeError, match="no field 'required_plans'"):
        testing.exception("plan_upgrade_required", required_plans="pro")
