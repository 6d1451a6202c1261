"""One request's way through a guard, without I/O: shared by sync and async, httpx and httpx2.

A transport drives it: `admit` before the request, `wants_body` on the response's head, `judge`
once as much of the body is read as may be, `fail` when the request came to nothing. What listeners
must hear collects in `news`.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from payreq.blocking.outcomes import Admission
from payreq.redaction import OF_TRANSFER
from payreq.replays import FINAL, Replay

if TYPE_CHECKING:
    from payreq.blocking.block import Block, Key
    from payreq.blocking.outcomes import Outcome
    from payreq.bodies import Prefix
    from payreq.details import PaymentDetails
    from payreq.exceptions import PaymentRequired
    from payreq.guard import Guard
    from payreq.telling.events import Event

Refusals = Literal["raise", "return", "observe"]
MODES: tuple[Refusals, ...] = ("raise", "return", "observe")

MARK = "payreq"
"""The key in `response.extensions` under which a refused response carries its refusal."""

REFUSING = 400
"""From this status on an answer may be a refusal (RFC 9110, 15.5), whoever sends it."""

_CACHED = ("from_cache", "hishel_from_cache")
_OF_TRANSFER = frozenset(name.encode() for name in OF_TRANSFER)
_OF_ONE_ANSWER = frozenset({b"set-cookie", b"connection"})  # not to be given again


CALL: ContextVar[tuple[Key, ...] | None] = ContextVar("payreq_call", default=None)
"""What one `client.send` has been refused so far: its auth flow may send more than one request."""

ANSWERED: tuple[Key, ...] = ()
"""What `CALL` is from the start where a call brings an auth flow of its own, which may answer."""


class Exchange:
    """One request under a guard.

    Args:
        guard: Whose features, blocks and listeners apply.
        request: An httpx or httpx2 request.
        refusals: What becomes of a refusal; None leaves it to the guard and the request.
        linked: Whether a wrapped `send` is around, whose auth flow may send again.
        epoch: The ledger's epoch when the request was sent, if it was sent already.
    """

    __slots__ = (
        "_admission", "_default", "_epoch", "_guard", "_linked", "_refusals", "_request", "news",
    )  # fmt: skip

    def __init__(
        self,
        guard: Guard,
        request: Any,
        refusals: Refusals | None,
        *,
        linked: bool,
        epoch: int | None,
    ) -> None:
        self._guard = guard
        self._request = request
        self._linked = linked
        self._refusals: Refusals | None = refusals
        self._admission: Admission | None = None
        self._default: bool  # known with the admission
        self._epoch = guard.ledger.epoch if epoch is None else epoch
        self.news: list[Event] = []

    def admit(self) -> PaymentRequired | None:
        """Return the refusal if the request may not leave, None if it may."""
        if self._guard.ledger.quiet:
            return None
        key, self._default = self._guard.scoper.key(self._request)
        met = any(refused.origin == key.origin for refused in CALL.get() or ())
        passing = met or (self._refusals or self._guard.refusals) == "observe"
        admission = self._guard.ledger.admit(key, passing=passing)
        self._admission = admission
        if admission.block is None:
            return None
        from payreq.exceptions import refused_here  # noqa: PLC0415  # only for refusals

        refusal = refused_here(
            admission.block, request=self._request, at=self._now(), voice=self._guard.voice
        )
        refusal.raises = self._guard.mode_of(self._request, self._refusals) == "raise"
        self._tell("refused", refusal, admission.block)
        return refusal

    def replay(self) -> Replay:
        """Return what answers a request that is refused here: the refusal's own answer, again."""
        admission = self._admission
        assert admission is not None and admission.block is not None  # noqa: PT018, S101  # admit() refused
        return self._guard.replays.of(admission.key, admission.block)

    def is_free(self, response: Any) -> bool:
        """Say whether an answer can change nothing: nothing was held, and it is no refusal."""
        admission = self._admission
        return (
            (admission is None or not admission.met) and self.is_plain(response) and not CALL.get()
        )

    def is_plain(self, response: Any) -> bool:
        """Say whether an answer is so plainly no refusal that nothing of it need be read."""
        return response.status_code < REFUSING and not self._guard.watches(self._request.url.host)

    def wants_body(self, response: Any) -> bool:
        """Say whether status and headers can hide a refusal in the body."""
        if self.is_plain(response):
            return False
        from payreq.reading.hiding import may_hide_refusal  # noqa: PLC0415  # not on the happy path

        status = response.status_code
        return (
            status == 402  # noqa: PLR2004  # it is a refusal, whatever it sends: RFC 9110, 15.5.3
            or may_hide_refusal(
                status,
                response.headers.get("content-type", ""),
                self._request.url.host,
                extra=self._guard.profiles,
            )
        )

    def judge(self, response: Any, prefix: Prefix | None) -> PaymentRequired | None:
        """Read an answer, settle the block it concerns, and return the refusal if it is one.

        A response that is refused is marked for whoever sees it next: its extensions carry the
        refusal, its headers tell vendor SDKs not to retry.
        """
        try:
            details = None if self.is_plain(response) else self._read(response, prefix)
            if details is None:
                unread = prefix is not None and prefix.error is not None
                self._answered(None if unread or _cached(response) else response.status_code)
                return None
            return self._refused(response, details, prefix)
        except Exception as error:
            # Reading must never fail a request that is healthy; what the error says may be secret.
            kind = type(error).__name__
            self._guard._warn(  # noqa: SLF001  # one register of what was said once
                f"judge {kind}", "a response could not be judged (%s); it passes untouched", kind
            )
            self.fail()
            return None

    def fail(self) -> None:
        """Free what the request held: it failed, or was cancelled, before an answer was read."""
        if self._admission is not None:
            self._settled(self._guard.ledger.failed(self._admission))

    def _read(self, response: Any, prefix: Prefix | None) -> PaymentDetails | None:
        from payreq import reading  # noqa: PLC0415  # loads pydantic: only once something is refused

        request = self._request
        whole = prefix is None or prefix.complete
        details = reading.read(
            response.status_code,
            response.headers,
            b"" if prefix is None else prefix.decoded,
            url=str(request.url),
            request_headers=request.headers,
            truncated=not whole,
            extra=self._guard.profiles,
        )
        return details if details is not None and self._guard.accepts(details) else None

    def _answered(self, status: int | None) -> None:
        """Settle an answer that is no refusal; None when it tells nothing of how things stand."""
        ledger = self._guard.ledger
        call = CALL.get()
        if call and status is not None:
            # Where Authorization holds the receipt, what was met is another account's.
            origin = self._guard.scoper.key(self._request)[0].origin
            for key in [key for key in call if key.origin == origin]:
                self._settled(ledger.answered(Admission(key, ledger.epoch), status))
        if self._admission is not None:
            admission = self._admission
            self._settled(
                ledger.failed(admission) if status is None else ledger.answered(admission, status)
            )

    def _refused(
        self, response: Any, details: PaymentDetails, prefix: Prefix | None
    ) -> PaymentRequired:
        from payreq.exceptions import refusal as made  # noqa: PLC0415  # only for refusals
        from payreq.redaction import scrubbed  # noqa: PLC0415  # only for refusals

        guard = self._guard
        if self._admission is None:
            key, self._default = guard.scoper.key(self._request)
            self._admission = Admission(key, self._epoch)
        admission = self._admission
        details = scrubbed(details, self._request)
        if _cached(response):
            outcome = guard.ledger.failed(admission)
        else:
            outcome = guard.ledger.refused(admission, details, default_feature=self._default)
        refusal = made(
            details,
            request=self._request,
            response=response,
            feature=admission.key.feature,
            account=admission.key.account,
            block=outcome.block,
            at=self._now(),
            voice=guard.voice,
        )
        self._tell("payment_required", refusal, outcome.block)
        self._settled(outcome, refusal)
        if outcome.block is not None:
            guard.replays.keep(admission.key, _replay(response, prefix))
        mode = guard.mode_of(self._request, self._refusals)
        refusal.raises = mode == "raise"
        if mode != "observe":
            self.remember()
            if prefix is not None:
                # What was read is enough to tell; the caller meets a short body, not an error.
                prefix.error = None
            mark(response, refusal)
        return refusal

    def remember(self) -> None:
        """Let what the same `client.send` sends next pass the guard: its auth may have paid."""
        if self._linked and self._admission is not None:
            self._guard.refused = True
            CALL.set((*(CALL.get() or ()), self._admission.key))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._guard.clock(), UTC)

    def _settled(self, outcome: Outcome, refusal: PaymentRequired | None = None) -> None:
        for transition in self._guard.note(outcome):
            self._tell(transition.name, refusal, transition.block)

    def _tell(self, name: str, refusal: PaymentRequired | None, block: Block | None) -> None:
        if self._guard.heeds(name):
            self.news.append(self._guard.event(name, refusal=refusal, block=block))


def mark(response: Any, refusal: PaymentRequired) -> None:
    """Mark a refused response: the refusal in its extensions, in its headers that it is final."""
    response.extensions[MARK] = refusal
    for name, value in FINAL:
        response.headers[name] = value


def headers_of(response: Any) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response that suit its decoded body."""
    return [pair for pair in response.headers.raw if pair[0].lower() not in _OF_TRANSFER]


def _replay(response: Any, prefix: Prefix | None) -> Replay:
    headers = type(response.headers)(
        [pair for pair in headers_of(response) if pair[0].lower() not in _OF_ONE_ANSWER]
    )
    content = b"" if prefix is None else prefix.decoded
    for name, value in (*FINAL, ("content-length", str(len(content)))):
        headers[name] = value
    return Replay(response.status_code, headers, content)


def _cached(response: Any) -> bool:
    """Say whether a cache answered, as hishel and others note it: that may be long out of date."""
    extensions = response.extensions
    told = extensions.get("caching")  # hishel 2
    return any(extensions.get(name) for name in _CACHED) or (
        isinstance(told, dict) and bool(told.get("from_cache"))
    )
