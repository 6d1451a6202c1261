"""Profiles, found and applied: what a provider's own codes and fields mean. Profiles are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from payreq.reading.catalogue import name_of, patterns_of, said_of
from payreq.reading.catalogue import providers as names
from payreq.reading.places import is_present, mark_of, values_at
from payreq.reading.verdict import Verdict
from payreq.reasons import Reason

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from payreq.reading.document import Document
    from payreq.reading.places import Value
    from payreq.reading.profiles import Condition, Profile, Rule


class _Signature(NamedTuple):
    rank: int  # of the profile: the first one decides
    name: str
    condition: Condition


_EVIDENCE_LIMIT = 80
_AUTHORITY = re.compile(r"[A-Za-z][\w+.-]{0,20}://([^/?#\s]{0,500})")
_CODE_LIMIT = 120
_NUMBER_LIMIT = 40


def known() -> tuple[Profile, ...]:
    """Return every profile that comes with payreq, by name."""
    return tuple(map(_built_in, names()))


def about(name: str | None, extra: Sequence[Profile] = ()) -> Profile | None:
    """Return the profile of a provider, or None.

    Args:
        name: Its short name, or None.
        extra: Profiles of the user's own, which go before those that come with payreq.
    """
    own = next((profile for profile in extra if profile.name == name), None)
    if own is not None:
        return own
    return _built_in(name) if name in names() else None


def load(source: str | os.PathLike[str] | Mapping[str, Any]) -> Profile:
    """Return a user's own profile.

    Args:
        source: The path of a TOML file, or what such a file says.

    Raises:
        TypeError: It is neither.
        ValueError: It cannot be read, or says what no profile may say; the text names the file,
            the key and what is wrong.
    """
    if isinstance(source, Mapping):
        return _checked(source, "")
    try:
        path = Path(source)
    except TypeError as error:
        kind = type(source).__name__
        raise TypeError(f"a profile is a path or a mapping, not {kind}") from error
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path}: is no TOML: {error}") from error
    return _checked(data, f"{path}: ")


def find(document: Document, extra: Sequence[Profile] = ()) -> Profile | None:
    """Return the profile of the provider that answered, if it is known.

    Args:
        document: The response.
        extra: Profiles of the user's own, which go before those that come with payreq.

    Returns:
        The profile whose hosts fit the URL best; where none fits, the first whose signature the
        response bears, as it does behind a proxy.
    """
    host = _host(document.url)
    own = {pattern: profile for profile in reversed(extra) for pattern in profile.hosts}
    name = next((name for name in patterns_of(host) if name in own), None)
    if name is not None:
        return own[name]
    known_as = name_of(host)
    if known_as is not None:
        return _built_in(known_as)
    own_answer = (each for each in extra if _holds_any(document, each.signature))
    return next(own_answer, None) or _signer(document)


def read_profile(document: Document, profile: Profile) -> Verdict | None:
    """Return what the first rule that fits says of a response, or None if none fits.

    Args:
        document: The response.
        profile: The provider's.
    """
    for rule in profile.rules:
        matched = _matched(document, rule)
        if matched is not None:
            return _verdict(document, profile, rule, matched)
    return None


def _verdict(
    document: Document, profile: Profile, rule: Rule, matched: list[tuple[Condition, Value]]
) -> Verdict:
    said = [f"{condition.at} {_said(condition, value)}" for condition, value in matched]
    said = said or [f"status {document.status}"]
    return Verdict(
        reason=None if rule.means == "not_billing" else Reason(rule.means),
        certainty="provider",
        evidence=tuple(f"{profile.name}: {each}" for each in said),
        code=next(filter(None, (_code(*pair) for pair in matched)), None),
        scope=rule.scope,
        payer=rule.payer,
        retryable=rule.retryable,
    )


def _matched(document: Document, rule: Rule) -> list[tuple[Condition, Value]] | None:
    """Return each condition with the value that meets it, None if the rule does not fit."""
    if rule.status and document.status not in rule.status:
        return None
    matched: list[tuple[Condition, Value]] = []
    for condition in rule.when:
        value = _met(document, condition)
        if value is None:
            return None
        matched.append((condition, value))
    return matched


def _met(document: Document, condition: Condition) -> Value | None:
    """Return the value that meets a condition; for `present`, the truth of it."""
    if condition.present is not None:
        return (
            condition.present if is_present(document, condition.at) is condition.present else None
        )
    for value in values_at(document, condition.at):
        if _fits(value, condition):
            return value
    return None


def _fits(value: Value, condition: Condition) -> bool:
    if condition.below is not None:
        number = _number(value)
        return number is not None and number < condition.below
    text = str(value).strip().lower()
    if condition.equals is not None:
        return text in condition.lowered
    return any(wanted in text for wanted in condition.lowered)


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or len(str(value)) > _NUMBER_LIMIT:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _said(condition: Condition, value: Value) -> str:
    if condition.present is not None:
        return "is present" if value else "is absent"
    if condition.has is not None:
        text = str(value).lower()
        return f"has {next(wanted for wanted in condition.has if wanted.lower() in text)!r}"
    return f"is {str(value).strip()[:_EVIDENCE_LIMIT]}"


def _code(condition: Condition, value: Value) -> str | None:
    """Return the value if it is a machine's word: a field's whole value, and no sentence."""
    if condition.equals is None or condition.at in {"text", "url"}:
        return None
    text = str(value).strip()
    says_nothing = text.lower() in {"true", "false"} or len(text) > _CODE_LIMIT
    return None if says_nothing or any(c.isspace() for c in text) else text


def _holds_any(document: Document, signature: Sequence[Condition]) -> bool:
    return any(_met(document, condition) is not None for condition in signature)


def _signer(document: Document) -> Profile | None:
    """Return the first profile that comes with payreq whose signature a response bears.

    A condition is tried where its place, or the name it ends in, stands in the response: so of all
    the signatures few are.
    """
    marks = _signed()
    stands = {"", *document.headers, *document.places, *(leaf.key for leaf in document.leaves)}
    signed = [sign for mark in marks.keys() & stands for sign in marks[mark]]
    signed.sort(key=lambda sign: sign.rank)
    borne = (sign for sign in signed if _met(document, sign.condition) is not None)
    return next((_built_in(sign.name) for sign in borne), None)


@cache
def _signed() -> Mapping[str | tuple[str, ...], list[_Signature]]:
    """Return the conditions of every signature, by what must stand in a response; "" is nothing."""
    from payreq.reading.profiles import Condition  # noqa: PLC0415  # loads pydantic

    marks: dict[str | tuple[str, ...], list[_Signature]] = {}
    for rank, name in enumerate(names()):
        # Of a profile that may never be needed, no more is checked than this.
        for written in said_of(name).get("signature", ()):
            condition = Condition.model_validate(written)
            sign = _Signature(rank, name, condition)
            marks.setdefault(mark_of(condition.at), []).append(sign)
    return marks


@cache
def _built_in(name: str) -> Profile:
    return checked(said_of(name), name)


def checked(data: Mapping[str, Any], name: str) -> Profile:
    """Return a profile that comes with payreq.

    Args:
        data: What its file says.
        name: The provider's, as its file is called.

    Raises:
        ValueError: It says what no profile may say; the text names the file, the key and what is
            wrong.
    """
    where = f"providers/{name}.toml: "
    profile = _checked(data, where)
    if profile.name != name:
        raise ValueError(f"{where}name: must be the file's, {name!r}, not {profile.name!r}")
    return profile


def _checked(data: Mapping[str, Any], where: str) -> Profile:
    from pydantic import ValidationError  # noqa: PLC0415  # only once something is refused

    from payreq.reading.profiles import Profile  # noqa: PLC0415  # loads pydantic

    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"])
        reason = first["msg"].removeprefix("Value error, ").splitlines()[0]
        told = f"{key[1:]}: {reason}" if key else reason
        raise ValueError(f"{where}{told}") from error


def _host(url: str | None) -> str:
    found = _AUTHORITY.match(url or "")
    host = found[1].rpartition("@")[2] if found else ""
    return host.partition(":")[0]
