"""Which members of a payload are heard as the error's own words, and which are not."""

from __future__ import annotations

import pytest
from errors import document, read_wording, reason

from payreq import Reason
from payreq.reading.phrases import SENTENCES, TEXT_LIMIT, read_sentences
from payreq.reading.wording import hear


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
        "https://upgrade.example.com/", "https://EXAMPLE.COM/PRICING",
        "http://example.com/x?page=top-up", "https://a.example/subscribe",
    ],
)  # fmt: skip
def test_a_link_to_where_plans_are_bought_tells_what_the_words_are_about(link):
    assert reason({"error": f"Limit reached: {link}"}) is Reason.QUOTA_EXCEEDED


@pytest.mark.parametrize("link", ["https://example.com/docs", "example.com/pricing", "pricing"])
def test_another_link_does_not(link):
    assert reason({"error": f"Limit reached: {link}"}) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://a.example/problems/no-credit", "no-credit"),
        ("https://a.example/problems/no-credit/", "no-credit"),
        ("https://a.example/problems#no-credit", "no-credit"),
        ("urn:example:no-credit", "urn:example:no-credit"),
    ],
)
def test_the_code_of_a_uri_is_its_last_part_and_stands_where_the_uri_does(text, code):
    assert hear(document({"error": {"type": text}})).codes == [(code, "/error/type")]


def test_what_to_do_about_an_error_is_no_code_of_it():
    assert hear(document({"error": {"action": "top_up"}})).codes == []
    tier = {"code": "radius_too_large", "next_action": "upgrade_tier", "message": "Not with Free"}
    verdict = read_wording(document({"error": tier}))
    assert (verdict.reason, verdict.code) == (Reason.PLAN_UPGRADE_REQUIRED, None)


def test_only_what_grpc_says_is_decoded():
    said = {"x-error-code": "a%62c", "grpc-message": "a%62c"}
    assert hear(document("", 403, said)).codes == [
        ("a%62c", "header:x-error-code"),
        ("abc", "header:grpc-message"),
    ]


def test_links_are_no_codes():
    heard = hear(document({"error": {"topup_url": "https://example.com/top-up", "code": "no_way"}}))
    assert [code for code, _ in heard.codes] == ["no_way"]


@pytest.mark.parametrize(
    ("text", "is_code"),
    [
        ("no", False),
        ("new", True),
        ("x" * 200, True),
        ("x" * 201, False),
        ("PAST_MAX", True),
        ("10012", False),
        ("ab\x7fcd", False),
        ("größe", False),
    ],
)
def test_a_code_is_a_word_of_some_length_in_plain_letters(text, is_code):
    assert [code for code, _ in hear(document({"code": text})).codes] == [text] * is_code


@pytest.mark.parametrize(
    "payload",
    [
        {"choices": [{"message": {"content": "You have no credits left"}}]},
        {"document": {"title": "Your subscription has expired"}},
        {"prompt": {"text": "no credits"}},
        {"body": "You have no credits left"},
        {"message": 7},
    ],
)
def test_what_others_wrote_is_not_the_servers_word(payload):
    assert reason(payload) is None


def test_a_bare_string_and_a_header_count_as_words():
    assert reason(["Keep calm", "No credits left"]) is Reason.CREDITS_EXHAUSTED
    assert reason('"No credits left"') is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-error-detail": "No credits left"}) is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-reject-reason": "No credits left"}) is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-motto": "No credits left"}) is None
    assert reason("", 403, {"x-error-detail": "No credits left " + "-" * 3_000}) is None


def test_a_header_is_heard_up_to_a_length():
    words = "No credits left "
    said = {"x-error-detail": words + "-" * (2_499 - len(words))}
    assert reason("", 403, said) is Reason.CREDITS_EXHAUSTED
    assert reason("", 403, {"x-error-detail": said["x-error-detail"] + "-"}) is None


def test_the_words_of_a_plain_body_stand_at_text():
    assert hear(document("NO_CREDITS")).codes == [("NO_CREDITS", "text")]


def test_pages_count_while_they_are_short():
    page = "<html><body><h1>Sorry</h1><p>Your credits are used up.</p>{}</body></html>"
    menu = "<p>" + "All about our company. " * 60 + "</p>"
    assert reason(page.format(""), 403) is Reason.CREDITS_EXHAUSTED
    assert reason(page.format(menu), 403) is None
    assert reason(page.format(menu), 402) is Reason.CREDITS_EXHAUSTED
    assert reason(page.format(menu * 9), 402) is None
    assert reason("Your credits are used up. " + "And so on. " * 300, 403) is None
    assert reason("Your credits are used up.", 200, {"content-type": "text/plain"}) is None


def test_the_page_of_what_is_not_found_is_not_heard_whatever_it_offers():
    offer = "Upgrade to Pro to see the history"
    assert reason({"message": offer}, 404) is Reason.PLAN_UPGRADE_REQUIRED
    assert reason(offer, 404) is Reason.PLAN_UPGRADE_REQUIRED
    assert reason(f"<html><body><p>{offer}</p></body></html>", 404) is None
    assert hear(document("<html><body><p>0</p></body></html>", 404)).ideas == set()


@pytest.mark.parametrize(
    ("status", "form", "longest"),
    [
        (402, "{}", 2_500),
        (403, "{}", 1_250),
        (400, "{}", 1_250),
        (403, "<html><body><p>{}</p></body></html>", 600),
    ],
)
def test_a_text_is_heard_up_to_a_length(status, form, longest):
    words = "No credits left. "
    assert reason(form.format(words + "x" * (longest - len(words))), status) is not None
    assert reason(form.format(words + "x" * (longest + 1 - len(words))), status) is None


def test_only_so_much_of_a_text_is_heard():
    late = "x " * TEXT_LIMIT + "no credits"
    assert reason({"message": late}) is None
    assert len(read_sentences("No credits! " * 5_000)) <= SENTENCES
    many = {"errors": [{"message": "Rate " * 400} for _ in range(500)]}
    assert len(hear(document(many)).sentences) == 24
    headers = {f"x-error-{number}": "No credits" for number in range(40)}
    assert len(hear(document("", 403, headers)).sentences) == 24
    late = {f"n{number}": number for number in range(120)}
    assert hear(document(late | {"plan": 1})).ideas == set()
    late.popitem()
    assert hear(document(late | {"plan": 1})).ideas == {"plan"}
