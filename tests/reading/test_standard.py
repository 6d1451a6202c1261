from __future__ import annotations

import pytest
from errors import document, read_standard, reason
from hypothesis import given
from hypothesis import strategies as st

from payreq import Reason
from payreq.reading.document import read_document
from payreq.reading.standard import own_problem


@pytest.mark.parametrize(
    ("payload", "reason", "code", "place"),
    [
        ({"code": "NO_CREDITS_LEFT"}, "credits_exhausted", "NO_CREDITS_LEFT", "/code"),
        ({"error": {"type": "ZeroBalanceError"}}, "credits_exhausted", "ZeroBalanceError", None),
        ({"error": "out-of-credits"}, "credits_exhausted", "out-of-credits", "/error"),
        ({"errors": [{"reason": "trialEnded"}]}, "trial_expired", "trialEnded", None),
        (
            {"errors": [{"message": "No.", "extensions": {"code": "PREMIUM_ONLY"}}]},
            "plan_upgrade_required",
            "PREMIUM_ONLY",
            "/errors/0/extensions/code",
        ),
        ({"error": {"details": [{"reason": "BILLING_DISABLED"}]}}, "billing_inactive", None, None),
        (
            {"__type": "com.example.api#SubscriptionRequiredException"},
            "subscription_required",
            "SubscriptionRequiredException",
            "/type",
        ),
        (
            {"message": 'upstream said {"error_code": "past_due"}'},
            "invoice_unpaid",
            "past_due",
            "/message/embedded/errorcode",
        ),
        ([{"errorCode": "SPEND_LIMIT_REACHED"}], "spend_limit_reached", None, None),
        ({"name": "no_payment_method"}, "payment_method_required", None, None),
        ({"status": "subscription_expired"}, "subscription_expired", None, None),
        (b"<Error><Code>MonthlyLimitExceeded</Code></Error>", "quota_exceeded", None, "/code"),
        (
            {"type": "https://api.example.com/problems/out-of-credit/"},
            "credits_exhausted",
            "out-of-credit",
            "/type",
        ),
        ({"type": "https://example.com/errors#budget-exceeded"}, "spend_limit_reached", None, None),
        (
            {"error": "No", "reasons": ["not-enough-credits"]},
            "credits_exhausted",
            None,
            "/reasons/0",
        ),
        ({"code": "no", "billing_status": "past_due"}, "invoice_unpaid", None, None),
    ],
)
def test_a_shared_code_says_it_wherever_codes_stand(payload, reason, code, place):
    verdict = read_standard(document(payload))
    assert verdict is not None
    assert (verdict.reason, verdict.certainty) == (reason, "standard")
    if code is not None:
        assert verdict.code == code
    if place is not None:
        assert verdict.evidence == (f"code {verdict.code} at {place}",)


def test_a_code_may_stand_in_a_header_alone():
    verdict = read_standard(document(b"", 403, {"x-error-code": "PLAN_REQUIRED"}))
    assert verdict is not None
    assert verdict.reason is Reason.PLAN_UPGRADE_REQUIRED
    assert verdict.evidence == ("code PLAN_REQUIRED at header:x-error-code",)


def test_a_code_may_be_all_that_a_body_holds():
    verdict = read_standard(document(b"ZERO_BALANCE"))
    assert verdict is not None
    assert verdict.evidence == ("code ZERO_BALANCE at text",)


def test_a_declined_card_is_a_failed_payment_whatever_the_bank_adds():
    payload = {"error": {"code": "card_declined", "decline_code": "insufficient_funds"}}
    verdict = read_standard(document(payload, 402))
    assert verdict is not None
    assert verdict.reason is Reason.PAYMENT_FAILED


def test_a_certain_code_goes_before_one_that_has_two_meanings():
    payload = {"code": "limit_reached", "error_code": "trial_expired", "plan": "free"}
    verdict = read_standard(document(payload))
    assert verdict is not None
    assert (verdict.reason, verdict.code) == (Reason.TRIAL_EXPIRED, "trial_expired")
    assert verdict.certainty == "standard"


def test_a_code_that_names_a_cause_goes_before_one_that_says_only_payment():
    verdict = read_standard(document({"code": "payment_required", "type": "insufficient_quota"}))
    assert (verdict.reason, verdict.code) == (Reason.CREDITS_EXHAUSTED, "insufficient_quota")
    assert verdict.certainty == "standard"


def test_a_code_that_its_status_belies_leaves_the_next_one_to_decide():
    payload = {"code": "subscription_not_active", "type": "insufficient_credits"}
    verdict = read_standard(document(payload, 404))
    assert (verdict.reason, verdict.code) == (Reason.CREDITS_EXHAUSTED, "insufficient_credits")


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_code_with_two_meanings_is_nothing_without_words_of_billing(status):
    assert read_standard(document({"code": "quota_exceeded"}, status)) is None
    assert read_standard(document({"code": "LimitExceededException"}, status)) is None


@pytest.mark.parametrize(
    "beside",
    [
        {"message": "The plan allows no more"},
        {"message": "Over for this month"},
        {"message": "See the billing status"},
        {"message": "Mind the budget"},
        {"message": "Others are for paid accounts"},
        {"message": "Mind the subscription"},
        {"message": "Please upgrade"},
        {"plan_type": "free"},
        {"credits_left": 3},
        {"upgrade_url": "https://example.com/plans"},
    ],
)
def test_words_or_members_of_billing_bear_an_ambiguous_code_out(beside):
    verdict = read_standard(document({"code": "usage_limit_reached", **beside}, 429))
    assert verdict is not None
    assert verdict.reason is Reason.QUOTA_EXCEEDED


@pytest.mark.parametrize(
    "beside",
    [
        {"message": "The plan allows 30 requests per minute"},
        {"message": "Your plan runs two jobs concurrently"},
        {"message": "Throttled. See your plan."},
        {"message": "Check plan", "details": [{"quotaId": "CallsPerMinutePerUser"}]},
        {"message": "Check plan", "details": [{"retryDelay": "21s"}]},
    ],
)
@pytest.mark.parametrize("code", ["RESOURCE_EXHAUSTED", "insufficient_quota", "plan_limit_reached"])
def test_a_rate_or_a_short_window_outranks_the_code(code, beside):
    assert read_standard(document({"error": {"code": code, **beside}}, 429)) is None


def test_a_short_wait_makes_an_ambiguous_code_a_rate_limit_unless_a_month_is_named():
    soon = {"retry-after": "90"}
    plan = {"code": "quota_exceeded", "message": "See your plan"}
    month = {"code": "quota_exceeded", "message": "Over for this month"}
    assert read_standard(document(plan, 429, soon)) is None
    assert read_standard(document(plan, 429, {"retry-after": "86400"})) is not None
    assert read_standard(document(month, 429, soon)) is not None


@pytest.mark.parametrize("status", [401, 402, 432, 456])
def test_a_status_no_rate_limit_has_makes_an_ambiguous_code_certain(status):
    verdict = read_standard(document({"code": "quota_exceeded"}, status))
    assert verdict is not None
    assert verdict.reason is Reason.QUOTA_EXCEEDED
    for code in ("quota_exceeded", "free_quota_exceeded"):
        minute = {"code": code, "message": "30 requests per minute"}
        assert read_standard(document(minute, status)).reason is Reason.QUOTA_EXCEEDED
    parallel = {"code": "quota_exceeded", "message": "Two concurrent runs at most"}
    assert read_standard(document(parallel, status)) is None


def test_a_402_about_concurrency_or_a_service_quota_is_no_billing_matter():
    for code in ("concurrency_limit_reached", "ServiceQuotaExceededException"):
        verdict = read_standard(document({"code": code}, 402))
        assert verdict is not None
        assert verdict.reason is None
        assert read_standard(document({"code": code}, 429)) is None


def test_a_code_that_says_only_payment_takes_its_cause_from_the_words():
    worded = read_standard(document({"code": "payment_required", "message": "Add credit"}, 400))
    assert worded is not None
    assert worded.reason is Reason.CREDITS_EXHAUSTED
    assert worded.certainty == "wording"
    bare = read_standard(document({"code": "payment_needed", "message": "No"}, 403))
    assert bare is not None
    assert (bare.reason, bare.certainty) == (Reason.UNKNOWN, "standard")
    assert read_standard(document({"code": "payment_required"}, 409)) is None


@pytest.mark.parametrize("words", ["Too many runs in parallel", "Send the verification code"])
def test_a_code_that_repeats_the_status_makes_no_refusal_of_other_matters(words):
    verdict = read_standard(document({"code": "payment_required", "message": words}, 402))
    assert verdict is not None
    assert verdict.reason is None


@pytest.mark.parametrize("status", [400, 404, 409, 410, 422])
def test_the_state_of_a_customers_subscription_is_not_the_callers(status):
    theirs = {"code": "subscription_not_active", "detail": "only active ones can be billed"}
    assert read_standard(document(theirs, status)) is None
    for beside in (
        {"detail": "Your trial"},
        {"detail": "The account is closed"},
        {"detail": "Please upgrade"},
        {"detail": "Restore access"},
        {"upgrade_url": "https://example.com/plans"},
    ):
        verdict = read_standard(document({"code": "trial_expired", **beside}, status))
        assert verdict is not None
        assert verdict.reason is Reason.TRIAL_EXPIRED


def test_a_balance_that_a_request_conflicts_with_may_be_one_of_days():
    days = {"error": "INSUFFICIENT_BALANCE", "available": 2}
    assert read_standard(document(days, 409)) is None
    assert reason(days, 409) is None
    assert read_standard(document(days, 402)).reason is Reason.CREDITS_EXHAUSTED
    assert read_standard(document(days, 422)).reason is Reason.CREDITS_EXHAUSTED
    for beside in ({"message": "Top up your account"}, {"code": "insufficient_credits"}):
        assert read_standard(document(days | beside, 409)).reason is Reason.CREDITS_EXHAUSTED
    assert reason({"message": "Insufficient balance, add funds"}, 409) is Reason.CREDITS_EXHAUSTED


def test_a_method_that_a_payment_lacks_is_the_callers_only_with_words_that_say_so():
    bare = {"code": "payment_method_required"}
    assert read_standard(document(bare, 400)) is None
    verdict = read_standard(document(bare | {"message": "Add one to your account"}, 400))
    assert verdict.reason is Reason.PAYMENT_METHOD_REQUIRED
    assert read_standard(document(bare, 403)).reason is Reason.PAYMENT_METHOD_REQUIRED


def test_the_budget_of_a_server_that_failed_may_be_one_of_time():
    budget = {"error": "budget_exceeded", "budget_ms": 5000}
    late = budget | {"message": "Insufficient time for this search"}
    for error in (budget, late):
        for status in (500, 503):
            assert read_standard(document(error, status)) is None
    assert read_standard(document({"code": "lost_card"}, 500)).reason is Reason.PAYMENT_FAILED
    assert read_standard(document(budget, 403)).reason is Reason.SPEND_LIMIT_REACHED
    plan = budget | {"message": "Upgrade the plan"}
    assert read_standard(document(plan, 503)).reason is Reason.SPEND_LIMIT_REACHED


def test_the_last_part_of_a_code_may_say_it():
    said = read_standard(document({"code": "api.errors.InsufficientBalance"}))
    assert said.reason is Reason.CREDITS_EXHAUSTED
    assert read_standard(document({"code": "billing.disabled"})).reason is Reason.BILLING_INACTIVE
    body = {"Response": {"Error": {"Code": "InvalidAccount.InsufficientBalance"}}}
    for status in (200, 403):
        verdict = read_standard(document(body, status))
        assert verdict is not None
        assert verdict.code == "InvalidAccount.InsufficientBalance"
        assert verdict.reason is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize("code", ["ERROR_ZERO_BALANCE", "err-zero-balance", "zeroBalanceException"])
def test_that_a_code_calls_itself_an_error_changes_nothing(code):
    assert read_standard(document({"code": code})).reason is Reason.CREDITS_EXHAUSTED


def test_what_is_told_of_a_subscription_is_no_code_of_the_error():
    verdict = read_standard(document({"code": "no", "subscription_status": "past_due"}))
    assert verdict is not None
    assert (verdict.reason, verdict.code) == (Reason.INVOICE_UNPAID, None)
    assert verdict.evidence == ("code past_due at /subscriptionstatus",)


def test_of_two_codes_that_say_the_same_the_one_called_so_is_told():
    for kind, code in (
        ("insufficient_credits", "credits_insufficient"),
        ("credits_insufficient", "insufficient_credits"),
    ):
        verdict = read_standard(document({"error": {"type": kind, "code": code}}))
        assert verdict is not None
        assert verdict.code == code


def test_a_limit_of_the_plan_may_be_a_thing_that_it_does_not_hold():
    def read(words):
        return read_standard(document({"code": "PLAN_LIMIT", "message": words}, 402))

    assert read("The plan does not include exports").reason is Reason.PLAN_UPGRADE_REQUIRED
    assert read("No more").reason is Reason.QUOTA_EXCEEDED


def test_an_upgrade_that_is_required_is_one_of_the_plan_on_a_402_alone():
    payload = {"code": "upgrade_required", "message": "The client is too old, upgrade it"}
    assert read_standard(document(payload, 426)) is None
    verdict = read_standard(document(payload, 402))
    assert verdict is not None
    assert verdict.reason is Reason.PLAN_UPGRADE_REQUIRED


def test_what_is_advised_is_no_code():
    payload = {"error": "Nope", "details": {"recommendedAction": {"code": "upgrade_plan"}}}
    assert read_standard(document(payload)) is None


def test_an_ambiguous_code_yields_to_the_words_beside_it():
    def read(words):
        return read_standard(document({"code": "usage_limit_exceeded", "message": words}, 402))

    assert read("Add credits to go on").reason is Reason.CREDITS_EXHAUSTED
    assert read("Not now").reason is Reason.QUOTA_EXCEEDED
    assert read("Look at the trial").reason is Reason.QUOTA_EXCEEDED


def test_a_code_in_a_success_counts_only_beside_a_failure():
    assert read_standard(document({"success": True, "code": "zero_balance"}, 200)) is None
    verdict = read_standard(document({"success": False, "code": "zero_balance"}, 200))
    assert verdict is not None
    assert verdict.reason is Reason.CREDITS_EXHAUSTED


@pytest.mark.parametrize(
    "payload",
    [
        {"code": "rate_limit_exceeded"},
        {"code": "permission_denied"},
        {"code": "validation_failed"},
        {"code": "SubscriptionNotFound"},
        {"code": 1008},
        {"type": "about:blank"},
        {"type": "https://iana.org/assignments/http-problem-types#quota-exceeded"},
        {"choices": [{"code": "no_credits"}]},
    ],
)
def test_codes_of_other_matters_say_nothing(payload):
    assert read_standard(document(payload, 429)) is None


@given(st.integers(100, 599), st.binary(max_size=300), st.text(max_size=40))
def test_nothing_makes_either_reader_raise(status, body, name):
    read = read_document(status, {name: name, "retry-after": name}, body)
    read_standard(read)
    own_problem(read)
