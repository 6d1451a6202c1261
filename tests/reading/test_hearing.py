"""Which members of a payload are heard as the error's own words, and which are not."""

from __future__ import annotations

import json

import pytest

from payreq import Reason
from payreq.reading.document import read_document
from payreq.reading.wording import hear, read_wording


def document(payload, status=403, headers=None):
    return read_document(status, headers or {}, json.dumps(payload).encode())


def reason(payload, status=403, headers=None):
    verdict = read_wording(document(payload, status, headers))
    return None if verdict is None else verdict.reason


@pytest.mark.parametrize(
    "member",
    [
        "accountStatus", "api-errors", "billing_status", "cause", "code", "detail", "details",
        "description", "ecode", "err", "error", "error_text", "errTxt", "explanation", "fault",
        "faultstring", "help", "hint", "info", "information", "kind", "longDescription", "message",
        "msg", "name", "note", "reason", "reasons", "result", "result_desc", "returnMsg", "status",
        "descInfo", "heading", "resultInfo", "resultText", "statusText", "subscriptionStatus",
        "summary", "tag", "text", "title", "type", "userMessage",
    ],
)  # fmt: skip
def test_a_member_speaks_for_the_error_if_its_name_says_so(member):
    assert reason({member: "No credits left"}) is Reason.CREDITS_EXHAUSTED
    assert reason({"data": {member: ["No credits left"]}}) is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize("member", ["body", "bio", "motto", "terms"])
def test_other_members_do_not_speak_for_it_unless_they_stand_in_it(member):
    assert reason({member: "No credits left"}) is None
    assert reason({"error": {member: "No credits left"}}) is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize(
    "member",
    [
        "attachments", "choices", "comment", "comments", "content", "document", "documents",
        "input", "item", "items", "params", "post", "posts", "prompt", "query", "request",
        "ticket", "value", "variables",
    ],
)  # fmt: skip
def test_what_may_quote_the_caller_is_not_heard_wherever_it_stands(member):
    assert reason({"error": {member: "No credits left"}}) is None
    assert reason({member: [{"message": "No credits left"}]}) is None


@pytest.mark.parametrize("member", ["help_href", "docs_link", "errorUri", "topup_url"])
def test_links_are_no_words_of_the_error(member):
    assert hear(document({"error": {member: "https://example.com/out-of-credits"}})).codes == []


@pytest.mark.parametrize(
    "member",
    [
        "user_group", "interval", "limits", "period", "policyName", "quotaId", "rates",
        "retry_info", "window",
    ],
)  # fmt: skip
def test_a_window_is_heard_in_what_names_a_limit(member):
    words = {"message": "The quota is exceeded, check plan and billing"}
    assert reason(words, 429) is Reason.QUOTA_EXCEEDED
    assert reason(words | {member: "CallsPerMinute"}, 429) is None


@pytest.mark.parametrize(
    "policy", ["a rate limit", "per second", "two concurrent jobs", "shed when overloaded"]
)
def test_a_limit_that_passes_is_heard_beside_an_error(policy):
    words = {"message": "The quota is exceeded, check plan and billing"}
    assert reason(words | {"policy": policy}, 429) is None
    assert reason(words | {"policy": "of the plan"}, 429) is Reason.QUOTA_EXCEEDED


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/pricing", "https://example.com/account/billing", "https://a.example/#plans",
        "https://upgrade.example.com/", "http://example.com/x?page=top-up", "https://a.example/subscribe",
    ],
)  # fmt: skip
def test_a_link_to_where_plans_are_bought_tells_what_the_words_are_about(link):
    assert reason({"error": f"Limit reached: {link}"}) is Reason.QUOTA_EXCEEDED


@pytest.mark.parametrize("link", ["https://example.com/docs", "example.com/pricing", "pricing"])
def test_another_link_does_not(link):
    assert reason({"error": f"Limit reached: {link}"}) is None
