"""The sentences of the steps that lead out of a refusal, as data.

Whole, with named placeholders; of several in a row, the first whose placeholders are all known
is said. How each begins is what it is about, so that a list of them is read at a glance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payreq.reasons import Reason

if TYPE_CHECKING:
    from payreq.telling.sentences import Options

STEP_CAUSE: Options = (
    "Understand the cause: {cause} at {service}; sending the request again does not change that.",
    "Understand the cause: {cause}; sending the request again does not change that.",
)
STEP_UPSTREAM: Options = (
    "Understand the cause: {service} has a bill of its own to settle; nothing is due from here.",
    "Understand the cause: the provider has a bill of its own to settle; nothing is due from here.",
)
STEP_DASHBOARD: Options = (
    "Look at the dashboard, at the balance, the usage and open invoices: {dashboard}",
    "Look at the dashboard of {service}: at the balance, the usage and open invoices.",
    "Look at the provider's dashboard: at the balance, the usage and open invoices.",
)
OF_THE_PLAN = frozenset(
    {
        Reason.QUOTA_EXCEEDED,
        Reason.SUBSCRIPTION_REQUIRED,
        Reason.SUBSCRIPTION_EXPIRED,
        Reason.TRIAL_EXPIRED,
        Reason.PLAN_UPGRADE_REQUIRED,
        Reason.UNKNOWN,
    }
)
STEP_PLAN: Options = (
    "Check the plan: it is {plan}, and {required_plan} is needed. Plans: {upgrade_link}",
    "Check the plan: it is {plan}, and {required_plan} is needed.",
    "Check the plan: {required_plan} is needed. Plans: {upgrade_link}",
    "Check the plan: {required_plan} is needed.",
    "Check the plan, which is {plan}: does it include this, and how much? Plans: {upgrade_link}",
    "Check the plan, which is {plan}: does it include this, and how much?",
    "Check the plan: does it include this, and how much? Plans: {upgrade_link}",
    "Check the plan: does it include this, and how much?",
)
OF_THE_KEY = frozenset(set(Reason) - {Reason.PAYMENT_FAILED, Reason.PAYMENT_CHALLENGE})
STEP_KEY: Options = (
    "Check the key ({key}): it speaks for {owner}; is that the account you pay for?",
    "Check the key ({key}): is billing linked to its account, and is that the one you pay for?",
    "Check the key: it speaks for {owner}; is that the account you pay for?",
    "Check the key: is billing linked to its account, and is that the one you pay for?",
)
STEP_WORDS: Options = (
    "Read the provider's words: “{words}” More: {docs_link}",
    "Read the provider's words: “{words}”",
    "Read what the provider writes about it: {docs_link}",
)
STEP_UNVERIFIED: Options = (
    "Be careful with links in the answer that lead to {unverified}: they were not verified.",
)
STEP_APP: dict[Reason, Options] = {
    Reason.CREDITS_EXHAUSTED: (
        "Change the app: warn before the credits run out, and ask for no more than is needed.",
    ),
    Reason.QUOTA_EXCEEDED: (
        "Change the app: spread or cache its requests; the allowance renews on {resets_at}.",
        "Change the app: spread or cache its requests, so that the allowance lasts.",
    ),
    Reason.SPEND_LIMIT_REACHED: (
        "Change the app: watch what it spends, so that the limit is raised or kept on purpose.",
    ),
    Reason.SUBSCRIPTION_REQUIRED: (
        "Change the app: offer {feature} only where there is a subscription.",
        "Change the app: offer the feature only where there is a subscription.",
    ),
    Reason.SUBSCRIPTION_EXPIRED: (
        "Change the app: tell the account's owner before a subscription ends.",
    ),
    Reason.TRIAL_EXPIRED: ("Change the app: tell the account's owner before a trial ends.",),
    Reason.INVOICE_UNPAID: (
        "Change the app: keep the rest of it working, and tell who gets the invoices.",
    ),
    Reason.PLAN_UPGRADE_REQUIRED: (
        "Change the app: do without {named}, or offer it only where the plan includes it.",
        "Change the app: offer {feature} only where the plan includes it.",
        "Change the app: offer the feature only where the plan includes it.",
    ),
    Reason.BILLING_INACTIVE: (
        "Change the app: use a key of an account or project whose billing is active.",
    ),
    Reason.PAYMENT_METHOD_REQUIRED: (
        "Change the app: tell the account's owner before a payment method expires.",
    ),
    Reason.PAYMENT_FAILED: (
        "Change the app: ask the payer for another payment method, and don't try this one again.",
    ),
    Reason.PAYMENT_CHALLENGE: (
        "Change the app: let a client that speaks {protocol} pay, within limits of yours.",
        "Change the app: let a client pay, within limits of yours, or do without this source.",
    ),
    Reason.UNKNOWN: (
        "Change the app: show its user a calm notice, and keep the rest of it working.",
    ),
}
STEP_APP_ONCE: Options = (
    "Change the app: ask for less at once; smaller requests may still be answered.",
)
STEP_APP_UPSTREAM: Options = (
    "Change the app: use another provider meanwhile, or your own key with the one behind it.",
)
STEP_REFRESH: Options = (
    "Refresh credentials only once the payment is confirmed; then call guard.billing_fixed().",
)
STEP_SUPPORT: Options = (
    "Ask support last, with the request id {reference} and support_report(): {support}",
    "Ask support last, with the request id {reference} and support_report().",
    "Ask support last, with support_report(): {support}",
    "Ask support last, with support_report().",
)
