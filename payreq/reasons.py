"""Why a request was refused for money, and what each reason means for everything else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The cause of a billing refusal."""

    CREDITS_EXHAUSTED = "credits_exhausted"
    QUOTA_EXCEEDED = "quota_exceeded"
    SPEND_LIMIT_REACHED = "spend_limit_reached"
    SUBSCRIPTION_REQUIRED = "subscription_required"
    SUBSCRIPTION_EXPIRED = "subscription_expired"
    TRIAL_EXPIRED = "trial_expired"
    INVOICE_UNPAID = "invoice_unpaid"
    PLAN_UPGRADE_REQUIRED = "plan_upgrade_required"
    BILLING_INACTIVE = "billing_inactive"
    PAYMENT_METHOD_REQUIRED = "payment_method_required"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_CHALLENGE = "payment_challenge"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason entails.

    Attributes:
        exception: The name of the exception class raised for it.
        restricts_access: Whether the feature stays off until something is settled;
            only then is it blocked.
        title: The cause in a few words, in English, for developers and logs.
    """

    exception: str
    restricts_access: bool
    title: str


MEANINGS: dict[Reason, Meaning] = {
    Reason.CREDITS_EXHAUSTED: Meaning("CreditsExhausted", True, "the credits are used up"),
    Reason.QUOTA_EXCEEDED: Meaning("QuotaExceeded", True, "the plan's allowance is used up"),
    Reason.SPEND_LIMIT_REACHED: Meaning("SpendLimitReached", True, "the spending limit is reached"),
    Reason.SUBSCRIPTION_REQUIRED: Meaning("SubscriptionRequired", True, "a subscription is needed"),
    Reason.SUBSCRIPTION_EXPIRED: Meaning("SubscriptionExpired", True, "the subscription has ended"),
    Reason.TRIAL_EXPIRED: Meaning("TrialExpired", True, "the trial has ended"),
    Reason.INVOICE_UNPAID: Meaning("InvoiceUnpaid", True, "an invoice is unpaid"),
    Reason.PLAN_UPGRADE_REQUIRED: Meaning(
        "PlanUpgradeRequired", True, "the plan does not include this"
    ),
    Reason.BILLING_INACTIVE: Meaning("BillingInactive", True, "billing is not active"),
    Reason.PAYMENT_METHOD_REQUIRED: Meaning(
        "PaymentMethodRequired", True, "a payment method is needed"
    ),
    Reason.PAYMENT_FAILED: Meaning("PaymentFailed", False, "the payment did not go through"),
    Reason.PAYMENT_CHALLENGE: Meaning("PaymentChallenge", False, "the request must be paid for"),
    Reason.UNKNOWN: Meaning("PaymentRequired", True, "payment is required"),
}
