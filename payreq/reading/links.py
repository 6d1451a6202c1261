"""Links in an answer, told apart by the member that holds them, their path and the words around."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from payreq.reading.field_names import MEMBERS
from payreq.safety import web_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payreq.reading.document import Document, Leaf

KINDS = ("invoice_url", "upgrade_url", "billing_url", "docs_url")

_TEXTS = 20
_LINKS = 20
_TEXT_LIMIT = 8_000
_AROUND = 120
_URL = re.compile(r"https?://[^\s<>\"'\\`{}|^\u3000-\u303f\uff00-\uffef]{1,2000}", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{|<[^/]")
_CLOSING = ".,;:!?)]}*_"
_BY_MEMBER = {name: kind for kind in KINDS for name in MEMBERS[kind]}
_DOCS_HOST = re.compile(r"(?:docs|doc|help|support|kb|learn)\.", re.IGNORECASE)
_HELP = frozenset({"help", "helpurl", "helplink", "infourl", "moreinfo", "see"})
"""Members that may lead to the page where it is paid as well as to one that explains."""
_CONTACT = re.compile(r"support|contact")
_DOCS_PATH = re.compile(r"\bdoc|documentation|error|\bfaq|help|guide|learn|reference|article")
_BY_PATH = (
    (
        "upgrade_url",
        re.compile(r"pric(?:e|es|ing)\b|\bplans?\b|upgrad|subscri|\bplus\b|\bpro\b|\bpremium\b"),
    ),
    ("docs_url", _DOCS_PATH),
    ("invoice_url", re.compile(r"invoice")),
    (
        "billing_url",
        re.compile(
            r"billing|credit|top-?up|recharge|payment|wallet|balance|checkout|settings|\bcards?\b"
        ),
    ),
)
_LEARN = re.compile(r"\b(?:learn|read)\smore\s?(?:at|in|here)?\s?:?\s?$", re.IGNORECASE)
_BY_WORDS = (
    ("invoice_url", re.compile(r"\b(?:view|see|pay)\s(?:the|your)?\s?invoice")),
    ("upgrade_url", re.compile(r"upgrad|\bplans?\b|subscri|\btrial\b|pricing")),
    (
        "billing_url",
        re.compile(
            r"billing|credits?\b|top(?:ping)?.?up|recharge|\bpay|balance|add(?:ing)? funds|purchase"
            r"|\bbuy\b|\bsettle\b|spend|budget|充值|续订|续费"
        ),
    ),
    ("docs_url", re.compile(r"\bdocs?\b|documentation|more info|details|learn|read\b|\bsee\b|详")),
)


def read_links(document: Document) -> dict[str, str]:
    """Return the first link of each kind that an answer holds.

    Args:
        document: The response.
    """
    found: dict[str, str] = {}
    for kind, url in _links(document):
        found.setdefault(kind, url)
    return found


def _links(document: Document) -> Iterator[tuple[str, str]]:
    """Yield links and their kinds, those of members named for them first."""
    texts = [(_named(leaf), leaf) for leaf in document.leaves if _may_link(leaf)]
    texts.sort(key=lambda item: item[0] is None)
    for named, leaf in texts[:_TEXTS]:
        # RFC 9457 wants a page behind the type.
        own = "docs_url" if leaf.path == ("type",) else named
        for url, before, behind in _found(str(leaf.value), document.url):
            kind = own or _kind(url, before, behind)
            if leaf.key in _HELP and not _is_of_docs(url):
                kind = _by_path(urlsplit(url.lower()).path) or kind
            if kind is not None:
                yield kind, url
    found = [*_found(document.text)]
    for address, words in document.links:
        found += [(url, words, "") for url, *_ in _found(address, document.url)]
    for url, before, behind in found:
        kind = _kind(url, before, behind)
        if kind is not None:
            yield kind, url


def _named(leaf: Leaf) -> str | None:
    """Return the kind that a member's name tells: its own, or by what it is made of."""
    key = leaf.key
    holds_links = key.endswith(("url", "uri", "link")) or "links" in leaf.path[:-1]
    if key in _BY_MEMBER or not holds_links:
        return _BY_MEMBER.get(key)
    return next((kind for kind, words in _BY_PATH if words.search(key)), None)


def _may_link(leaf: Leaf) -> bool:
    value = leaf.value
    if not isinstance(value, str):
        return False
    return "://" in value or (value.startswith("/") and leaf.key.endswith(("url", "link")))


def _found(text: str, base: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield the links of a text, each with what stands before and behind it."""
    text = text.strip()[:_TEXT_LIMIT]
    if text.startswith("/") and "://" not in text:
        url = web_url(text, base)
        if url is not None:
            yield url, "", ""
        return
    for link in islice(_URL.finditer(text), _LINKS):
        url = web_url(link.group().rstrip(_CLOSING))
        if url is not None and not _PLACEHOLDER.match(text, link.end()):
            yield url, text[: link.start()][-_AROUND:], text[link.end() :][:_AROUND]


def _is_of_docs(url: str) -> bool:
    parts = urlsplit(url.lower())
    return bool(_DOCS_HOST.match(parts.netloc) or _DOCS_PATH.search(parts.path))


def _by_path(where: str) -> str | None:
    return next((kind for kind, words in _BY_PATH if words.search(where)), None)


def _kind(url: str, before: str, behind: str) -> str | None:
    """Tell what a link is for."""
    parts = urlsplit(url.lower())
    if _DOCS_HOST.match(parts.netloc):
        return "docs_url"
    where = f"{parts.path}#{parts.fragment}"
    kind = _by_path(where)
    if kind is not None:
        return kind
    if _CONTACT.search(where):
        return None
    if _LEARN.search(before):
        return "docs_url"
    # Words of the same sentence, those before the link first, then those of the sentence before.
    for nearby in (before.rpartition(". ")[2], behind.partition(". ")[0], before):
        for kind, words in _BY_WORDS:
            if words.search(nearby.lower()):
                return kind
    return None
