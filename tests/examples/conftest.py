"""The example app and its provider, in one process and without a socket."""

from __future__ import annotations

import anyio
import httpx
import pytest

from examples.soft_block.app import make_app
from examples.soft_block.upstream import make_upstream

PROVIDER = "http://127.0.0.1:1"


class Wire(httpx.AsyncBaseTransport):
    """Notes what passes a guard and reaches the provider."""

    def __init__(self, provider):
        self.asked = []
        self._provider = provider

    async def handle_async_request(self, request):
        self.asked.append(f"{request.method} {request.url.path}")
        return await self._provider.handle_async_request(request)


class Play:
    """A site to ask, and what it asked of its provider.

    Attributes:
        site: A client of the app, as a browser is one.
        provider: A client of the provider, unguarded.
        asked: Methods and paths of what reached the provider from the app.
    """

    def __init__(self, provider):
        wire = Wire(provider)
        self.asked = wire.asked
        self.app = make_app(httpx.AsyncClient(transport=wire, base_url=PROVIDER))
        self.provider = httpx.AsyncClient(transport=provider, base_url=PROVIDER)
        self.site = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1"
        )

    async def section(self, path="/en/orders/export", method="POST", **options):
        """Return the section on the export, as a script asks for it."""
        headers = {"x-part": "export"}
        answer = await self.site.request(method, path, headers=headers, **options)
        return answer.raise_for_status().text

    async def use_up(self):
        """Export until the provider refuses, and return what is shown then."""
        for _ in range(3):
            await self.section()
        return await self.section()


@pytest.fixture
def play():
    """Play a scene, against the example's provider or one that a test brings."""

    def played(scene, provider=None):
        async def run():
            stage = Play(provider or httpx.ASGITransport(make_upstream()))
            async with stage.site, stage.provider:
                await scene(stage)

        anyio.run(run)

    return played
