"""What of a refusal may be kept and sent on: details, request and response without a secret."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus

from payreq.credentials import SHORTEST_SECRET, safe_url, secrets_of
from payreq.safety import clean, hide, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payreq.details import PaymentDetails

PRIVATE_HEADER = re.compile(
    r"auth(?!enticate)|cookie|credential|key|passw|secret|session|sign|token"
)
"""What stands in the name of a response header that is not kept; `WWW-Authenticate` is."""

OF_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that tell of bytes on the wire, not of the decoded body that is kept."""

_SENT_AT_MOST = 65_536  # bytes of a request's body that are looked through
_SENT_KEY = re.compile(
    rb"""(?:["&]|^)(?:\w{1,20}[_-])?"""
    rb"""(?:(?:access|api|app|auth|client|license|private|refresh|secret|user)[_-]?"""
    rb"""(?:key|secret|token)|secret|password|passwd)"""
    rb"""(?:"\s*:\s*"((?:[^"\\]|\\.){6,4096})"|=([^&\s]{6,4096}))""",
    re.IGNORECASE,
)

_OWN_WORDS = frozenset({"reason", "scope", "payer", "certainty"})  # never a server's text


@dataclass(frozen=True)
class Sent:
    """What is kept of a request: its method and a URL without userinfo, query and secrets."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What is kept of a response, and what stands for one where a library gives none.

    Attributes:
        status_code: The HTTP status.
        headers: Names in lower case.
        content: The decoded body.
        url: Where it came from, as far as known.
        request: The request it answers, as far as known.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    url: str | None = None
    request: Any = None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")


def secrets_in(request: Any) -> frozenset[str]:
    """Return the secrets of a request in every form in which a server may echo them.

    Args:
        request: A request with `headers` and `url`, or None.
    """
    if request is None:
        return frozenset()
    from html import escape  # noqa: PLC0415  # its table of entities is large; only for refusals

    return frozenset(
        form
        for secret in secrets_of(request) | _sent_in_body(request)
        for form in (
            secret,
            clean(secret, limit=len(secret)),
            secret.replace("/", "\\/"),  # as PHP writes JSON
            json.dumps(secret)[1:-1],
            escape(secret),
            quote(secret, safe=""),
        )
        if len(form) >= SHORTEST_SECRET
    )


def scrubbed(details: PaymentDetails, request: Any) -> PaymentDetails:
    """Return details in which no secret of the request stands, though the server echoed it.

    Args:
        details: What was read from the answer.
        request: The request that was answered, or None.
    """
    secrets = secrets_in(request)
    return _scrubbed_model(details, secrets) if secrets else details


def kept_request(request: Any) -> Sent | None:
    """Return what may be kept of a request."""
    if request is None:
        return None
    return Sent(str(request.method or ""), safe_url(str(request.url), secrets_in(request)))


def kept_response(response: Any, request: Any) -> Answer | None:
    """Return what may be kept of a response: a body that was not read is left out."""
    if response is None:
        return None
    secrets = secrets_in(request)
    sent = kept_request(request)
    headers = {
        str(name).lower(): hide(str(value), secrets) for name, value in response.headers.items()
    }
    return Answer(
        int(response.status_code),
        {
            name: value
            for name, value in headers.items()
            if name not in OF_TRANSFER and not PRIVATE_HEADER.search(name)
        },
        _body(response, secrets),
        sent.url if sent else None,
        sent,
    )


def _sent_in_body(request: Any) -> frozenset[str]:
    """Return the keys in a request's body, JSON or form, by the names of their members."""
    try:
        members = [*_SENT_KEY.finditer(request.content[:_SENT_AT_MOST])]
    except Exception:  # each library has its own error for a body that is a stream
        return frozenset()
    quoted = {member[1].decode("utf-8", "replace") for member in members if member[1]}
    plain = {member[2].decode("utf-8", "replace") for member in members if member[2]}
    return frozenset(quoted | plain | {*map(_unescaped, quoted), *map(unquote_plus, plain)})


def _unescaped(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"'))
    except ValueError:
        return raw


def _scrubbed_model(model: Any, secrets: frozenset[str]) -> Any:
    changed = {
        name: _scrubbed(value, secrets, link=name.endswith("_url"))
        for name, value in model
        if name not in _OWN_WORDS
    }
    return model.model_copy(update=changed)


def _scrubbed(value: Any, secrets: frozenset[str], *, link: bool = False) -> Any:
    if isinstance(value, str):
        told = _hidden(value, secrets)
        return None if link and told != value else told
    if isinstance(value, (tuple, list)):
        return type(value)(_scrubbed(item, secrets) for item in value)
    if isinstance(value, dict):
        return {_scrubbed(k, secrets): _scrubbed(v, secrets) for k, v in value.items()}
    return _scrubbed_model(value, secrets) if hasattr(value, "model_copy") else value


def _hidden(text: str, secrets: frozenset[str]) -> str:
    text = hide(text, secrets)
    if text.endswith("…"):  # cut off, perhaps within a secret
        stem = text[:-1]
        for secret in secrets:
            for length in range(len(secret) - 1, SHORTEST_SECRET - 1, -1):
                if stem.endswith(secret[:length]):
                    return stem[:-length] + "…"
    return text


def _body(response: Any, secrets: frozenset[str]) -> bytes:
    try:
        content: bytes = response.content
    except Exception:  # each library has its own error for a body that was not read
        return b""
    for secret in sorted(secrets, key=len, reverse=True):
        content = content.replace(secret.encode("utf-8", "replace"), mask(secret).encode())
    return content
