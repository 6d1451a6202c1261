"""Puts a message together: which sentences, which facts, which links."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from payreq.reasons import Reason
from payreq.telling import sentences as say
from payreq.telling.knowledge import known
from payreq.telling.links import links, unverified
from payreq.telling.messages import Action, UserMessage, restricts_access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.details import PaymentDetails
    from payreq.features import Audience
    from payreq.telling.links import Link
    from payreq.telling.messages import Voice
    from payreq.telling.sentences import Options

_PAYING = frozenset({"feature", "invoice", "upgrade", "billing"})  # kinds of links to pay at


def compose(subject: Any, *, voice: Voice, about: Any, audience: Audience) -> UserMessage:
    """Return the English message for a refusal or a block.

    Args:
        subject: A refusal or a block.
        voice: How the guard speaks.
        about: What is known of the provider, or None.
        audience: Whom it is for.
    """
    details = subject.details
    facts = known(subject, voice=voice, about=about)
    if audience == "visitor":
        return _for_visitor(details, facts)
    offered = links(subject, voice=voice, about=about)
    if details.payer == "upstream":
        offered = [link for link in offered if link.kind not in _PAYING]
    action = _action(details.reason, offered) if audience == "owner" else None
    if audience == "owner":
        hosts = unverified(subject, voice=voice, about=about)
        facts |= {"unverified": ", ".join(hosts)} if hosts else {}
    return UserMessage(
        title=first(_title(details), facts),
        body=_spoken(_body(details, audience), facts),
        action=action,
        more=tuple(
            Action(say.LINKS[link.kind], link.url)
            for link in offered
            if action is None or link.url != action.url
        ),
        facts=listed(facts),
        after_payment=_after(details, facts, about, action),
        audience=audience,
    )


def first(options: Options, facts: dict[str, str]) -> str:
    """Return the first sentence of which every placeholder is known, filled in; else "".

    Args:
        options: Sentences with named placeholders, the one that says most first.
        facts: The values.
    """
    for sentence in options:
        if all(name is None or name in facts for _, name, _, _ in Formatter().parse(sentence)):
            return sentence.format_map(facts)
    return ""


def listed(facts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the facts that are listed, labelled and in order."""
    return tuple((label, facts[name]) for name, label in say.LABELS.items() if name in facts)


def _for_visitor(details: PaymentDetails, facts: dict[str, str]) -> UserMessage:
    if details.reason is Reason.PAYMENT_FAILED:
        price = {name: value for name, value in facts.items() if name == "price"}
        told = (say.CAUSES[details.reason], say.STILL_OPEN, say.NEXT_OWNER[details.reason])
        title = say.TITLES[details.reason]
        return UserMessage(
            first(title, price), _spoken(told, price), facts=listed(price), audience="visitor"
        )
    back = say.BACK if details.reason in say.RENEWING else ()
    return UserMessage(
        first(say.RESTS if restricts_access(details) else say.ONCE_VISITOR, facts),
        _spoken((back, say.STILL_VISITOR), facts),
        audience="visitor",
    )


def _title(details: PaymentDetails) -> Options:
    if details.reason in say.TITLES and details.payer != "upstream":
        return say.TITLES[details.reason]
    return say.PAUSED if restricts_access(details) else say.ONCE


def _body(details: PaymentDetails, audience: Audience) -> Iterator[Options]:
    """Yield what happened, what still works and the next step."""
    reason = details.reason
    upstream = details.payer == "upstream"
    if upstream:
        yield say.CAUSE_UPSTREAM
    elif details.scope == "request" and reason not in say.TITLES:
        yield say.CAUSE_ONCE
    else:
        yield say.CAUSES[reason]
        yield say.RENEWS if reason in say.RENEWING else ()
    if not restricts_access(details):
        yield say.STILL_OPEN
    else:
        yield say.STILL_ACCOUNT if details.scope == "account" else say.STILL_FEATURE
    if upstream:
        yield say.NEXT_UPSTREAM
    else:
        yield (say.NEXT_OWNER if audience == "owner" else say.NEXT_MEMBER)[reason]


def _spoken(parts: Any, facts: dict[str, str]) -> str:
    return " ".join(filter(None, (first(options, facts) for options in parts)))


def _action(reason: Reason, offered: list[Link]) -> Action | None:
    for link in offered:
        if link.kind in _PAYING:
            invoice = link.kind == "invoice" and reason is not Reason.INVOICE_UNPAID
            return Action(say.LINKS["invoice"] if invoice else say.ACTIONS[reason], link.url)
    return None


def _after(
    details: PaymentDetails, facts: dict[str, str], about: Any, action: Action | None
) -> str | None:
    """Return whether the click costs anything, and when access comes back."""
    if not restricts_access(details) or details.payer == "upstream":
        return None
    opening = (say.OPENING,) if action else ()
    returns = say.AFTER[getattr(about, "returns", None) or "unsaid"]
    return _spoken((opening, returns), facts | {"target": action.host if action else ""})
