from __future__ import annotations

import json

import pytest

from payreq import Reason, reading
from payreq.reading.passing import clears_by_itself

HELD = "Requests in flight hold what is left of the balance."


def read(body, status=402, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reading.read(status, named, json.dumps(body).encode(), url="https://api.example.com/v1")


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        ({"error": "No", "balance": 12.5}, "20"),
        ({"error": "No", "balance": 12.5, "cost": 12.5}, "900"),
        ({"code": "payment_required", "message": "No", "remaining": "3 credits"}, "5"),
        ({"message": "Wait a little: your balance is $4.10"}, "20"),
        ({"message": HELD}, "20"),
        ({"message": HELD}, None),
        ({"code": "insufficient_credits", "message": HELD}, "20"),
        ({"code": "credits_reserved", "message": "Hold on"}, "20"),
        ({"message": "The budget is reserved by requests under way"}, "20"),
    ],
)
def test_a_402_that_clears_by_itself_is_a_refusal_that_may_be_tried_again(body, wait):
    details = read(body, **({} if wait is None else {"retry_after": wait}))
    assert details.retryable is True
    assert details.retry_after == (None if wait is None else float(wait))


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        ({"error": "No", "balance": 12.5}, None),
        ({"error": "No", "balance": 12.5}, "901"),
        ({"error": "No", "balance": 0}, "20"),
        ({"error": "No", "balance": 2, "cost": 5}, "20"),
        ({"error": "No"}, "20"),
        ({"message": HELD}, "86400"),
        ({"message": HELD, "balance": -1}, "20"),
        ({"code": "trial_expired", "balance": 12.5}, "20"),
        ({"message": "Exports are reserved for the Pro plan; all rights reserved"}, "20"),
    ],
)
def test_a_402_that_only_a_payment_cures_is_not_called_so(body, wait):
    assert read(body, **({} if wait is None else {"retry_after": wait})).retryable is None


def test_what_the_payload_says_of_trying_again_stands():
    assert read({"message": HELD, "retryable": False}, retry_after="20").retryable is False


def test_a_402_about_requests_in_flight_alone_is_no_refusal():
    assert read({"message": "Too many requests in flight"}, retry_after="20") is None


def test_other_statuses_are_not_judged_so():
    refusal = read({"code": "insufficient_credits", "balance": 2}, 403, retry_after="20")
    assert refusal.reason is Reason.CREDITS_EXHAUSTED
    assert refusal.retryable is None


@pytest.mark.parametrize("reason", list(Reason))
def test_a_plan_a_card_or_an_invoice_does_not_change_by_waiting(reason):
    may_pass = {"credits_exhausted", "quota_exceeded", "spend_limit_reached", "unknown"}
    assert clears_by_itself(reason, {"balance": 5, "retry_after": 9.0}) is (reason in may_pass)
