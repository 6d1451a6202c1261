"""What a request belongs to: its origin, its feature, its account."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from payreq.blocking.block import Key
from payreq.blocking.folding import fold
from payreq.credentials import fingerprint, hashed, secrets_of
from payreq.features import Feature
from payreq.urls import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

FEATURE: ContextVar[str | None] = ContextVar("payreq_feature", default=None)
ACCOUNT: ContextVar[str | None] = ContextVar("payreq_account", default=None)

CACHED_AT_MOST = 4_096
"""How many paths are remembered with their feature."""

_PATTERN = re.compile(r"([A-Za-z]+|\*) +([^\s/]*)(/\S*|\*)")


@contextmanager
def feature(name: str) -> Generator[None]:
    """Name the feature of all requests that are sent inside; it wins over patterns.

    Args:
        name: The feature, such as "export".

    Example:
        >>> with feature("export"):
        ...     pass
    """
    with _named(FEATURE, "feature", name):
        yield


@contextmanager
def account(name: str) -> Generator[None]:
    """Name the account of all requests that are sent inside; it wins over `Guard(account=...)`.

    Args:
        name: The account, such as a tenant's id; it stands in log records, so no credential.

    Example:
        >>> with account("tenant-7"):
        ...     pass
    """
    with _named(ACCOUNT, "account", name):
        yield


@contextmanager
def _named(variable: ContextVar[str | None], argument: str, name: Any) -> Generator[None]:
    if not isinstance(name, str):
        raise TypeError(f"payreq.{argument}(...) takes a name, a str, not {type(name).__name__}")
    if not name:
        raise ValueError(f"payreq.{argument}(...) takes a name, not an empty str")
    token = variable.set(name)
    try:
        yield
    finally:
        # Left in another context, as async generators and some test runners do: nothing to undo.
        with suppress(ValueError):
            variable.reset(token)


def origin_of(request: Any) -> str:
    """Return scheme, host and port of a request's URL, such as "https://api.example.com"."""
    (scheme, host, port, _), _ = place_of(request.url)
    host = f"[{host}]" if ":" in host else host
    # Both libraries leave out the port that is the scheme's own.
    return f"{scheme}://{host}" if port is None else f"{scheme}://{host}:{port}"


class Scoper:
    """Says what requests belong to, by the options of a guard.

    Args:
        features: Name -> pattern, patterns or `payreq.Feature`; see `payreq.Guard`.
        feature: A callable `request -> str | None`, asked before the patterns.
        account: A callable `request -> str`; left out: a fingerprint of the credentials.
        on_error: Told of a callable that raises and of what is no name: which argument
            ("feature" or "account"), and what is wrong; the request goes on as if it were not
            there.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A pattern cannot match any request.
    """

    def __init__(
        self,
        features: Mapping[str, str | Sequence[str] | Feature] | None,
        feature: Callable[[Any], str | None] | None,
        account: Callable[[Any], str] | None,
        on_error: Callable[[str, str], None],
    ) -> None:
        for argument, value in (("feature", feature), ("account", account)):
            if value is not None and not callable(value):
                raise TypeError(
                    f"{argument} must be a callable that takes a request, "
                    f"not {type(value).__name__}"
                )
        self._names, self._pattern = _compile({} if features is None else features)
        self._feature = feature
        self._account = account
        self._on_error = on_error
        self._cache: dict[tuple[Any, ...], tuple[str, str, bool]] = {}
        self._told: dict[str, str] = {}

    def key(self, request: Any) -> tuple[Key, bool]:
        """Return what a request belongs to, and whether its feature is a default one.

        Asked in this order: the request's extensions, the context managers, the callables, the
        patterns; then the default feature, and the fingerprint of the credentials.
        """
        account = self.account(request)
        origin, feature, default = self.feature(request)
        return Key(origin, feature, account), default

    def account(self, request: Any) -> str:
        """Return whom a request speaks for."""
        name = request.extensions.get("payreq_account")
        if name is not None:
            name = self._checked("account", name)
        name = name or ACCOUNT.get()
        if name is None and self._account is not None:
            name = self._asked("account", self._account, request)
        return self._safe(name, request) if name else fingerprint(request)

    def feature(self, request: Any) -> tuple[str, str, bool]:
        """Return a request's origin and feature, and whether it is a default one."""
        scoped = self._scoped(request)
        name = request.extensions.get("payreq_feature")
        if name is not None:
            name = self._checked("feature", name)
        name = name or FEATURE.get()
        if name is None and self._feature is not None:
            name = self._asked("feature", self._feature, request)
        return (scoped[0], self._safe(name, request), False) if name else scoped

    def _safe(self, name: str, request: Any) -> str:
        """Return a name that the app gave; a one-way fingerprint of it where it is a credential.

        A member of an enum becomes the very str that it stands for.
        """
        told = self._told.get(name)
        if told is None:
            secret = any(secret in name for secret in secrets_of(request))
            if len(self._told) >= CACHED_AT_MOST:
                self._told.clear()
            told = self._told[name] = hashed(name) if secret else str.__str__(name)
        return told

    def _checked(self, argument: str, name: object) -> str | None:
        if isinstance(name, str):
            return name
        kind = type(name).__name__
        self._on_error(argument, f'extensions["payreq_{argument}"] must be a str, not {kind}')
        return None

    def _asked(self, argument: str, ask: Callable[[Any], str | None], request: Any) -> str | None:
        try:
            answer = ask(request)
        except Exception as error:  # the app's own callable must not fail its request
            self._on_error(argument, f"{argument}= failed with {type(error).__name__}")
            return None
        if isinstance(answer, str):
            return answer
        if answer is not None or argument == "account":
            kind = type(answer).__name__
            self._on_error(argument, f"{argument}= must return a str, not {kind}")
        return None

    def _scoped(self, request: Any) -> tuple[str, str, bool]:
        """Return origin and feature by the method and URL alone, remembered for each path."""
        place, _ = place_of(request.url)
        asked = (request.method, place)
        scoped = self._cache.get(asked)
        if scoped is None:
            scoped = self._find(request, place[-1])
            if len(self._cache) >= CACHED_AT_MOST:
                self._cache.clear()
            self._cache[asked] = scoped
        return scoped

    def _find(self, request: Any, raw_path: str) -> tuple[str, str, bool]:
        origin = origin_of(request)
        method, host, path = request.method.upper(), request.url.host, unquote(raw_path)
        if self._pattern is not None:
            port = request.url.port
            for place in (host,) if port is None else (host, f"{host}:{port}"):
                match = self._pattern.fullmatch(f"{method} {place} {path}")
                if match:
                    return origin, self._names[match.lastindex or 0], False
        return origin, f"{method} {host}{fold(path)}", True


def _compile(features: Any) -> tuple[list[str], re.Pattern[str] | None]:
    """Return the names by group, and all patterns as one expression; the first in order wins."""
    if not isinstance(features, Mapping):
        raise TypeError(
            f"features must map names to patterns, not be a {type(features).__name__}: "
            'features={"export": "POST /v1/exports*"}'
        )
    names = [""]
    groups: list[str] = []
    for name, value in features.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"features: a name must be a str that is not empty, not {name!r}")
        patterns = value.patterns if isinstance(value, Feature) else value
        if isinstance(patterns, str):
            patterns = [patterns]
        if not isinstance(patterns, Sequence) or not patterns:
            raise TypeError(
                f"features[{name!r}] must be a pattern, a list of patterns or a payreq.Feature, "
                f"not {value!r}"
            )
        names.append(str.__str__(name))
        groups.append("(" + "|".join(_expression(name, pattern) for pattern in patterns) + ")")
    return names, re.compile("|".join(groups), re.DOTALL) if groups else None


def _expression(name: str, pattern: Any) -> str:
    if not isinstance(pattern, str):
        raise TypeError(f"features[{name!r}]: a pattern must be a str, not {pattern!r}")
    match = _PATTERN.fullmatch(pattern.strip())
    if match is None or "://" in pattern or any(mark in pattern for mark in "?#{}"):
        raise ValueError(
            f"features[{name!r}]: {pattern!r} cannot match; expected 'METHOD /path' or "
            "'METHOD host/path', without scheme, query, fragment or braces; * stands for any "
            "characters, as in 'POST /v1/exports*'"
        )
    method, host, path = match.groups()
    parts = (method.upper(), host.lower() or "*", unquote(path))
    return " ".join(
        _glob(part, any_run) for part, any_run in zip(parts, (r"\S*", r"\S*", ".*"), strict=True)
    )


def _glob(text: str, any_run: str) -> str:
    """Translate a glob; each run but the last is atomic, so that no path takes long to miss."""
    first, *rest = text.split("*")
    if not rest:
        return re.escape(first)
    *middle, last = rest
    atomic = "".join(f"(?>{any_run}?{re.escape(part)})" for part in middle)
    return re.escape(first) + atomic + any_run + re.escape(last)
