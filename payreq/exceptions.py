"""The exceptions that tell of a billing refusal, one for each reason.

    Exception
    └── PaymentRequired            also raised itself, where the cause is not said
        ├── CreditsExhausted
        ├── QuotaExceeded
        ├── SpendLimitReached
        ├── SubscriptionRequired
        ├── SubscriptionExpired
        ├── TrialExpired
        ├── InvoiceUnpaid
        ├── PlanUpgradeRequired
        ├── BillingInactive
        ├── PaymentMethodRequired
        ├── PaymentFailed          nothing is blocked
        └── PaymentChallenge       nothing is blocked

What is raised for a request of httpx or httpx2 is also an `HTTPStatusError` of that library, so
`except httpx.HTTPStatusError` goes on working. Such a class is made once for each reason and
library, when it is first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from payreq.libraries import class_for, library_of, made_of, unpickled
from payreq.reasons import MEANINGS, Reason
from payreq.redaction import kept_request, kept_response, scrubbed, secrets_in
from payreq.safety import clean, hide
from payreq.telling.messages import Voice, restricts_access, user_message

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from payreq.blocking.block import Block
    from payreq.credentials import Credential
    from payreq.details import PaymentDetails
    from payreq.telling.messages import UserMessage


class PaymentRequired(Exception):  # noqa: N818  # the public name: what is the matter, not "error"
    """A request was refused for billing reasons, by the server or here.

    Attributes:
        details: The facts, as the server gave them.
        request: The request, or None where there is none.
        response: The response, or None where there is none.
        feature: The feature that met the refusal.
        account: The account it was made for, as the app names it, or a fingerprint.
        block: The block that holds now, or None.
        sent: False when it was refused here, without a request.
        at: When, an aware datetime.
        voice: How the guard speaks; a pickle does not keep it.
        raises: Whether the client raises it, rather than hand its response back.

    Raises:
        TypeError: The details are none, such as a text.
    """

    # Plain class attributes, so that in a class that is also an HTTPStatusError they stand
    # before its property, which raises where there is no request.
    request: Any = None
    response: Any = None
    raises: bool = True

    def __init__(
        self,
        details: PaymentDetails,
        *,
        request: Any = None,
        response: Any = None,
        feature: str | None = None,
        account: str | None = None,
        credential: Credential | None = None,
        block: Block | None = None,
        sent: bool = True,
        at: datetime | None = None,
        voice: Voice | None = None,
    ) -> None:
        if not hasattr(details, "reason"):
            raise TypeError(
                f"details must be a payreq.PaymentDetails, not {type(details).__name__}; "
                "payreq.testing.exception(reason) makes a refusal for tests"
            )
        self.details = details
        self.request = request
        self.response = response
        self.feature = feature
        self.account = account
        self._credential = credential
        self.block = block
        self.sent = sent
        self.at = at
        self.voice = voice
        # Not through HTTPStatusError.__init__, which would ask for a request. The text is made
        # when it is asked for: a refusal of many calls is raised more often than it is read.
        Exception.__init__(self)

    def __str__(self) -> str:
        return _line(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    @property
    def reason(self) -> Reason:
        """The cause."""
        return self.details.reason

    @property
    def credential(self) -> Credential | None:
        """The kind and the last four characters of the key that was used."""
        if self._credential is None and self.request is not None:
            from payreq.credentials import credential_of  # noqa: PLC0415  # loads when first asked for

            self._credential = credential_of(self.request)
        return self._credential

    @property
    def origin(self) -> str | None:
        """Scheme, host and port of the API, as far as known."""
        if self.block is not None:
            return self.block.origin
        return _origin(self.request) or _origin(self.response)

    @property
    def restricts_access(self) -> bool:
        """Whether something stays off until it is settled.

        False for a declined card, a pay-per-request offer, or a request that alone was too
        expensive: nothing is blocked.
        """
        return restricts_access(self.details)

    def user_message(
        self, locale: str | None = None, audience: str | None = None, *, tz: tzinfo | None = None
    ) -> UserMessage:
        """Return words for a person.

        Args:
            locale: A BCP 47 tag; left out: the guard's.
            audience: "owner", "member" or "visitor"; left out: the feature's or the guard's.
            tz: The time zone in which moments are told; left out: UTC.

        Raises:
            TypeError: The locale is no text, or the time zone none.
            ValueError: The audience is none of the three.
        """
        return user_message(
            self, voice=self.voice, about=_about(self), audience=audience, locale=locale, tz=tz
        )

    def fix_steps(self) -> tuple[str, ...]:
        """Return the way out, step by step, for who runs the program."""
        from payreq.telling.steps import fix_steps  # noqa: PLC0415  # loads when first asked for

        return fix_steps(self, voice=self.voice, about=_about(self))

    def support_report(self) -> str:
        """Return what a provider's support needs to know, in Markdown, with nothing secret."""
        from payreq.telling.report import support_report  # noqa: PLC0415  # loads when first asked for

        return support_report(self, about=_about(self))

    def support_data(self) -> dict[str, Any]:
        """Return the same as plain data, ready for JSON."""
        from payreq.telling.report import support_data  # noqa: PLC0415  # loads when first asked for

        return support_data(self, about=_about(self))

    def __copy__(self) -> PaymentRequired:
        return fresh(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> PaymentRequired:
        # What it holds is frozen, save request and response, which cannot be copied deeply.
        return fresh(self)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        plain, library = made_of(type(self))
        asked = self.request if self.request is not None else request_of(self.response)
        state = {
            "request": kept_request(self.request),
            "response": kept_response(self.response, asked),
            "feature": self.feature,
            "account": self.account,
            "credential": self.credential,
            "block": self.block,
            "sent": self.sent,
            "at": self.at,
        }
        return unpickled, (plain, library, self.details, state)


class CreditsExhausted(PaymentRequired):
    """A prepaid balance or credits ran out or is too low."""


class QuotaExceeded(PaymentRequired):
    """The plan's allowance for a period is used up."""


class SpendLimitReached(PaymentRequired):
    """A budget or cap that the customer set is reached."""


class SubscriptionRequired(PaymentRequired):
    """There is no paid subscription, and free use is not allowed here."""


class SubscriptionExpired(PaymentRequired):
    """A subscription lapsed, was cancelled or is inactive."""


class TrialExpired(PaymentRequired):
    """A trial ended."""


class InvoiceUnpaid(PaymentRequired):
    """An invoice is overdue, a charge failed, or the account is suspended for non-payment."""


class PlanUpgradeRequired(PaymentRequired):
    """The plan does not include this feature, model, volume or seat."""


class BillingInactive(PaymentRequired):
    """Billing is not set up, disabled, or not linked to this key or project."""


class PaymentMethodRequired(PaymentRequired):
    """A payment method must be added or has expired."""


class PaymentFailed(PaymentRequired):
    """A transaction that the request itself tried failed; nothing is blocked."""


class PaymentChallenge(PaymentRequired):
    """The request must be paid for, on machine-readable terms; nothing is blocked."""


CLASSES: dict[Reason, type[PaymentRequired]] = {
    reason: globals()[meaning.exception] for reason, meaning in MEANINGS.items()
}

_Refusal = TypeVar("_Refusal", bound=PaymentRequired)


def refusal(
    details: PaymentDetails,
    *,
    request: Any = None,
    response: Any = None,
    feature: str | None = None,
    account: str | None = None,
    block: Block | None = None,
    sent: bool = True,
    at: datetime | None,
    voice: Voice | None = None,
) -> PaymentRequired:
    """Make the exception for a refusal: of its reason's class, and of the library that sent it.

    Args:
        details: What the server said; secrets of the request that it echoes are hidden.
        request: The request that was refused.
        response: The answer.
        feature: The feature that met it.
        account: For whom.
        block: The block that holds now.
        sent: Whether the request left.
        at: When, an aware datetime.
        voice: How the guard speaks.
    """
    made = class_for(CLASSES[details.reason], library_of(response) or library_of(request))
    asked = request if request is not None else request_of(response)
    secrets = secrets_in(asked)
    return made(
        scrubbed(details, asked),
        request=request,
        response=response,
        feature=feature and hide(feature, secrets),
        account=account and hide(account, secrets),
        block=block,
        sent=sent,
        at=at,
        voice=voice,
    )


def refused_here(
    block: Block, *, request: Any, at: datetime, voice: Voice | None
) -> PaymentRequired:
    """Make the exception for a request that is not sent: its feature is blocked.

    Args:
        block: The block, in whose details no secret stands.
        request: The request.
        at: When, an aware datetime.
        voice: How the guard speaks.
    """
    made = class_for(CLASSES[block.reason], library_of(request))
    return made(
        block.details,
        request=request,
        feature=block.feature,
        account=block.account,
        block=block,
        sent=False,
        at=at,
        voice=voice,
    )


def fresh(refusal: _Refusal, response: Any = None) -> _Refusal:
    """Return an equal exception without traceback, context and cause, to be raised.

    Args:
        refusal: The exception, which may have been raised before.
        response: The response to carry instead of its own.
    """
    return type(refusal)(
        refusal.details,
        request=refusal.request,
        response=refusal.response if response is None else response,
        feature=refusal.feature,
        account=refusal.account,
        credential=refusal._credential,  # noqa: SLF001  # not found out for a copy alone
        block=refusal.block,
        sent=refusal.sent,
        at=refusal.at,
        voice=refusal.voice,
    )


def _line(refusal: PaymentRequired) -> str:
    details = refusal.details
    host = urlsplit(refusal.origin or "").hostname or details.provider or "the API"
    facts = [
        f"{label} {clean(str(value), 200)}"
        for label, value in (
            ("status", details.status),
            ("code", details.code),
            ("request", details.request_id),
            ("feature", refusal.feature),
        )
        if value
    ]
    how = "sent" if refusal.sent else "refused here, not sent"
    check = (
        f"; next check {refusal.block.next_check.isoformat(timespec='seconds')}"
        if refusal.block
        else ""
    )
    return f"{clean(host)}: {MEANINGS[details.reason].title} ({', '.join(facts)}); {how}{check}"


def _about(refusal: PaymentRequired) -> Any:
    from payreq.reading.providers import about  # noqa: PLC0415  # profiles load when first told of

    voice = refusal.voice
    return about(refusal.details.provider, () if voice is None else voice.profiles)


def _origin(thing: Any) -> str | None:
    """Return the origin of a request's or response's URL, None where it has none."""
    try:
        parts = urlsplit(str(thing.url))
    except (AttributeError, RuntimeError, ValueError):  # httpx: RuntimeError where none was set
        return None
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.hostname else None


def request_of(response: Any) -> Any:
    """Return the request that a response answers, None where it has none."""
    try:
        request = response.request
    except (AttributeError, RuntimeError):  # httpx raises RuntimeError where none was set
        return None
    return request if hasattr(request, "headers") and hasattr(request, "url") else None
