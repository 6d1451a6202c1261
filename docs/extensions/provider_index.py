"""Writes the index of providers from the profiles, at the end of the page `providers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payreq.reading.providers import known
from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

    from payreq.reading.profiles import Profile

PAGE = "providers"

_PAGES = {
    "billing": "billing_url",
    "plans": "upgrade_url",
    "errors": "docs_url",
    "status": "status_url",
    "support": "support_url",
}
_RETURNS = {"at once": "at once", "minutes": "within minutes", "hours": "within hours"}


def index() -> str:
    """Return the index, in Markdown."""
    profiles = sorted(known(), key=lambda profile: profile.title.casefold())
    head = f"## The {len(profiles)} providers"
    return "\n\n".join([head, *map(entry, profiles)]) + "\n"


def entry(profile: Profile) -> str:
    """Return what is known of a provider, in short."""
    lines = "\n".join(f"- {line}" for line in _lines(profile))
    return f"(provider-{profile.name})=\n### {profile.title}\n\n{lines}"


def _lines(profile: Profile) -> Iterator[str]:
    yield f"Name: `{profile.name}`"
    hosts = ", ".join(f"`{host}`" for host in profile.hosts)
    yield f"Hosts: {hosts}" if hosts else "Hosts: any; known by its answers"
    causes = [f"`{reason}`{_statuses(profile, reason)}" for reason in Reason]
    yield f"Refuses with: {', '.join(cause for cause in causes if cause.endswith(')'))}"
    if profile.returns is not None:
        yield f"Access returns {_RETURNS[profile.returns]}"
    urls = {title: getattr(profile, name) for title, name in _PAGES.items()}
    pages = [f"[{title}](<{url}>)" for title, url in urls.items() if url]
    if pages:
        yield f"Pages: {', '.join(pages)}"
    yield f"Read in: {', '.join(f'<{page.url}> ({page.read})' for page in profile.sources)}"


def _statuses(profile: Profile, reason: Reason) -> str:
    """Return the statuses that carry a reason, in brackets; nothing where no rule gives it."""
    rules = [rule for rule in profile.rules if rule.means == reason]
    statuses = sorted({status for rule in rules for status in rule.status})
    if not rules:
        return ""
    return f" ({', '.join(map(str, statuses)) or 'any status'})"


def _append(_app: Sphinx, page: str, source: list[str]) -> None:
    if page == PAGE:
        source[0] += f"\n{index()}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the index appended when its page is read."""
    app.connect("source-read", _append)
    return {"parallel_read_safe": True}
