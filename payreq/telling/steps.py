"""The way out, step by step, for who runs the program: cut to the reason and to what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payreq.reasons import MEANINGS
from payreq.safety import clean
from payreq.telling import way_out as say
from payreq.telling.knowledge import known
from payreq.telling.links import is_trusted, links, unverified
from payreq.telling.messages import Voice, restricts_access
from payreq.telling.reader import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.telling.sentences import Options

_QUOTED = 400  # characters of the provider's words


def fix_steps(subject: Any, *, voice: Voice | None = None, about: Any = None) -> tuple[str, ...]:
    """Return the steps that lead out of a refusal, in the order in which to take them.

    Understand the cause, look at the dashboard, check the plan, check the key's account and its
    billing, read the provider's words, change the app, refresh credentials once the payment is
    confirmed, ask support: each only where it helps with this refusal.

    Args:
        subject: A `PaymentRequired`.
        voice: How the guard speaks; left out: the defaults.
        about: What is known of the provider, or None.
    """
    voice = voice or Voice()
    details = subject.details
    facts = known(subject, voice=voice, about=about)
    facts["cause"] = MEANINGS[details.reason].title
    facts |= _links(subject, voice, about)
    if subject.credential is not None:
        facts["key"] = clean(str(subject.credential), _QUOTED)
    if details.account_id:
        facts["owner"] = clean(details.account_id, _QUOTED)
    if details.message:
        facts["words"] = clean(details.message, _QUOTED)
    if details.challenges:
        facts["protocol"] = clean(details.challenges[0].protocol, _QUOTED)
    return tuple(filter(None, (ENGLISH.say(options, facts) for options in _steps(subject))))


def _steps(subject: Any) -> Iterator[Options]:
    details = subject.details
    reason = details.reason
    upstream = details.payer == "upstream"
    yield say.STEP_UPSTREAM if upstream else say.STEP_CAUSE
    if not upstream and restricts_access(details):
        yield say.STEP_DASHBOARD
        yield say.STEP_PLAN if reason in say.OF_THE_PLAN else ()
        yield say.STEP_KEY if reason in say.OF_THE_KEY else ()
    yield say.STEP_WORDS
    yield say.STEP_UNVERIFIED
    if upstream:
        yield say.STEP_APP_UPSTREAM
    else:
        yield say.STEP_APP_ONCE if _is_too_large(details) else say.STEP_APP[reason]
        yield say.STEP_REFRESH if restricts_access(details) else ()
    yield say.STEP_SUPPORT


def _is_too_large(details: Any) -> bool:
    """Say whether this request alone was refused, for what it would cost."""
    return details.scope == "request" and MEANINGS[details.reason].restricts_access


def _links(subject: Any, voice: Voice, about: Any) -> dict[str, str]:
    """Return the trusted links by where they lead, and the hosts of the others."""
    found: dict[str, str] = {}
    for link in links(subject, voice=voice, about=about):
        found.setdefault(link.kind, link.url)
    found = {f"{kind}_link": url for kind, url in found.items()}
    money = [found[name] for name in ("billing_link", "invoice_link") if name in found]
    if money:
        found["dashboard"] = money[0]
    support = getattr(about, "support_url", None)
    if support and is_trusted(support, origin=None, voice=voice, about=about):
        found["support"] = support
    hosts = unverified(subject, voice=voice, about=about)
    return found | ({"unverified": ", ".join(hosts)} if hosts else {})
