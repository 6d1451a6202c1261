"""The sentences of messages, as data.

Each is whole, with named placeholders, so that a catalogue can be put under it. Where several
stand in a row, the first whose placeholders are all known is said. They follow the rules for
such messages: the effect before the cause, exact numbers, one next step; no code, no blame, no
"please", nothing that is not known.
"""

from __future__ import annotations

from payreq.reasons import Reason

Options = tuple[str, ...]

PAUSED: Options = (
    "{feature} is paused",
    "A feature that uses {service} is paused",
    "A feature is paused",
)
ONCE: Options = (
    "{feature} did not go through this time",
    "A request to {service} did not go through",
    "A request did not go through",
)
ONCE_VISITOR: Options = (
    "{feature} did not go through this time",
    "This did not go through this time",
)
RESTS: Options = ("{feature} is resting for now", "This feature is resting for now")

TITLES: dict[Reason, Options] = {
    Reason.PLAN_UPGRADE_REQUIRED: (
        "{feature} is not part of the current plan",
        "This is not part of the current plan at {service}",
        "This is not part of the current plan",
    ),
    Reason.PAYMENT_FAILED: ("The payment did not go through",),
    Reason.PAYMENT_CHALLENGE: (
        "{feature} is paid for request by request",
        "{service} is paid for request by request",
        "This is paid for request by request",
    ),
}
"""Titles of reasons that say more than that a feature is paused."""

CAUSES: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: (
        "The balance at {service} is {balance}, and this needs {price}.",
        "The balance at {service} is {balance}, which is not enough.",
        "The credits at {service} are used up.",
        "The credits are used up.",
    ),
    Reason.QUOTA_EXCEEDED: (
        "The allowance at {service} is used up: {usage}.",
        "The allowance of {limit} at {service} is used up.",
        "The allowance at {service} is used up.",
        "The plan's allowance is used up.",
    ),
    Reason.SPEND_LIMIT_REACHED: (
        "The spending limit at {service} is reached: {usage}.",
        "The spending limit of {limit} at {service} is reached.",
        "The spending limit at {service} is reached.",
        "The spending limit that was set is reached.",
    ),
    Reason.SUBSCRIPTION_REQUIRED: (
        "{service} offers this to subscribers.",
        "This is offered to subscribers.",
    ),
    Reason.SUBSCRIPTION_EXPIRED: (
        "The subscription at {service} is not active.",
        "The subscription is not active.",
    ),
    Reason.TRIAL_EXPIRED: ("The trial at {service} has ended.", "The trial has ended."),
    Reason.INVOICE_UNPAID: (
        "An invoice of {due} at {service} is open.",
        "An invoice at {service} is open.",
        "An invoice is open.",
    ),
    Reason.PLAN_UPGRADE_REQUIRED: (
        "It needs the plan {required_plan} at {service}; the current one is {plan}.",
        "It needs the plan {required_plan} at {service}.",
        "The plan {plan} at {service} does not include it.",
        "The plan at {service} does not include it.",
        "The plan does not include it.",
    ),
    Reason.BILLING_INACTIVE: (
        "Billing at {service} is not active for this account.",
        "Billing is not active for this account.",
    ),
    Reason.PAYMENT_METHOD_REQUIRED: (
        "{service} has no payment method that it can use.",
        "There is no payment method that can be used.",
    ),
    Reason.PAYMENT_FAILED: (
        "The payment of {price} was not accepted.",
        "The payment was not accepted.",
    ),
    Reason.PAYMENT_CHALLENGE: (
        "{service} asks {price} for this request.",
        "{service} asks for a payment with this request.",
        "A payment is asked for with this request.",
    ),
    Reason.UNKNOWN: (
        "{service} asks for a payment and does not say what for.",
        "A payment is asked for, and it is not said what for.",
    ),
}
CAUSE_ONCE: Options = (
    "It asks for more than the account at {service} allows right now.",
    "It asks for more than the account allows right now.",
)
CAUSE_UPSTREAM: Options = (
    "{service} has a billing matter of its own to settle.",
    "The provider has a billing matter of its own to settle.",
)
RENEWS: Options = ("It renews on {resets_at}.",)
BACK: Options = ("It is expected back on {resets_at}.",)
RENEWING = frozenset({Reason.QUOTA_EXCEEDED, Reason.SPEND_LIMIT_REACHED})
"""Reasons that pass by themselves when the period ends."""

STILL_FEATURE: Options = ("Only this is off; everything else works as before.",)
STILL_ACCOUNT: Options = (
    "Other features that use {service} may be refused too; everything else works as before.",
    "Everything that does without it goes on.",
)
STILL_OPEN: Options = ("Nothing is paused, and no access is lost.",)
STILL_VISITOR: Options = ("Everything else works as before; there is nothing that you need to do.",)

NEXT_OWNER: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: ("Add credits to go on.",),
    Reason.QUOTA_EXCEEDED: (
        "Choose a larger plan to go on before {resets_at}.",
        "Choose a larger plan to go on now.",
    ),
    Reason.SPEND_LIMIT_REACHED: (
        "Raise the limit to go on before {resets_at}.",
        "Raise the limit to go on.",
    ),
    Reason.SUBSCRIPTION_REQUIRED: ("Choose a subscription to use it.",),
    Reason.SUBSCRIPTION_EXPIRED: ("Renew the subscription to go on.",),
    Reason.TRIAL_EXPIRED: ("Choose a plan to go on.",),
    Reason.INVOICE_UNPAID: ("Settle the invoice to go on.",),
    Reason.PLAN_UPGRADE_REQUIRED: (
        "Switch to the plan {required_plan} to use it.",
        "Choose a plan that includes it.",
    ),
    Reason.BILLING_INACTIVE: ("Set up billing for the account that the key belongs to.",),
    Reason.PAYMENT_METHOD_REQUIRED: ("Add a payment method to go on.",),
    Reason.PAYMENT_FAILED: ("Try again with another payment method.",),
    Reason.PAYMENT_CHALLENGE: ("Decide whether the app may pay for such requests.",),
    Reason.UNKNOWN: (
        "Look at the billing page of {service} to see what is open.",
        "Look at the provider's billing page to see what is open.",
    ),
}
NEXT_MEMBER: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: ("Ask the owner of the account to add credits.",),
    Reason.QUOTA_EXCEEDED: ("Ask the owner of the account for a larger plan.",),
    Reason.SPEND_LIMIT_REACHED: ("Ask the owner of the account to raise the limit.",),
    Reason.SUBSCRIPTION_REQUIRED: ("Ask the owner of the account for a subscription.",),
    Reason.SUBSCRIPTION_EXPIRED: ("Ask the owner of the account to renew the subscription.",),
    Reason.TRIAL_EXPIRED: ("Ask the owner of the account to choose a plan.",),
    Reason.INVOICE_UNPAID: ("Ask the owner of the account to settle the invoice.",),
    Reason.PLAN_UPGRADE_REQUIRED: (
        "Ask the owner of the account for the plan {required_plan}.",
        "Ask the owner of the account for a plan that includes it.",
    ),
    Reason.BILLING_INACTIVE: ("Ask the owner of the account to set up billing.",),
    Reason.PAYMENT_METHOD_REQUIRED: ("Ask the owner of the account to add a payment method.",),
    Reason.PAYMENT_FAILED: NEXT_OWNER[Reason.PAYMENT_FAILED],
    Reason.PAYMENT_CHALLENGE: ("Ask the owner of the account whether the app may pay for it.",),
    Reason.UNKNOWN: ("Ask the owner of the account to look at its billing page.",),
}
NEXT_UPSTREAM: Options = (
    "There is nothing to pay on this side: ask {service} about it.",
    "There is nothing to pay on this side: ask the provider about it.",
)

LABELS: dict[str, str] = {
    "plan": "Plan",
    "required_plan": "Plan needed",
    "named": "Concerns",
    "limit": "Limit",
    "used": "Used",
    "remaining": "Left",
    "balance": "Balance",
    "price": "Price",
    "due": "Amount due",
    "resets_at": "Renews",
    "reference": "Reference for support",
    "unverified": "Link that was not verified",
}
"""Labels of facts, in their order."""

ACTIONS: dict[Reason, str] = {
    Reason.CREDITS_EXHAUSTED: "Add credits",
    Reason.QUOTA_EXCEEDED: "See the plans",
    Reason.SPEND_LIMIT_REACHED: "Raise the limit",
    Reason.SUBSCRIPTION_REQUIRED: "See the plans",
    Reason.SUBSCRIPTION_EXPIRED: "Renew the subscription",
    Reason.TRIAL_EXPIRED: "See the plans",
    Reason.INVOICE_UNPAID: "Settle the invoice",
    Reason.PLAN_UPGRADE_REQUIRED: "See the plans",
    Reason.BILLING_INACTIVE: "Set up billing",
    Reason.PAYMENT_METHOD_REQUIRED: "Add a payment method",
    Reason.PAYMENT_FAILED: "Look at the payment",
    Reason.PAYMENT_CHALLENGE: "See what it costs",
    Reason.UNKNOWN: "Open the billing page",
}
"""What the first link is called."""

LINKS: dict[str, str] = {
    "feature": "Where this is paid for",
    "invoice": "The invoice",
    "upgrade": "The plans",
    "billing": "The billing page",
    "docs": "Read about it",
}
"""What the further links are called, by where they lead."""

OPENING = "Opening the link costs nothing; it leads to {target}."
AFTER: dict[str, Options] = {
    "at once": (
        "Once that is settled, {feature} works again at once.",
        "Once that is settled, it works again at once.",
    ),
    "minutes": (
        "Once that is settled, {feature} works again within minutes.",
        "Once that is settled, it works again within minutes.",
    ),
    "hours": (
        "Once that is settled, it can take hours until {feature} works again.",
        "Once that is settled, it can take hours until it works again.",
    ),
    "unsaid": (
        "Once that is settled, {feature} comes back by itself: the next check is on {next_check}.",
        "Once that is settled, it comes back by itself: the next check is on {next_check}.",
        "Once that is settled, {feature} can be used again.",
        "Once that is settled, it can be used again.",
    ),
}
"""What changes after payment, by how fast the provider is known to notice it."""
