"""Puts a message together: which sentences, which facts, which links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payreq.reasons import Reason
from payreq.telling import sentences as say
from payreq.telling.knowledge import known
from payreq.telling.languages import joined
from payreq.telling.links import links, unverified
from payreq.telling.messages import Action, UserMessage, restricts_access

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payreq.details import PaymentDetails
    from payreq.features import Audience
    from payreq.telling.links import Link
    from payreq.telling.messages import Voice
    from payreq.telling.reader import Reader
    from payreq.telling.sentences import Options

_PAYING = frozenset({"feature", "invoice", "upgrade", "billing"})  # kinds of links to pay at


def compose(
    subject: Any, *, voice: Voice, about: Any, audience: Audience, reader: Reader
) -> UserMessage:
    """Return the message for a refusal or a block.

    Args:
        subject: A refusal or a block.
        voice: How the guard speaks.
        about: What is known of the provider, or None.
        audience: Whom it is for.
        reader: Who reads it.
    """
    details = subject.details
    facts = known(subject, voice=voice, about=about, reader=reader)
    if audience == "visitor":
        return _for_visitor(details, facts, reader)
    offered = links(subject, voice=voice, about=about)
    if details.payer == "upstream":
        offered = [link for link in offered if link.kind not in _PAYING]
    action = _action(details.reason, offered, reader) if audience == "owner" else None
    if audience == "owner":
        hosts = unverified(subject, voice=voice, about=about)
        facts |= {"unverified": ", ".join(hosts)} if hosts else {}
    if action is not None:
        facts["target"] = action.host
    return UserMessage(
        title=reader.say(_title(details), facts),
        body=_spoken(_body(details, audience), facts, reader),
        action=action,
        more=tuple(
            Action(reader.name(say.LINKS[link.kind]), link.url)
            for link in offered
            if action is None or link.url != action.url
        ),
        facts=listed(facts, reader),
        after_payment=_spoken(_after(details, about), facts, reader) or None,
        locale=reader.language,
        audience=audience,
    )


def listed(facts: dict[str, str], reader: Reader) -> tuple[tuple[str, str], ...]:
    """Return the facts that are listed, labelled and in order."""
    return tuple(
        (reader.name(label), facts[name]) for name, label in say.LABELS.items() if name in facts
    )


def _for_visitor(details: PaymentDetails, facts: dict[str, str], reader: Reader) -> UserMessage:
    told: tuple[Options, ...]
    if details.reason is Reason.PAYMENT_FAILED:
        facts = {name: facts[name] for name in ("feature", "price") if name in facts}
        title = say.TITLES[details.reason]
        told = (say.CAUSES[details.reason], say.STILL_OPEN, say.NEXT_OWNER[details.reason])
    else:
        title = say.RESTS if restricts_access(details) else say.ONCE_VISITOR
        told = (say.BACK if details.reason in say.RENEWING else (), say.STILL_VISITOR)
    return UserMessage(
        reader.say(title, facts),
        _spoken(told, facts, reader),
        facts=listed(facts, reader) if details.reason is Reason.PAYMENT_FAILED else (),
        locale=reader.language,
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


def _spoken(parts: Iterable[Options], facts: dict[str, str], reader: Reader) -> str:
    return joined(
        [told for options in parts if (told := reader.say(options, facts))], reader.language
    )


def _action(reason: Reason, offered: list[Link], reader: Reader) -> Action | None:
    for link in offered:
        if link.kind in _PAYING:
            invoice = link.kind == "invoice" and reason is not Reason.INVOICE_UNPAID
            label = say.LINKS["invoice"] if invoice else say.ACTIONS[reason]
            return Action(reader.name(label), link.url)
    return None


def _after(details: PaymentDetails, about: Any) -> Iterator[Options]:
    """Yield whether the click costs anything, and when access comes back."""
    yield say.OPENING
    if restricts_access(details) and details.payer != "upstream":
        yield say.AFTER[getattr(about, "returns", None) or "unsaid"]
