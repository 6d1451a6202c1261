"""The last resort: what the words of an error say, weighed against what speaks against it.

Only members that hold errors are heard, never prose that merely mentions billing. Which words
mean what is data: `phrases/*.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from payreq.reading.compiled import load
from payreq.reading.document import fold
from payreq.reading.failures import CODES_AT, is_named_error, tells_of_failure
from payreq.reading.field_names import MEMBERS
from payreq.reading.hiding import NEVER
from payreq.reading.phrases import Sentence, read_sentences
from payreq.reading.values import seconds_of
from payreq.reading.verdict import Verdict
from payreq.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from payreq.details import Scope
    from payreq.reading.document import Document, Leaf

PAYMENT_REQUIRED = 402
_FAILURES = 400
_NOT_FOUND = 404
_TOO_MANY = 429

_TEXTS = 24
_ASIDES = 120
_ASIDE = 200
_PAGE = 2_500
_PLAIN_PAGE = 1_250
_SHORT_PAGE = 600  # a web site's 403 with its menu is longer
_SOON = 3_600
_GRPC = "grpc-message"  # percent-encoded, in the trailers of what HTTP calls a success

_WORDS_AT = frozenset(
    {
        "accountstatus", "billingstatus", "cause", "code", "descinfo", "detail", "details", "ecode",
        "explanation", "fault", "faultstring", "heading", "help", "hint", "info", "information",
        "kind", "name", "note", "reason", "reasons", "result", "resultinfo", "resulttext", "status",
        "statustext", "subscriptionstatus", "summary", "tag", "text", "title", "type",
    }
)  # fmt: skip
"""Members that hold an error's words or code; so does any whose name has "error" or "message"."""

_NOT_THE_SERVERS = frozenset(
    {
        "attachments", "choices", "comment", "comments", "content", "document", "documents",
        "input", "item", "items", "params", "post", "posts", "prompt", "query", "request",
        "ticket", "value", "variables",
    }
)  # fmt: skip
"""Members that may quote the caller."""

AGAINST = frozenset({"rate", "window", "concurrency", "capacity"})
"""Ideas that tell of a limit which waiting lifts."""

_SHOP = re.compile(
    r"://(?:[^\s\"'<>]{1,200}?[/.#=_-])?"
    r"(?:billing|pricing|plans?|upgrade|subscri\w{2,8}|top-?up|recharge|credits|checkout)\b",
    re.IGNORECASE,
)
"""A link to where plans and credits are bought: it says what the words before it are about."""

_LINKS_AT = ("href", "link", "uri", "url")
_ASIDES_AT = ("group", "interval", "limit", "period", "policy", "quota", "rate", "retry", "window")
_WAITS_AT = frozenset(MEMBERS["retry_after"])


@dataclass(slots=True)
class Heard:
    """The ideas of an error.

    Attributes:
        sentences: Those of each sentence, with the code it stands in, if it is one.
        codes: All that may be a machine-readable code, and where it stands.
        ideas: Those of the whole error, its members' names and what stands beside them.
    """

    sentences: list[tuple[Sentence, str | None]] = field(default_factory=list)
    codes: list[tuple[str, str]] = field(default_factory=list)
    ideas: set[str] = field(default_factory=set)


class _Rule(NamedTuple):
    means: Reason | None
    words: tuple[frozenset[str], ...]
    beside: frozenset[str]
    unless: frozenset[str]
    weak: bool
    never_on: frozenset[int]
    only_on: frozenset[int]
    scope: Scope | None


def read_wording(
    document: Document, heard: Heard, *, about_money: bool | None = None
) -> Verdict | None:
    """Return what the words of an error say, or None if they do not say enough.

    Args:
        document: The response, an error.
        heard: Its ideas.
        about_money: Whether it is known to be a billing refusal, so that a hint of the cause
            is enough; left out: a 402 is.
    """
    if about_money is None:
        about_money = _is_402(document)
    rules, opening = _rules()
    # By far the most rules open with an idea that was not heard.
    for number in sorted({number for idea in heard.ideas for number in opening.get(idea, ())}):
        rule = rules[number]
        if not about_money and (
            rule.weak or document.status in rule.never_on or not rule.unless.isdisjoint(heard.ideas)
        ):
            continue
        if rule.only_on and document.status not in rule.only_on:
            continue
        if rule.beside and rule.beside.isdisjoint(heard.ideas):
            continue
        for sentence, code in heard.sentences:
            if all(not either.isdisjoint(sentence) for either in rule.words):
                return Verdict(
                    reason=rule.means,
                    certainty="wording",
                    evidence=_evidence(rule, sentence),
                    code=code,
                    scope=rule.scope,
                )
    return None


def _is_402(document: Document) -> bool:
    """Say whether an answer is a 402, by its own words at least: gateways change the status."""
    return document.status == PAYMENT_REQUIRED or any(
        leaf.key in CODES_AT and leaf.value == PAYMENT_REQUIRED
        for leaf in document.leaves[:_ASIDES]
    )


def is_heard(document: Document) -> bool:
    """Say whether a document is an error by its status or by its own words.

    Args:
        document: The response.
    """
    if document.status in NEVER:
        return False
    return document.status >= _FAILURES or tells_of_failure(document)


def hear(document: Document) -> Heard:
    """Return the ideas of a document's error.

    Args:
        document: The response.
    """
    heard = Heard()
    for text, place in _texts(document):
        written = _as_code(text)
        # "upgrade_tier" as the next action says what to do, not what is wrong.
        code = None if "action" in place else written
        if code is not None:
            heard.codes.append((code, place))
        for sentence in read_sentences(written or text):
            heard.sentences.append((sentence, code))
            heard.ideas.update(sentence)
        if _SHOP.search(text):
            heard.ideas.add("sales")
    members = _members()
    for leaf in document.leaves[:_ASIDES]:
        heard.ideas.update(members.get(leaf.key, ()))
        if leaf.key in _WAITS_AT and 0 < (seconds_of(leaf.value) or 0) <= _SOON:
            heard.ideas.add("soon")
        if isinstance(leaf.value, str) and _is_aside(leaf.key):
            for sentence in read_sentences(leaf.value[:_ASIDE]):
                heard.ideas.update(AGAINST & sentence.keys())
    wait = document.headers.get("retry-after")
    if wait and wait.isdecimal() and float(wait) <= _SOON:  # of too many digits, int would raise
        heard.ideas.add("soon")
    return heard


def _as_code(text: str) -> str | None:
    """Return a text that looks like a machine-readable code, a URI's last part, or None."""
    if not 2 < len(text) <= _ASIDE or " " in text:  # noqa: PLR2004  # shorter ones say nothing
        return None
    last = text.rstrip("/").rpartition("/")[2].rpartition("#")[2]
    plain = last.isascii() and last.isprintable()
    return last if plain and any(c.isalpha() for c in last) else None


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the words and codes of an error, and where they stand."""
    spoken = (
        (leaf.value, "/" + "/".join(leaf.path))
        for leaf in document.leaves
        if isinstance(leaf.value, str)
        and (_speaks(leaf) or is_named_error(leaf.value))
        and not _repeats_status(document, leaf.value)
    )
    yield from islice(spoken, _TEXTS)
    in_headers = (
        (unquote(value) if name == _GRPC else value, f"header:{name}")
        for name, value in document.headers.items()
        if ("error" in name or "reject" in name or name == _GRPC) and len(value) < _PAGE
    )
    yield from islice(in_headers, _TEXTS)
    if document.text and len(document.text) <= _longest(document):
        yield document.text, "text"


def _repeats_status(document: Document, text: str) -> bool:
    """Say whether a text is what 429 says anyway, so that it speaks against nothing."""
    return document.status == _TOO_MANY and fold(text) == "toomanyrequests"


def _longest(document: Document) -> int:
    """Return how long a text may be and still be an error rather than prose or a web site."""
    if document.status == PAYMENT_REQUIRED:
        return _PAGE
    if document.status < _FAILURES:
        return _ASIDE if document.kind == "text" else 0
    if document.kind == "html" and document.status == _NOT_FOUND:
        return 0
    return _SHORT_PAGE if document.kind == "html" else _PLAIN_PAGE


def _speaks(leaf: Leaf) -> bool:
    if not _NOT_THE_SERVERS.isdisjoint(leaf.path) or leaf.key.endswith(_LINKS_AT):
        return False
    names = [part for part in leaf.path if not part.isdigit()]
    return not names or any(map(_is_of_error, names))


@lru_cache(maxsize=1_024)
def _is_of_error(name: str) -> bool:
    if name in _WORDS_AT or name.startswith("err") or name.endswith(("desc", "description")):
        return True
    return "error" in name or "message" in name or "msg" in name


@lru_cache(maxsize=1_024)
def _is_aside(key: str) -> bool:
    return any(part in key for part in _ASIDES_AT)


def _evidence(rule: _Rule, sentence: Sentence) -> tuple[str, ...]:
    phrases = (next(sentence[idea] for idea in sentence if idea in either) for either in rule.words)
    return tuple(dict.fromkeys(phrases))


@cache
def _rules() -> tuple[tuple[_Rule, ...], Mapping[str, list[int]]]:
    """Return the rules, and the numbers of those that open with an idea."""
    rules = tuple(_rule(written) for written in load("rules")["rules"])
    opening: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for idea in rule.words[0]:
            opening.setdefault(idea, []).append(number)
    return rules, opening


def _rule(written: dict[str, Any]) -> _Rule:
    means = written["means"]
    return _Rule(
        None if means == "not_billing" else Reason(means),
        tuple(frozenset(either.split("|")) for either in written["words"]),
        frozenset(idea for either in written.get("beside", ()) for idea in either.split("|")),
        frozenset(written.get("unless", ())),
        bool(written.get("weak")),
        frozenset(written.get("never_on", ())),
        frozenset(written.get("only_on", ())),
        written.get("scope"),
    )


@cache
def _members() -> dict[str, list[str]]:
    """Return the ideas that a member's name carries."""
    carried: dict[str, list[str]] = {}
    for idea, names in load("rules")["keys"].items():
        for name in names:
            carried.setdefault(name, []).append(idea)
    return carried
