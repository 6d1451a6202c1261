"""What the server said, as frozen models: the facts of a refusal and its payment terms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from payreq.reasons import Reason

Scope = Literal["account", "feature", "request"]
Payer = Literal["caller", "upstream"]
Certainty = Literal["provider", "standard", "wording", "status"]


class Challenge(BaseModel):
    """Machine-readable terms under which one request may be paid for.

    They are claims of the server: amounts are in the protocol's own unit, nothing is
    verified, and payreq never pays.

    Attributes:
        protocol: "x402", "l402", "mpp", "pay-per-crawl", "cashu", "brc-105" and the like.
        version: The protocol's version as sent.
        amount: What is asked, in the unit of `asset` or `currency`, unconverted.
        asset: A token's contract or symbol.
        currency: A currency code as sent.
        network: The chain or payment network.
        pay_to: The recipient.
        resource: What is paid for, a URL as a rule.
        invoice: A payable invoice, such as BOLT 11.
        method: The payment method (MPP) or scheme (x402).
        intent: What the payment is for: "charge", "session", "subscription".
        expires_at: Until when the terms hold.
        raw: The terms as sent, bounded.
    """

    model_config = ConfigDict(frozen=True)

    protocol: str
    version: str | None = None
    amount: Decimal | None = None
    asset: str | None = None
    currency: str | None = None
    network: str | None = None
    pay_to: str | None = None
    resource: str | None = None
    invoice: str | None = None
    method: str | None = None
    intent: str | None = None
    expires_at: AwareDatetime | None = None
    raw: dict[str, Any] | str | None = Field(default=None, repr=False)


class PaymentDetails(BaseModel):
    """The structured facts of a billing refusal.

    Every field but `reason` and `status` may be None: the server did not say.

    Attributes:
        reason: The cause.
        status: The HTTP status that carried it; many refusals are not a 402.
        provider: The provider's short name, where a profile knows it.
        code: The provider's machine-readable code.
        message: The provider's words, cleaned of control characters and bounded.
        request_id: The provider's id of this request, for support.
        account_id: The account, organisation or project that the payload names.
        plan: The plan the caller is on.
        required_plan: The plan the request needs.
        feature: The feature, model or operation that the payload names.
        limit: The allowance or cap, in `unit` or `currency`.
        used: What is used of it.
        remaining: What is left of it.
        balance: The prepaid balance.
        amount: What the request costs, or what is due.
        currency: The currency of money amounts, as sent.
        unit: What the numbers count ("requests", "credits", "tokens").
        resets_at: When the allowance is renewed.
        retry_after: Seconds the server asks to wait.
        retryable: What the payload itself says of trying again.
        billing_url: Where billing is managed.
        upgrade_url: Where a plan is changed.
        invoice_url: The invoice to pay.
        docs_url: The provider's page on this error.
        scope: What the refusal holds for: the account, one feature, or this request only.
        payer: Who can settle it: the caller, or a gateway that owes its own bill ("upstream").
        challenges: Machine-readable payment terms.
        certainty: What the verdict rests on.
        evidence: What matched, for a person to check.
        truncated: Whether only a part of the body was read.
    """

    model_config = ConfigDict(frozen=True)

    reason: Reason
    status: int
    provider: str | None = None
    code: str | None = None
    message: str | None = None
    request_id: str | None = None
    account_id: str | None = None
    plan: str | None = None
    required_plan: str | None = None
    feature: str | None = None
    limit: Decimal | None = None
    used: Decimal | None = None
    remaining: Decimal | None = None
    balance: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    unit: str | None = None
    resets_at: AwareDatetime | None = None
    retry_after: float | None = None
    retryable: bool | None = None
    billing_url: str | None = None
    upgrade_url: str | None = None
    invoice_url: str | None = None
    docs_url: str | None = None
    scope: Scope | None = None
    payer: Payer | None = None
    challenges: tuple[Challenge, ...] = ()
    certainty: Certainty | None = None
    evidence: tuple[str, ...] | None = None
    truncated: bool | None = None
