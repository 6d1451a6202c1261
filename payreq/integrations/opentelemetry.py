"""OpenTelemetry: what becomes of a guard's features, as events, a counter and a gauge.

Spans are left alone: a refused request is a 4xx on its client span, as it is without payreq, and
what the caller's span says is up to the caller.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet, ref

import payreq
from payreq.extras import missing

try:
    from opentelemetry._logs import SeverityNumber, get_logger
    from opentelemetry.metrics import CallbackOptions, Observation, get_meter
except ImportError as error:
    raise missing(error, __name__, "opentelemetry") from error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.guard import Guard
    from payreq.telling.events import Event

HOSTS = 100
"""How many hosts are told apart; all further ones are "other"."""

SEVERITIES = {
    "blocked": SeverityNumber.WARN,
    "billing_fixed": SeverityNumber.INFO,
    "restored": SeverityNumber.INFO,
}

_instrumented: WeakSet[Guard] = WeakSet()


def instrument(guard: Guard) -> None:
    """Tell OpenTelemetry of a guard, by the providers that are set when this is called.

    Events (log records with a name): `payreq.blocked`, `payreq.billing_fixed` and
    `payreq.restored`, each where it happened alone. A counter, `payreq.refusals`, of what was
    received or refused here (`payreq.sent`). A gauge, `payreq.blocked_features`.

    Their attributes are few and bounded: `payreq.reason`, `payreq.provider`, `server.address`,
    and `payreq.feature`, which is "other" where the guard has no feature of that name. Accounts
    are none of them. A guard that is instrumented already stays as it is.

    Args:
        guard: The guard.

    Raises:
        TypeError: It is none.

    Example:
        >>> import payreq
        >>> from payreq.integrations.opentelemetry import instrument
        >>> guard = payreq.Guard(features={"export": "POST /v1/exports*"})
        >>> instrument(guard)
    """
    if not isinstance(guard, payreq.Guard):
        raise TypeError(f"guard must be a payreq.Guard, not {type(guard).__name__}")
    if guard in _instrumented:
        return
    _instrumented.add(guard)
    meter = get_meter("payreq", payreq.__version__)
    logger = get_logger("payreq", payreq.__version__)
    refusals = meter.create_counter(
        "payreq.refusals", "{refusal}", "Billing refusals, received or made here"
    )
    attributes = _Attributes(guard)
    kept = ref(guard)  # a meter lives as long as the process

    def count(event: Event) -> None:
        refusals.add(1, attributes(event.refusal) | {"payreq.sent": event.refusal.sent})

    def emit(event: Event) -> None:
        if event.here:
            logger.emit(
                timestamp=int(event.at.timestamp() * 1e9),
                severity_number=SEVERITIES[event.name],
                event_name=f"payreq.{event.name}",
                attributes=attributes(event.block) if event.block else {},
            )

    def observe(_: CallbackOptions) -> Iterator[Observation]:
        held = kept()
        blocks = held.blocks.active() if held else []
        told = Counter(tuple(attributes(block).items()) for block in blocks)
        for items, number in told.items():
            yield Observation(number, dict(items))

    meter.create_observable_gauge(
        "payreq.blocked_features",
        [observe],
        "{feature}",
        "Features that are off until billing is settled, each for an account at an API",
    )
    for name in ("payment_required", "refused"):
        guard.on(name, count)
    for name in SEVERITIES:
        guard.on(name, emit)


class _Attributes:
    """The bounded attributes of refusals and blocks."""

    def __init__(self, guard: Guard) -> None:
        self._features = frozenset(guard.voice.features)
        self._hosts: set[str] = set()

    def __call__(self, subject: Any) -> dict[str, str]:
        found = {
            "payreq.reason": subject.reason.value,
            "payreq.provider": subject.details.provider,
            "payreq.feature": subject.feature if subject.feature in self._features else "other",
            "server.address": self._host(urlsplit(subject.origin or "").hostname),
        }
        return {name: value for name, value in found.items() if value}

    def _host(self, host: str | None) -> str | None:
        if host is None or host in self._hosts:
            return host
        if len(self._hosts) >= HOSTS:
            return "other"
        self._hosts.add(host)
        return host
