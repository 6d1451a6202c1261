"""Which links a person may be sent to: a refusal comes from a server, and so do its links.

A link is trusted if it is https and leads to the API's own site, to a page that is known of its
provider, to a checkout that many providers use, or to a host that the app trusts.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from payreq.reasons import Reason
from payreq.safety import clean, web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.telling.messages import Action, UserMessage, Voice

CHECKOUTS = (
    "billing.stripe.com",  # Stripe's customer portal
    "buy.stripe.com",  # its payment links
    "checkout.stripe.com",  # its checkout
    "invoice.stripe.com",  # its hosted invoices
    "paypal.com",
    "www.paypal.com",
    "buy.paddle.com",  # Paddle's checkout
    "customer-portal.paddle.com",  # its customer portal
    "*.lemonsqueezy.com",  # Lemon Squeezy: a checkout stands on its store's own host
    "buy.polar.sh",  # Polar's checkout links
    "pay.gocardless.com",  # GoCardless's billing requests
    "rzp.io",  # Razorpay's payment links
)
"""Hosts of well-known checkouts and invoices."""

SHARED_SITES = frozenset({
    "amazonaws.com", "amplifyapp.com", "appspot.com", "awsapprunner.com", "azure-api.net",
    "azurecontainer.io", "azurecontainerapps.io", "azureedge.net", "azurefd.net",
    "azurestaticapps.net", "azurewebsites.net", "blogspot.com", "bubbleapps.io", "cleverapps.io",
    "cloudapp.azure.com", "cloudapp.net", "cloudfront.net", "cloudfunctions.net", "co.com",
    "code.run", "csb.app", "deno.dev", "elasticbeanstalk.com", "eu.org", "firebaseapp.com",
    "fly.dev", "framer.app", "gateway.dev", "gitbook.io", "github.dev", "github.io", "gitlab.io",
    "googleapis.com", "herokuapp.com", "hf.space", "hosted.app", "is-a.dev", "koyeb.app",
    "lovable.app", "modal.run", "myshopify.com", "netlify.app", "ngrok-free.app", "ngrok-free.dev",
    "ngrok.app", "ngrok.dev", "ngrok.io", "ngrok.pizza", "northflank.app", "notion.site", "on.aws",
    "ondigitalocean.app", "onrender.com", "openai.azure.com", "p.rapidapi.com", "pages.dev",
    "proxy.runpod.net", "pythonanywhere.com", "railway.app", "readthedocs.io", "repl.co",
    "replit.app", "replit.dev", "run.app", "snowflake.app", "square.site", "streamlit.app",
    "supabase.co", "surge.sh", "trafficmanager.net", "trycloudflare.com", "uk.com", "us.com",
    "val.run", "vercel.app", "vercel.dev", "wasmer.app", "web.app", "webflow.io", "windows.net",
    "wixsite.com", "workers.dev", "zeabur.app", "zendesk.com",
})  # fmt: skip
"""Sites under which anyone may have a host: there, an API's site is its host alone. Most stand
in the private part of publicsuffix.org."""

_SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "go", "gob", "gov", "gv", "ne", "net", "nom", "or", "org", "sch"}
)
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*")

KINDS: dict[Reason, tuple[str, ...]] = {
    Reason.INVOICE_UNPAID: ("feature", "invoice", "billing", "upgrade", "docs"),
    Reason.QUOTA_EXCEEDED: ("feature", "upgrade", "billing", "invoice", "docs"),
    Reason.SUBSCRIPTION_REQUIRED: ("feature", "upgrade", "billing", "invoice", "docs"),
    Reason.TRIAL_EXPIRED: ("feature", "upgrade", "billing", "invoice", "docs"),
    Reason.PLAN_UPGRADE_REQUIRED: ("feature", "upgrade", "billing", "invoice", "docs"),
}
_USUAL = ("feature", "billing", "upgrade", "invoice", "docs")
"""Where a link leads, in the order in which it serves; by reason where that differs."""


class Link(NamedTuple):
    """A link and where it leads: "feature", "invoice", "upgrade", "billing" or "docs"."""

    kind: str
    url: str


def links(subject: Any, *, voice: Voice, about: Any) -> list[Link]:
    """Return the trusted links of a refusal, the most useful first, each once."""
    found: dict[str, Link] = {}
    for link, trusted in _offered(subject, voice, about):
        if trusted:
            found.setdefault(link.url, link)
    return list(found.values())


def unverified(subject: Any, *, voice: Voice, about: Any) -> list[str]:
    """Return the hosts of the links that are not trusted, which may be named, never followed."""
    hosts = [
        urlsplit(link.url).hostname or ""
        for link, trusted in _offered(subject, voice, about)
        if not trusted
    ]
    return list(dict.fromkeys(clean(host, 100) for host in hosts))


def without_untrusted(
    message: UserMessage, subject: Any, *, voice: Voice, about: Any
) -> UserMessage:
    """Return an app's own message without links that it took over from a server in good faith."""
    bad = {link.url for link, trusted in _offered(subject, voice, about) if not trusted}

    def keep(action: Action | None) -> bool:
        return action is not None and action.url not in bad

    return replace(
        message,
        action=message.action if keep(message.action) else None,
        more=tuple(action for action in message.more if keep(action)),
    )


def site(host: str) -> str | None:
    """Return the site that a host belongs to; None where only the host itself is safe to trust."""
    if not _HOST.fullmatch(host) or any(_below(host, shared) for shared in SHARED_SITES):
        return None
    labels = host.split(".")
    two = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL  # noqa: PLR2004  # co.uk, com.au
    kept = 3 if two else 2
    return ".".join(labels[-kept:]) if len(labels) >= kept else None


def is_trusted(url: str, *, origin: str | None, voice: Voice, about: Any) -> bool:
    """Say whether a person may be sent to a link that came from a server.

    Args:
        url: The link.
        origin: The origin of the API that sent it, as far as known.
        voice: Whose `trusted_hosts` count.
        about: The provider, as far as known.
    """
    target = _https_host(url)
    if target is None:
        return False
    own = _host(origin)
    own_site = site(own)
    return (
        target == own
        or (own_site is not None and _below(target, own_site))
        or any(fnmatchcase(target, host.lower()) for host in (*CHECKOUTS, *voice.trusted_hosts))
        or target in _pages(about)
    )


def _offered(subject: Any, voice: Voice, about: Any) -> Iterator[tuple[Link, bool]]:
    details = subject.details
    feature = voice.feature(subject.feature)
    for kind in KINDS.get(details.reason, _USUAL):
        if kind == "feature":
            # The app's own link: trusted as long as it is one.
            url = feature.url if feature else None
            if url and _https_host(url):
                yield Link(kind, url), True
            continue
        for source in (details, about):
            url = web_url(getattr(source, f"{kind}_url", None))
            if url:
                origin = getattr(subject, "origin", None)
                yield Link(kind, url), is_trusted(url, origin=origin, voice=voice, about=about)


def _pages(about: Any) -> set[str]:
    pages = ("billing_url", "upgrade_url", "status_url", "support_url", "docs_url")
    urls = [getattr(about, page, None) for page in pages]
    hosts = {_host(url) for url in urls if url}
    return hosts | {host.lower() for host in getattr(about, "hosts", ()) if "*" not in host}


def _https_host(url: str) -> str | None:
    """Return the host of an https URL in plain ASCII, on the usual port; else None."""
    safe = web_url(url)
    if safe is None or not safe.isascii():
        return None
    parts = urlsplit(safe)
    if parts.scheme.lower() != "https" or parts.port not in {None, 443}:
        return None
    return _host(safe)


def _host(url: str | None) -> str:
    return (urlsplit(url or "").hostname or "").rstrip(".")


def _below(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}")
