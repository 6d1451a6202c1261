"""Every usual shape of an error gives its cause and facts, and its look-alike gives nothing."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from payreq import reading


def read(body, status=403, **headers):
    content = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reading.read(status, named, content.encode(), url="https://api.example.com/v1")


def test_graphql_errors():
    def answer(code, **extensions):
        error = {"message": "No seats are left", "path": ["invite"]}
        return {"data": None, "errors": [error | {"extensions": {"code": code} | extensions}]}

    url = "https://app.example.com/plans"
    details = read(answer("PLAN_LIMIT_REACHED", plan="starter", limit=5, upgradeUrl=url), 200)
    assert (details.reason, details.code) == ("quota_exceeded", "PLAN_LIMIT_REACHED")
    assert (details.plan, details.limit, details.upgrade_url) == ("starter", 5, url)
    assert details.message == "No seats are left"
    assert read(answer("FORBIDDEN", plan="starter"), 200) is None
    assert read({"data": {"plan": {"code": "PLAN_LIMIT_REACHED"}}, "errors": []}, 200) is None


def test_json_rpc_errors():
    def answer(words, **data):
        return {
            "jsonrpc": "2.0",
            "id": 7,
            "error": {"code": -32005, "message": words, "data": data},
        }

    details = read(answer("The monthly credits are used up", limit=100), 200)
    assert (details.reason, details.code, details.limit) == ("quota_exceeded", "-32005", 100)
    assert read(answer("Too many requests per second", limit=100), 200) is None
    assert read(answer("insufficient funds for gas"), 200) is None


def test_json_api_errors():
    error = {
        "status": "403",
        "code": "plan_limit_reached",
        "title": "Too many seats",
        "detail": "The Starter plan holds 5 seats",
        "meta": {"plan": "Starter", "limit": 5},
        "links": {"about": "https://docs.example.com/e"},
    }
    details = read({"errors": [error]})
    assert (details.reason, details.code) == ("quota_exceeded", "plan_limit_reached")
    assert (details.plan, details.limit) == ("Starter", 5)
    assert details.message == "The Starter plan holds 5 seats"
    assert details.docs_url == "https://docs.example.com/e"
    wrong = {"code": "invalid_plan", "detail": "plan is none of those on sale"}
    assert read({"errors": [wrong | {"source": {"pointer": "/plan"}}]}, 422) is None


def quota_failure(quota, *more):
    kind = "type.googleapis.com/google.rpc."
    violation = {"quotaMetric": "tides/requests", "quotaId": quota, "quotaValue": "50"}
    return {
        "error": {
            "code": 429,
            "status": "RESOURCE_EXHAUSTED",
            "message": "That was the quota; check plan and billing",
            "details": [{"@type": f"{kind}QuotaFailure", "violations": [violation]}, *more],
        }
    }


def test_google_quotas_of_a_day_and_of_a_minute():
    wait = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "31s"}
    details = read(quota_failure("RequestsPerDayPerProject"), 429)
    assert (details.reason, details.code) == ("quota_exceeded", "RESOURCE_EXHAUSTED")
    assert details.limit == 50
    assert read(quota_failure("RequestsPerMinutePerProject"), 429) is None
    assert read(quota_failure("RequestsPerMinutePerProject", wait), 429) is None
    assert read(quota_failure("RequestsPerProject", wait), 429) is None


def test_google_error_infos():
    def answer(reason):
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
        error = {"code": 403, "status": "PERMISSION_DENIED", "message": "No", "details": [info]}
        return {"error": error}

    details = read(answer("BILLING_DISABLED"))
    assert (details.reason, details.code) == ("billing_inactive", "BILLING_DISABLED")
    assert read(answer("SERVICE_DISABLED")) is None


def test_aws_errors_in_xml_and_json():
    xml = (
        '<?xml version="1.0"?><ErrorResponse><Error><Type>Sender</Type><Code>{}</Code>'
        "<Message>Go on from there</Message></Error><RequestId>0af3-77aa</RequestId>"
        "</ErrorResponse>"
    )
    details = read(xml.format("SubscriptionRequired"))
    assert (details.reason, details.code) == ("subscription_required", "SubscriptionRequired")
    assert (details.message, details.request_id) == ("Go on from there", "0af3-77aa")
    assert read(xml.format("Throttling")) is None
    details = read({"__type": "com.example#OptInRequired", "message": "Go on from there"})
    assert (details.reason, details.code) == ("subscription_required", "OptInRequired")
    assert read({"__type": "com.example#ThrottlingException", "message": "Rate exceeded"}) is None


def test_json_inside_a_string():
    def answer(code):
        inner = {"error": {"code": code, "message": "Nothing came of it", "balance": 0.5}}
        return {"message": f"Upstream said {json.dumps(inner)}"}

    details = read(answer("insufficient_credits"), 500)
    assert (details.reason, details.code) == ("credits_exhausted", "insufficient_credits")
    assert details.balance == Decimal("0.5")
    assert read(answer("internal"), 500) is None


def test_arrays_of_errors():
    details = read([{"code": "no_credits", "message": "The pot is empty", "required": 4}])
    assert (details.reason, details.code) == ("credits_exhausted", "no_credits")
    assert (details.message, details.amount) == ("The pot is empty", 4)
    details = read(["No credits are left, 4 credits are needed"])
    assert (details.reason, details.amount) == ("credits_exhausted", 4)
    assert read([{"code": "forbidden", "message": "Keep out"}]) is None
    assert read(["Keep out", "The name is missing"]) is None


@pytest.mark.parametrize("status", [402, 403])
def test_html_pages(status):
    page = (
        "<!doctype html><html><head><title>Sorry</title><script>let x = 'no credits left'</script>"
        "</head><body><h1>Sorry</h1><p>{}</p></body></html>"
    )
    words = "No credits are left. Buy some at https://app.example.com/billing"
    details = read(page.format(words), status, content_type="text/html")
    assert details.reason == "credits_exhausted"
    assert details.message == words
    assert details.billing_url == "https://app.example.com/billing"
    stopped = page.format("Our firewall stopped you.")
    other = read(stopped, status, content_type="text/html")
    assert other is None if status == 403 else other.reason == "unknown"
