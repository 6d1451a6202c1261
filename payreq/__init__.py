"""Recognise billing refusals of any HTTP API, and act on them: see `payreq.Guard`.

Everything public stands here and is loaded on first use, so that `import payreq` stays light
and imports no HTTP library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payreq.blocking.block import Block
    from payreq.blocking.memory import MemoryStore
    from payreq.blocking.redis import RedisStore
    from payreq.blocking.scope import account, feature
    from payreq.blocking.sqlite import SQLiteStore
    from payreq.details import Challenge, PaymentDetails
    from payreq.detecting import detect, is_payment_required, not_payment_required, translate
    from payreq.exceptions import (
        BillingInactive,
        CreditsExhausted,
        InvoiceUnpaid,
        PaymentChallenge,
        PaymentFailed,
        PaymentMethodRequired,
        PaymentRequired,
        PlanUpgradeRequired,
        QuotaExceeded,
        SpendLimitReached,
        SubscriptionExpired,
        SubscriptionRequired,
        TrialExpired,
    )
    from payreq.features import Feature
    from payreq.guard import Guard
    from payreq.httpx import AsyncPaymentTransport, PaymentTransport
    from payreq.problems import Problem, problem
    from payreq.reading import parse
    from payreq.reasons import Reason
    from payreq.retrying import halting, retry, transient_retry
    from payreq.telling.event_log import EventLog
    from payreq.telling.events import Event
    from payreq.telling.languages import LANGUAGES
    from payreq.telling.messages import Action, UserMessage
    from payreq.wrapping import guard_of, wrap

_HOMES = {
    "blocking.block": ("Block",),
    "blocking.memory": ("MemoryStore",),
    "blocking.redis": ("RedisStore",),
    "blocking.scope": ("account", "feature"),
    "blocking.sqlite": ("SQLiteStore",),
    "details": ("Challenge", "PaymentDetails"),
    "detecting": ("detect", "is_payment_required", "not_payment_required", "translate"),
    "exceptions": (
        "BillingInactive",
        "CreditsExhausted",
        "InvoiceUnpaid",
        "PaymentChallenge",
        "PaymentFailed",
        "PaymentMethodRequired",
        "PaymentRequired",
        "PlanUpgradeRequired",
        "QuotaExceeded",
        "SpendLimitReached",
        "SubscriptionExpired",
        "SubscriptionRequired",
        "TrialExpired",
    ),
    "features": ("Feature",),
    "guard": ("Guard",),
    "httpx": ("AsyncPaymentTransport", "PaymentTransport"),
    "problems": ("Problem", "problem"),
    "reading": ("parse",),
    "reasons": ("Reason",),
    "retrying": ("halting", "retry", "transient_retry"),
    "telling.event_log": ("EventLog",),
    "telling.events": ("Event",),
    "telling.languages": ("LANGUAGES",),
    "telling.messages": ("Action", "UserMessage"),
    "wrapping": ("guard_of", "wrap"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("httpx", "httpx2", "integrations", "testing")

__version__ = "1.0.0"
__all__ = [
    "LANGUAGES",
    "Action",
    "AsyncPaymentTransport",
    "BillingInactive",
    "Block",
    "Challenge",
    "CreditsExhausted",
    "Event",
    "EventLog",
    "Feature",
    "Guard",
    "InvoiceUnpaid",
    "MemoryStore",
    "PaymentChallenge",
    "PaymentDetails",
    "PaymentFailed",
    "PaymentMethodRequired",
    "PaymentRequired",
    "PaymentTransport",
    "PlanUpgradeRequired",
    "Problem",
    "QuotaExceeded",
    "Reason",
    "RedisStore",
    "SQLiteStore",
    "SpendLimitReached",
    "SubscriptionExpired",
    "SubscriptionRequired",
    "TrialExpired",
    "UserMessage",
    "account",
    "detect",
    "feature",
    "guard_of",
    "halting",
    "is_payment_required",
    "not_payment_required",
    "parse",
    "problem",
    "retry",
    "transient_retry",
    "translate",
    "wrap",
]


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    if name in _HOME_OF:
        value = getattr(import_module(f"payreq.{_HOME_OF[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"payreq.{name}")
    else:
        raise AttributeError(f"module 'payreq' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
