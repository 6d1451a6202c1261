"""The sentences of messages, as data.

Each is whole, with named placeholders, and stands in the catalogue of each language. Where
several stand in a row, the first whose placeholders are all known is said. They follow the rules
for such messages: the effect before the cause, exact numbers, one next step; no code, no blame,
no "please", nothing that is not known.
"""

from __future__ import annotations

from payreq.reasons import Reason
from payreq.telling.languages import N_

Options = tuple[str, ...]

PAUSED: Options = (
    N_("{feature} is paused"),
    N_("A feature that uses {service} is paused"),
    N_("A feature is paused"),
)
ONCE: Options = (
    N_("{feature} did not go through this time"),
    N_("A request to {service} did not go through"),
    N_("A request did not go through"),
)
ONCE_VISITOR: Options = (
    N_("{feature} did not go through this time"),
    N_("This did not go through this time"),
)
RESTS: Options = (N_("{feature} is resting for now"), N_("This feature is resting for now"))

TITLES: dict[Reason, Options] = {
    Reason.PLAN_UPGRADE_REQUIRED: (
        N_("{feature} is not part of the current plan"),
        N_("This is not part of the current plan at {service}"),
        N_("This is not part of the current plan"),
    ),
    Reason.PAYMENT_FAILED: (
        N_("{feature}: the payment did not go through"),
        N_("The payment did not go through"),
    ),
    Reason.PAYMENT_CHALLENGE: (
        N_("{feature} is paid for request by request"),
        N_("{service} is paid for request by request"),
        N_("This is paid for request by request"),
    ),
}
"""Titles of reasons that say more than that a feature is paused."""

CAUSES: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: (
        N_("The balance at {service} is {balance}, and this needs {price}."),
        N_("The balance at {service} is {balance}, which is not enough."),
        N_("The credits at {service} are used up."),
        N_("The credits are used up."),
    ),
    Reason.QUOTA_EXCEEDED: (
        N_("The allowance at {service} is used up: {spent} of {limit}."),
        N_("The allowance of {limit} at {service} is used up."),
        N_("The allowance at {service} is used up."),
        N_("The plan's allowance is used up."),
    ),
    Reason.SPEND_LIMIT_REACHED: (
        N_("The spending limit at {service} is reached: {spent} of {limit}."),
        N_("The spending limit of {limit} at {service} is reached."),
        N_("The spending limit at {service} is reached."),
        N_("The spending limit that was set is reached."),
    ),
    Reason.SUBSCRIPTION_REQUIRED: (
        N_("{service} offers this to subscribers."),
        N_("This is offered to subscribers."),
    ),
    Reason.SUBSCRIPTION_EXPIRED: (
        N_("The subscription at {service} is not active."),
        N_("The subscription is not active."),
    ),
    Reason.TRIAL_EXPIRED: (N_("The trial at {service} has ended."), N_("The trial has ended.")),
    Reason.INVOICE_UNPAID: (
        N_("An invoice of {due} at {service} is open."),
        N_("An invoice at {service} is open."),
        N_("An invoice is open."),
    ),
    Reason.PLAN_UPGRADE_REQUIRED: (
        N_("It needs the plan {required_plan} at {service}; the current one is {plan}."),
        N_("It needs the plan {required_plan} at {service}."),
        N_("The plan {plan} at {service} does not include it."),
        N_("The plan at {service} does not include it."),
        N_("The plan does not include it."),
    ),
    Reason.BILLING_INACTIVE: (
        N_("Billing at {service} is not active for this account."),
        N_("Billing is not active for this account."),
    ),
    Reason.PAYMENT_METHOD_REQUIRED: (
        N_("{service} has no payment method that it can use."),
        N_("There is no payment method that can be used."),
    ),
    Reason.PAYMENT_FAILED: (
        N_("The payment of {price} was not accepted."),
        N_("The payment was not accepted."),
    ),
    Reason.PAYMENT_CHALLENGE: (
        N_("{service} asks {price} for this request."),
        N_("{service} asks for a payment with this request."),
        N_("A payment is asked for with this request."),
    ),
    Reason.UNKNOWN: (
        N_("{service} asks for a payment and does not say what for."),
        N_("A payment is asked for, and it is not said what for."),
    ),
}
CAUSE_ONCE: Options = (
    N_("It asks for more than the account at {service} allows right now."),
    N_("It asks for more than the account allows right now."),
)
CAUSE_UPSTREAM: Options = (
    N_("{service} has a billing matter of its own to settle."),
    N_("The provider has a billing matter of its own to settle."),
)
RENEWS: Options = (N_("It renews on {resets_at}."),)
BACK: Options = (N_("It is expected back on {resets_at}."),)
RENEWING = frozenset({Reason.QUOTA_EXCEEDED, Reason.SPEND_LIMIT_REACHED})
"""Reasons that pass by themselves when the period ends."""

STILL_FEATURE: Options = (N_("Only this is off; everything else works as before."),)
STILL_ACCOUNT: Options = (
    N_("Other features that use {service} may be refused too; everything else works as before."),
    N_("Everything that does without it goes on."),
)
STILL_OPEN: Options = (N_("Nothing is paused, and no access is lost."),)
STILL_VISITOR: Options = (
    N_("Everything else works as before; there is nothing that you need to do."),
)

NEXT_OWNER: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: (N_("Add credits to go on."),),
    Reason.QUOTA_EXCEEDED: (N_("Choose a larger plan to go on now."),),
    Reason.SPEND_LIMIT_REACHED: (N_("Raise the limit to go on."),),
    Reason.SUBSCRIPTION_REQUIRED: (N_("Choose a subscription to use it."),),
    Reason.SUBSCRIPTION_EXPIRED: (N_("Renew the subscription to go on."),),
    Reason.TRIAL_EXPIRED: (N_("Choose a plan to go on."),),
    Reason.INVOICE_UNPAID: (N_("Settle the invoice to go on."),),
    Reason.PLAN_UPGRADE_REQUIRED: (
        N_("Switch to the plan {required_plan} to use it."),
        N_("Choose a plan that includes it."),
    ),
    Reason.BILLING_INACTIVE: (N_("Set up billing for the account that the key belongs to."),),
    Reason.PAYMENT_METHOD_REQUIRED: (N_("Add a payment method to go on."),),
    Reason.PAYMENT_FAILED: (N_("Try again with another payment method."),),
    Reason.PAYMENT_CHALLENGE: (N_("Decide whether the app may pay for such requests."),),
    Reason.UNKNOWN: (
        N_("Look at the billing page of {service} to see what is open."),
        N_("Look at the provider's billing page to see what is open."),
    ),
}
NEXT_MEMBER: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: (N_("Ask the owner of the account to add credits."),),
    Reason.QUOTA_EXCEEDED: (N_("Ask the owner of the account for a larger plan."),),
    Reason.SPEND_LIMIT_REACHED: (N_("Ask the owner of the account to raise the limit."),),
    Reason.SUBSCRIPTION_REQUIRED: (N_("Ask the owner of the account for a subscription."),),
    Reason.SUBSCRIPTION_EXPIRED: (N_("Ask the owner of the account to renew the subscription."),),
    Reason.TRIAL_EXPIRED: (N_("Ask the owner of the account to choose a plan."),),
    Reason.INVOICE_UNPAID: (N_("Ask the owner of the account to settle the invoice."),),
    Reason.PLAN_UPGRADE_REQUIRED: (
        N_("Ask the owner of the account for the plan {required_plan}."),
        N_("Ask the owner of the account for a plan that includes it."),
    ),
    Reason.BILLING_INACTIVE: (N_("Ask the owner of the account to set up billing."),),
    Reason.PAYMENT_METHOD_REQUIRED: (N_("Ask the owner of the account to add a payment method."),),
    Reason.PAYMENT_FAILED: NEXT_OWNER[Reason.PAYMENT_FAILED],
    Reason.PAYMENT_CHALLENGE: (N_("Ask the owner of the account whether the app may pay for it."),),
    Reason.UNKNOWN: (N_("Ask the owner of the account to look at its billing page."),),
}
NEXT_UPSTREAM: Options = (
    N_("There is nothing to pay on this side: ask {service} about it."),
    N_("There is nothing to pay on this side: ask the provider about it."),
)

PAIR = N_("{label}: {value}")
"""How a fact is listed."""

PLACE = N_("{label} ({host})")
"""How a link shows where it leads."""

LABELS: dict[str, str] = {
    "plan": N_("Plan"),
    "required_plan": N_("Plan needed"),
    "named": N_("Concerns"),
    "limit": N_("Limit"),
    "used": N_("Used"),
    "remaining": N_("Remaining"),
    "balance": N_("Balance"),
    "price": N_("Price"),
    "due": N_("Amount due"),
    "resets_at": N_("Renews"),
    "reference": N_("Reference for support"),
    "unverified": N_("Link that was not verified"),
}
"""Labels of facts, in their order."""

ACTIONS: dict[Reason, str] = {
    Reason.CREDITS_EXHAUSTED: N_("Add credits"),
    Reason.QUOTA_EXCEEDED: N_("See the plans"),
    Reason.SPEND_LIMIT_REACHED: N_("Raise the limit"),
    Reason.SUBSCRIPTION_REQUIRED: N_("See the plans"),
    Reason.SUBSCRIPTION_EXPIRED: N_("Renew the subscription"),
    Reason.TRIAL_EXPIRED: N_("See the plans"),
    Reason.INVOICE_UNPAID: N_("Settle the invoice"),
    Reason.PLAN_UPGRADE_REQUIRED: N_("See the plans"),
    Reason.BILLING_INACTIVE: N_("Set up billing"),
    Reason.PAYMENT_METHOD_REQUIRED: N_("Add a payment method"),
    Reason.PAYMENT_FAILED: N_("Look at the payment"),
    Reason.PAYMENT_CHALLENGE: N_("See what it costs"),
    Reason.UNKNOWN: N_("Open the billing page"),
}
"""What the first link is called."""

LINKS: dict[str, str] = {
    "feature": N_("Where this is paid for"),
    "invoice": N_("The invoice"),
    "upgrade": N_("The plans"),
    "billing": N_("The billing page"),
    "docs": N_("Read about it"),
}
"""What the further links are called, by where they lead."""

OPENING: Options = (N_("Opening the link costs nothing; it leads to {target}."),)
AFTER: dict[str, Options] = {
    "at once": (
        N_("Once that is settled, {feature} works again at once."),
        N_("Once that is settled, it works again at once."),
    ),
    "minutes": (
        N_("Once that is settled, {feature} works again within minutes."),
        N_("Once that is settled, it works again within minutes."),
    ),
    "hours": (
        N_("Once that is settled, it can take hours until {feature} works again."),
        N_("Once that is settled, it can take hours until it works again."),
    ),
    "unsaid": (
        N_(
            "Once that is settled, {feature} comes back by itself: "
            "the next check is on {next_check}."
        ),
        N_("Once that is settled, it comes back by itself: the next check is on {next_check}."),
        N_("Once that is settled, {feature} can be used again."),
        N_("Once that is settled, it can be used again."),
    ),
}
"""What changes after payment, by how fast the provider is known to notice it."""
