from __future__ import annotations

import httpx
import httpx2
import pytest

import payreq
from payreq import testing

pytest_plugins = ["pytester"]
URL = "https://api.example.com/v1/exports"


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
    made = testing.refusal("plan_upgrade_required", required_plan="pro", sent=False)
    assert isinstance(made, payreq.PlanUpgradeRequired)
    assert made.details.required_plan == "pro"
    assert not made.sent
    assert made.user_message().body
    with pytest.raises(ValueError, match="nonsense"):
        testing.refusal("nonsense")


def test_the_fixtures_come_with_the_plugin(pytester):
    pytester.makeconftest('pytest_plugins = ["payreq.testing"]')
    pytester.makepyfile(
        """
        import httpx, payreq, pytest
        from payreq.testing import response

        def test_a_probe_goes_after_a_minute(payreq_guard, payreq_clock):
            sent = []
            def answer(request):
                sent.append(1)
                return response("credits_exhausted")
            client = payreq_guard.wrap(httpx.Client(transport=httpx.MockTransport(answer)))
            for _ in range(3):
                with pytest.raises(payreq.CreditsExhausted):
                    client.get("https://api.example.com/v1/x")
            assert len(sent) == 1
            payreq_clock.advance(60)
            with pytest.raises(payreq.CreditsExhausted):
                client.get("https://api.example.com/v1/x")
            assert len(sent) == 2
        """
    )
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
