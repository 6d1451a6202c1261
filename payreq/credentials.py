"""Who a request speaks for: its credential, a one-way fingerprint of it, the secrets it carries.

What changes with each request (signatures, nonces, a token's times) is left out of the
fingerprint, and so is what pays rather than identifies.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, urlsafe_b64decode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

from payreq.credential_names import (
    ACCOUNT_HEADERS,
    ID_AND_SIGNATURE,
    KEY_HEADERS,
    KEY_PARAMETERS,
    LASTING_PARAMETERS,
    NO_SECRETS,
    NOT_IDENTIFYING,
    PASSING_CLAIMS,
    PASSING_COOKIE,
    SCHEMES,
    SECRET_PARAMETERS,
    SECRET_WORDS,
    SESSION_COOKIE,
)
from payreq.safety import hide
from payreq.urls import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

ANONYMOUS = "anonymous"
"""The fingerprint of a request that carries nothing that identifies its caller."""

_SECRET_SEGMENT = re.compile(
    r"bot\d{6,}:[\w-]{20,}"  # Telegram
    r"|(?:sk|pk|rk)[-_][\w-]{16,}|xox[a-z]-[\w-]{10,}|gh[a-z]_\w{20,}|github_pat_\w{20,}"
    r"|glpat-[\w-]{16,}|AIza[\w-]{30,}|(?:hf|r8)_\w{20,}|key-[0-9a-f]{24,}|SG\.[\w.-]{20,}"
)
_WEBHOOK = re.compile(
    r"/services/(T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/\w{16,})"  # Slack
    r"|/webhooks/(\d{15,}/[\w-]{40,})"  # Discord
)
# Nodes of blockchains and the like: the key stands first, after no more than a version.
_LEADING_KEY = re.compile(
    r"(?:/(?:api|rpc|ws|v\d+))*/((?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[0-9a-f]{32,}"
    r"|(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{24,})(?=/|$)"
)
_JWT = re.compile(r"ey[\w-]*\.(ey[\w-]*)\.[\w-]*")
_PARAMETER = re.compile(r"""(?<![\w-])([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))""")
_CREDENTIAL = re.compile(r"credential=([^/&,\s]+)", re.IGNORECASE)

SHORTEST_SECRET = 6
"""Shorter values are words, not secrets; to hide them would garble every text."""
SHORTEST_TAIL = 12
"""Of shorter credentials, four characters would tell too much."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What mainly identifies the caller, told without telling it.

    Attributes:
        kind: "bearer token", "basic", "x-api-key", "query key" and the like.
        tail: Its last four characters; "" where it is too short.
    """

    kind: str
    tail: str

    def __str__(self) -> str:
        return f"{self.kind} …{self.tail}" if self.tail else self.kind


def credential_of(request: Any) -> Credential | None:
    """Return what mainly identifies the caller of a request, or None.

    Args:
        request: An httpx or httpx2 request, or one with `headers` and `url` like theirs.
    """
    headers = _headers(request)
    for name, value in sorted(headers, key=lambda header: header[0] != "authorization"):
        if name in KEY_HEADERS and value.strip():
            return _told(name, value.strip())
    parts = urlsplit(str(request.url))
    for name, value in _parameters(parts.query):
        if name in KEY_PARAMETERS and value:
            return Credential("query key", _tail(value))
    for secret in (*_path_keys(parts.path), *_leading_keys(parts.path)):
        return Credential("path key", _tail(secret))
    for name, value in headers:
        for _, cookie in _cookies(value) if name == "cookie" else ():
            return Credential("cookie", _tail(cookie))
    return None


def fingerprint(request: Any) -> str:
    """Return a one-way fingerprint of who a request speaks for, the same in every process.

    Args:
        request: An httpx or httpx2 request.

    Returns:
        Sixteen hexadecimal digits, or "anonymous".
    """
    place, query = place_of(request.url)
    found = _told_in(request.headers, _IDENTIFYING)
    if query:
        found += [(b"?", pair) for pair in _KEY_PAIR.findall(query.encode())]
    strong, weak = _keys_of(place[-1])
    account = _print(tuple(found), strong) if found or strong else ""
    return account or weak or _print_of_cookies(tuple(_told_in(request.headers, _COOKIE)))


def hashed(secret: str) -> str:
    """Return a one-way fingerprint of a text, the same in every process."""
    return _hash([("", secret)])


def secrets_of(request: Any) -> frozenset[str]:
    """Return every literal secret that a request carries, raw and decoded.

    Args:
        request: An httpx or httpx2 request, or one with `headers` and `url` like theirs.

    Returns:
        Secrets of six characters or more, for `payreq.safety.hide`.
    """
    found: list[str] = []
    for name, value in _headers(request):
        if name in KEY_HEADERS or (SECRET_WORDS.search(name) and name not in NO_SECRETS):
            found += _secrets_in(value)
    parts = urlsplit(str(request.url))
    found += (value for name, value in _parameters(parts.query) if name in SECRET_PARAMETERS)
    found += _raw_values(parts.query)
    for segment in (*_path_keys(parts.path), *_leading_keys(parts.path)):
        found += (segment, *segment.split("/"))
    if "@" in parts.netloc:
        userinfo = parts.netloc.rpartition("@")[0]
        found += (userinfo, *userinfo.split(":", 1))
    decoded = {form for secret in found for form in (secret, unquote(secret), quote(secret, "/"))}
    return frozenset(form for form in decoded if len(form) >= SHORTEST_SECRET)


def safe_url(url: str, secrets: Iterable[str]) -> str:
    """Return a URL's scheme, host and path: no userinfo, query or fragment, secrets masked.

    Args:
        url: Any URL; one that cannot be read gives "".
        secrets: The secrets of its request.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    keys = (*secrets, *_path_keys(parts.path), *_leading_keys(parts.path))
    return f"{parts.scheme}://{host}{hide(parts.path, keys)}" if host else hide(parts.path, keys)


def holds_key(segment: str) -> bool:
    """Say whether a segment of a path is a key by its shape."""
    return _SECRET_SEGMENT.fullmatch(segment) is not None


_IDENTIFYING = frozenset(name.encode() for name in KEY_HEADERS | ACCOUNT_HEADERS)
_COOKIE = frozenset({b"cookie"})
_KEY_PAIR = re.compile(
    rb"(?:^|&)((?:" + "|".join(map(re.escape, sorted(KEY_PARAMETERS))).encode() + rb")=[^&]+)",
    re.IGNORECASE,
)


def _told_in(headers: Any, names: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the headers of some names, in lower case, with their values."""
    try:
        # On every request's way: the names in lower case are there already.
        return [(name, value) for _, name, value in headers._list if name in names]  # noqa: SLF001  # its public `raw` makes a list anew each time
    except (AttributeError, TypeError, ValueError):  # another httpx keeps them elsewhere
        lower = [(name.lower(), value) for name, value in headers.raw]
        return [pair for pair in lower if pair[0] in names]


@lru_cache(maxsize=4096)
def _print(found: tuple[tuple[bytes, bytes], ...], path_keys: tuple[str, ...]) -> str:
    parts = [("path", key) for key in path_keys]
    for raw, value in found:
        name, text = raw.decode(), value.decode("latin-1").strip()
        if name == "?":
            parts += [
                (f"?{parameter}", _lasting_value(parameter, key))
                for parameter, key in _parameters(text)
            ]
        elif name.endswith("authorization"):
            parts += [(name, part) for part in _lasting_authorization(text)]
        elif text:
            parts.append((name, _lasting_token(text)))
    return _hash(parts) if parts else ""


@lru_cache(maxsize=4096)
def _print_of_cookies(found: tuple[tuple[bytes, bytes], ...]) -> str:
    cookies = _cookies("; ".join(value.decode("latin-1") for _, value in found))
    return _hash([(name, _lasting_token(value)) for name, value in cookies]) or ANONYMOUS


@lru_cache(maxsize=4096)
def _keys_of(path: str) -> tuple[tuple[str, ...], str]:
    """Return the keys in a path, and the fingerprint of one that only its place tells."""
    return _path_keys(path), _hash([("path", key) for key in _leading_keys(path)])


def _hash(parts: list[tuple[str, str]]) -> str:
    text = json.dumps(sorted(parts)).encode()
    return blake2b(text, digest_size=8, person=b"payreq").hexdigest() if parts else ""


def _headers(request: Any) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in _pairs(request.headers)]


def _pairs(headers: Any) -> Iterable[tuple[str, str]]:
    items: Iterable[tuple[str, str]] = getattr(headers, "multi_items", headers.items)()
    return items


def _parameters(query: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None)
    return [(name.lower(), value) for name, value in pairs]


def _raw_values(query: str) -> list[str]:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return [value for name, _, value in pairs if unquote_plus(name).lower() in SECRET_PARAMETERS]


def _path_keys(path: str) -> tuple[str, ...]:
    path = unquote(path)
    keys = [segment for segment in path.split("/") if holds_key(segment)]
    return (*keys, *(match[1] or match[2] for match in _WEBHOOK.finditer(path)))


def _leading_keys(path: str) -> tuple[str, ...]:
    match = _LEADING_KEY.match(path)
    return (match[1],) if match else ()


def _cookies(header: str) -> list[tuple[str, str]]:
    """Return the cookies that say who is logged in, or those that may."""
    pairs = [pair.strip().partition("=") for pair in header.split(";")]
    kept = [(name, value) for name, _, value in pairs if value and not PASSING_COOKIE.search(name)]
    return [pair for pair in kept if SESSION_COOKIE.search(pair[0])] or kept


def _split(value: str) -> tuple[str, str]:
    """Return the scheme of an Authorization, in lower case, and its credentials."""
    scheme, space, rest = value.partition(" ")
    return (scheme.lower(), rest.strip()) if space else ("", value)


def _named(text: str) -> dict[str, str]:
    return {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(text)}


def _lasting_parameters(scheme: str, rest: str) -> list[tuple[str, str]]:
    wanted = LASTING_PARAMETERS.get(scheme, ())
    named = _named(rest) if wanted else {}
    return [(name, named[name]) for name in wanted if name in named]


def _lasting_authorization(value: str) -> list[str]:
    scheme, rest = _split(value)
    if scheme in NOT_IDENTIFYING or not rest:
        return []
    signed = _CREDENTIAL.search(rest)
    if signed:
        return [signed[1]]
    lasting = _lasting_parameters(scheme, rest)
    if lasting:
        return [f"{scheme} {name}={part}" for name, part in lasting]
    if scheme in ID_AND_SIGNATURE:
        return [f"{scheme} {rest.partition(':')[0]}"]
    return [f"{scheme} {_lasting_token(rest)}"]


def _lasting_value(parameter: str, value: str) -> str:
    if parameter.endswith("-credential"):  # AWS and Google signatures: id, then a scope by day
        return value.partition("/")[0]
    return _lasting_token(value)


def _lasting_token(token: str) -> str:
    """Return the claims of a JWT that outlast it; any other token as it is."""
    scheme, _, bare = token.rpartition(" ")
    match = _JWT.fullmatch(bare)
    if match is None:
        return token
    try:
        claims = json.loads(urlsafe_b64decode(match[1] + "=="))
        lasting = {name: claims[name] for name in claims.keys() - PASSING_CLAIMS}
    except (ValueError, AttributeError, RecursionError):
        return token
    return json.dumps([scheme.lower(), lasting], sort_keys=True) if lasting else token


def _told(name: str, value: str) -> Credential:
    if name != "authorization":
        return Credential(name, _tail(value))
    scheme, rest = _split(value)
    if scheme == "basic":
        # Never the password's end: the user name is the key where there is but one (Stripe).
        return Credential("basic", _tail(_basic(rest).partition(":")[0]))
    if scheme in NOT_IDENTIFYING:
        return Credential(scheme, "")
    signed = _CREDENTIAL.search(rest)
    if signed or scheme in ID_AND_SIGNATURE:
        return Credential("signed request", _tail(signed[1] if signed else rest.partition(":")[0]))
    lasting = _lasting_parameters(scheme, rest)
    if lasting:
        return Credential(scheme, _tail(lasting[0][1]))
    return Credential(SCHEMES.get(scheme, "authorization"), _tail(rest))


def _tail(secret: str) -> str:
    return secret[-4:] if len(secret) >= SHORTEST_TAIL else ""


def _basic(encoded: str) -> str:
    try:
        return b64decode(encoded + "==").decode("utf-8", "replace")
    except ValueError:
        return ""


def _secrets_in(value: str) -> list[str]:
    """Return a header's value and all that may be a secret within it."""
    scheme, rest = _split(value.strip())
    found = [value.strip(), rest, *_named(rest).values()]
    if scheme == "basic":
        found += (_basic(rest), *_basic(rest).split(":", 1))
    signed = _CREDENTIAL.search(rest)
    found += [signed[1]] if signed else []
    for piece in re.split(r"[;,]\s*", value):
        name, equals, cookie = piece.strip().partition("=")
        found += [cookie.strip('"')] if equals and name else []
    if scheme in ID_AND_SIGNATURE:
        found += rest.split(":")
    return found
