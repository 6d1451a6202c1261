"""What the scenes play on: the provider, a guarded client, a clock that only they move."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from payreq import Guard, PaymentRequired
from payreq.testing import Clock

if TYPE_CHECKING:
    from payreq import Block, UserMessage
    from payreq.cli.demo.provider import Provider

AT_ONCE = 20
"""How many calls are under way at the same time."""


@dataclass(frozen=True, slots=True)
class Code:
    """What the app does."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the app's user is told."""

    message: UserMessage


@dataclass(frozen=True, slots=True)
class Check:
    """What is claimed, and whether it holds."""

    claim: str
    holds: bool


Line = Code | Words | Check


@dataclass
class Stage:
    """What a scene may use.

    Attributes:
        provider: The server.
        clock: The guard's clock.
        guard: The guard.
        client: An httpx client, wrapped.
        calls: How often the app called, by path.
        heard: The events that the guard told, by name.
    """

    provider: Provider
    clock: Clock
    guard: Guard
    client: httpx.Client
    calls: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)

    def call(self, method: str, path: str) -> httpx.Response:
        """Send a request; raises what the client raises."""
        self.calls[path] += 1
        return self.client.request(method, path)

    def refusal(self, method: str, path: str) -> PaymentRequired | None:
        """Send a request and return its refusal, or None if there was none."""
        try:
            self.call(method, path)
        except PaymentRequired as refusal:
            return refusal
        return None

    def crowd(self, method: str, path: str, count: int) -> int:
        """Send many requests, AT_ONCE at a time, and return how many reached the provider."""
        before = self.provider.received[path]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.refusal, [method] * count, [path] * count))
        return self.provider.received[path] - before

    def block(self, feature: str) -> Block | None:
        """Return what holds a feature back."""
        return self.guard.blocks.get(feature)


def set_up(provider: Provider) -> Stage:
    """Wrap an httpx client for a provider that runs."""
    clock = Clock()
    guard = Guard(
        features={"export": "POST /v1/exports", "chat": "POST /v1/chat"},
        clock=clock,
    )
    # No proxy of the environment stands between two ends of one machine.
    client = guard.wrap(httpx.Client(base_url=provider.url, trust_env=False))
    stage = Stage(provider, clock, guard, client)
    for name in ("blocked", "refused", "billing_fixed", "restored"):
        guard.on(name, lambda event: stage.heard.update([event.name]))
    return stage
