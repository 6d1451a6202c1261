"""What is weighed against the words of an error: its status, and what stands beside them."""

from __future__ import annotations

import pytest
from errors import document, read_wording, reason
from hypothesis import given
from hypothesis import strategies as st

from payreq import Reason
from payreq.reading.wording import hear


def test_a_window_beside_the_words_outranks_them():
    sentence = "The quota is exceeded, check plan and billing"
    assert reason({"error": {"message": sentence}}, 429) is Reason.QUOTA_EXCEEDED
    for beside in (
        {"details": [{"violations": [{"quotaId": "TokensPerMinutePerKey"}]}]},
        {"details": [{"retryDelay": "17s"}]},
        {"policy": "per second"},
    ):
        assert reason({"error": {"message": sentence, **beside}}, 429) is None
    assert reason({"error": {"message": sentence}, "took": "17s"}, 429) is not None
    assert reason({"message": sentence, "policy": "per second"}, 429) is None
    assert reason({"message": sentence, "motto": "per second"}, 429) is not None


def test_what_stands_beside_an_error_speaks_against_a_refusal_alone():
    assert hear(document({"limit": "credits per second"})).ideas == {"window"}


def test_what_a_429_says_anyway_speaks_against_nothing():
    words = "Your free daily limit is reached"
    assert reason({"code": "TooManyRequests", "message": words}, 429) is Reason.QUOTA_EXCEEDED
    assert reason({"code": "TooManyRequests", "message": words}, 403) is None
    assert reason({"message": f"Too many requests: {words.lower()}"}, 429) is None


@pytest.mark.parametrize("status", [401, 432, 456, 466])
def test_a_bare_limit_is_a_quota_where_no_rate_limit_stands(status):
    assert reason({"message": "Limit exceeded"}, status) is Reason.QUOTA_EXCEEDED
    assert reason({"message": "Limit exceeded: 5 per second"}, status) is None
    assert reason({"message": "Limit exceeded"}, 429) is None
    assert reason({"message": "Limit exceeded"}, 403) is None


def test_the_debts_of_others_are_told_apart_from_service_that_was_not_paid():
    stopped = "Nothing is sent, due to lack of payment. It can resume once that is settled."
    assert reason({"message": stopped}, 400) is Reason.INVOICE_UNPAID
    for words in ("The order was cancelled for lack of payment", "The invoice is overdue"):
        assert reason({"message": words}, 400) is None


def test_a_short_retry_after_outranks_a_quota_without_a_month():
    weak = {"message": "Quota exceeded", "plan": "free"}
    assert reason(weak, 429) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "30"}) is None
    assert reason(weak, 429, {"retry-after": "90000"}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "9000"}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "3601"}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "3600"}) is None
    assert reason(weak, 429, {"retry-after": "1"}) is None
    assert reason(weak, 429, {"retry-after": "9" * 5_000}) is Reason.QUOTA_EXCEEDED
    assert reason(weak, 429, {"retry-after": "Fri, 25 Dec 2026 00:00:00 GMT"}) is not None
    month = {"message": "Monthly quota exceeded"}
    assert reason(month, 429, {"retry-after": "30"}) is Reason.QUOTA_EXCEEDED


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("credits", "credits_exhausted"),
        ("Look at your balance", "credits_exhausted"),
        ("Mind the credit card", "payment_method_required"),
        ("Pay the bill", "invoice_unpaid"),
        ("About your trial", "trial_expired"),
        ("Think of the budget", "spend_limit_reached"),
        ("3 seats allowed", "plan_upgrade_required"),
        ("limit reached, 20 requests per minute", "quota_exceeded"),
        ("Use is limited", "quota_exceeded"),
        ("quota", "quota_exceeded"),
        ("upgrade", "plan_upgrade_required"),
        ("please subscribe", "subscription_required"),
        ("Payment required", "unknown"),
        ("The free plan is used up", "quota_exceeded"),
        ("Requests in flight hold the balance", "credits_exhausted"),
        ("The budget is reserved for now", "spend_limit_reached"),
        ("Payment failed, choose another card", "payment_failed"),
        ("Not enough stars", "credits_exhausted"),
    ],
)
def test_on_a_402_a_hint_names_the_cause(words, cause):
    assert reason({"message": words}, 402) == cause


def test_a_402_about_concurrency_or_memory_is_no_billing_matter():
    for words in (
        "Too many runs in parallel",
        "Too many requests in flight",
        "Not so much memory, 4096 MB at once",
    ):
        verdict = read_wording(document({"message": words}, 402))
        assert verdict is not None
        assert verdict.reason is None
        assert reason({"message": words}, 429) is None


def test_a_402_that_asks_for_a_second_factor_is_no_billing_matter():
    verdict = read_wording(document({"message": "Send the verification code for the payment"}, 402))
    assert verdict is not None
    assert verdict.reason is None


def test_a_short_wait_may_stand_in_a_member():
    weak = {"message": "Quota exceeded", "plan": "free"}
    assert reason(weak | {"retry_after": "30s"}, 429) is None
    assert reason(weak | {"resetInSeconds": 90_000}, 429) is Reason.QUOTA_EXCEEDED
    for wait in (1, 30, 3_600):
        assert reason(weak | {"retry_after": wait}, 429) is None
    for wait in (0, 3_601, "later"):
        assert reason(weak | {"retry_after": wait}, 429) is Reason.QUOTA_EXCEEDED
    assert reason(weak | {"took": 30}, 429) is Reason.QUOTA_EXCEEDED


def test_where_money_is_known_to_be_the_matter_a_hint_is_enough_too():
    hint = document({"message": "Mind your balance"}, 400)
    assert read_wording(hint) is None
    verdict = read_wording(hint, about_money=True)
    assert verdict is not None
    assert verdict.reason is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize("code", [{"code": 402}, {"status": {"code": 402}}, {"statusCode": 402}])
def test_a_payload_that_calls_itself_a_402_is_read_as_one(code):
    assert reason(code | {"message": "Quota exceeded"}, 403) is Reason.QUOTA_EXCEEDED
    assert reason({"count": 402, "message": "Quota exceeded"}, 403) is None


def test_what_can_be_afforded_concerns_the_request_alone():
    verdict = read_wording(document({"message": "You can only afford 90 tokens"}, 402))
    assert verdict is not None
    assert (verdict.reason, verdict.scope) == (Reason.CREDITS_EXHAUSTED, "request")
    other = read_wording(document({"message": "No credits"}, 402))
    assert other is not None
    assert other.scope is None


def test_the_phrases_that_matched_are_the_evidence():
    verdict = read_wording(document({"message": "Your credits have run out"}))
    assert verdict is not None
    assert verdict.evidence == ("credits", "run out")
    assert verdict.certainty == "wording"
    assert verdict.code is None


def test_a_code_is_read_as_words_and_named():
    verdict = read_wording(document({"error": {"code": "teamCreditsDepleted"}}))
    assert verdict is not None
    assert (verdict.reason, verdict.code) == (Reason.CREDITS_EXHAUSTED, "teamCreditsDepleted")


def test_the_end_of_a_problems_uri_is_read_as_words():
    verdict = read_wording(document({"type": "https://example.com/problems/team-credits-depleted"}))
    assert verdict is not None
    assert (verdict.reason, verdict.code) == (Reason.CREDITS_EXHAUSTED, "team-credits-depleted")


def test_a_sentence_without_spaces_is_no_code():
    verdict = read_wording(document({"message": "餘額不足"}))
    assert verdict is not None
    assert verdict.code is None


@given(st.integers(100, 599), st.text(max_size=300), st.booleans())
def test_no_text_makes_it_raise(status, text, about_money):
    for payload in (text, {"error": text}, {"message": [text], "retry": text}):
        read_wording(document(payload, status), about_money=about_money)
