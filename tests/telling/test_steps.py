from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq import Challenge, Reason
from payreq.credentials import Credential
from payreq.details import PaymentDetails
from payreq.safety import typeset
from payreq.telling.steps import fix_steps


def heads(steps):
    return [step.split(":")[0].split(",")[0] for step in steps]


def test_the_steps_of_an_empty_balance_in_their_order(refused, about):
    subject = refused(
        message="Out of credit.",
        request_id="req_1",
        account_id="org_1",
        docs_url="https://example.com/docs",
        credential=Credential("bearer token", "abcd"),
    )
    assert fix_steps(subject, about=about) == (
        (
            "Understand the cause: the credits are used up at Example Corp; sending the request "
            "again does not change that."
        ),
        (
            "Look at the dashboard, at the balance, the usage and open invoices: "
            "https://console.examplecorp.test/billing"
        ),
        "Check the key (bearer token …abcd): it speaks for org_1; is that the account you pay for?",
        "Read the provider's words: “Out of credit.” More: https://example.com/docs",
        "Change the app: warn before the credits run out, and ask for no more than is needed.",
        "Refresh credentials only once the payment is confirmed; then call guard.billing_fixed().",
        (
            "Ask support last, with the request id req_1 and support_report(): "
            "https://help.examplecorp.test/new"
        ),
    )


def test_little_is_known_and_the_steps_still_stand(refused):
    steps = fix_steps(refused(origin=None))
    assert heads(steps) == [
        "Understand the cause",
        "Look at the provider's dashboard",
        "Check the key",
        "Change the app",
        "Refresh credentials only once the payment is confirmed; then call guard.billing_fixed().",
        "Ask support last",
    ]
    assert "{" not in "".join(steps)


def test_a_plan_is_checked_where_it_matters(refused):
    steps = fix_steps(
        refused(
            "plan_upgrade_required",
            plan="free",
            required_plan="pro",
            upgrade_url="https://example.com/plans",
            named="gpt-9",
        )
    )
    assert any(
        step == "Check the plan: it is free, and pro is needed. Plans: https://example.com/plans"
        for step in steps
    )
    assert any("do without gpt-9" in step for step in steps)
    assert not any("Check the plan" in step for step in fix_steps(refused()))


@pytest.mark.parametrize("reason", ["payment_failed", "payment_challenge"])
def test_where_nothing_is_off_no_key_and_no_dashboard_matters(refused, reason):
    steps = fix_steps(refused(reason))
    assert heads(steps) == ["Understand the cause", "Change the app", "Ask support last"]


def test_a_protocol_is_named(refused):
    subject = refused("payment_challenge", challenges=(Challenge(protocol="x402"),))
    assert any("speaks x402" in step for step in fix_steps(subject))


def test_a_request_that_is_too_expensive_asks_for_less(refused):
    assert any("ask for less at once" in step for step in fix_steps(refused(scope="request")))


def test_a_gateways_own_bill_is_left_to_it(refused):
    steps = fix_steps(refused(payer="upstream"))
    assert "nothing is due from here" in steps[0]
    assert not any("billing_fixed" in step or "dashboard" in step for step in steps)


def test_an_unverified_link_is_only_named(refused):
    steps = fix_steps(refused(billing_url="https://evil.test/pay?x=1"))
    assert any("links in the answer that lead to evil.test" in step for step in steps)
    assert not any("https://evil.test" in step for step in steps)


def test_a_support_page_is_given_only_if_it_is_one(refused):
    about = SimpleNamespace(title="Corp", support_url="http://corp.test/help", hosts=())
    assert fix_steps(refused(), about=about)[-1] == "Ask support last, with support_report()."


@given(
    st.sampled_from(list(Reason)),
    st.dictionaries(
        st.sampled_from(["plan", "required_plan", "message", "feature", "account_id"]),
        st.text(min_size=1, max_size=30),
    ),
    st.sampled_from([None, "account", "feature", "request"]),
    st.sampled_from([None, "caller", "upstream"]),
)
def test_steps_start_with_the_cause_and_end_with_support(reason, facts, scope, payer):
    details = PaymentDetails(reason=reason, status=402, scope=scope, payer=payer, **facts)
    subject = SimpleNamespace(
        details=details,
        reason=reason,
        feature=None,
        origin=None,
        credential=None,
        block=None,
    )
    steps = fix_steps(subject)
    assert steps[0].startswith("Understand the cause")
    assert steps[-1].startswith("Ask support last")
    assert all(step == typeset(step) for step in steps)


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        (Reason.CREDITS_EXHAUSTED, "Change the app: ask for less at once"),
        (Reason.PAYMENT_FAILED, "Change the app: ask the payer for another payment method"),
        (Reason.PAYMENT_CHALLENGE, "Change the app: let a client pay"),
    ],
)
def test_only_what_costs_too_much_at_once_is_to_be_made_smaller(refused, reason, step):
    steps = fix_steps(refused(reason=reason, scope="request"))
    assert any(each.startswith(step) for each in steps)
