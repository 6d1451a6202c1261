"""The provider's API as the app uses it: one client for everything, and a guard around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import payreq
from examples.soft_block.words import WORDS

if TYPE_CHECKING:
    import httpx

    from payreq.blocking.block import Block

FEATURE = "export"
PROFILE = Path(__file__).with_name("fernhill.toml")


class Exports:
    """Reports and their exports. Only exports are a feature that can be off.

    Args:
        client: A client of the provider, which is guarded from here on.

    Attributes:
        guard: Whose listeners hear when the export goes off and comes back.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        titles = {language: words["export"] for language, words in WORDS.items()}
        self.guard = payreq.Guard(
            features={FEATURE: payreq.Feature("POST /v1/exports*", title=titles)},
            providers=[PROFILE],
        )
        self._client = self.guard.wrap(client)

    @property
    def block(self) -> Block | None:
        """What holds the export, None while it works."""
        return self.guard.blocks.get(FEATURE)

    async def report(self, name: str) -> dict[str, int]:
        """Return a report's figures by month, such as "2026-10"."""
        return dict((await self._json("GET", f"/v1/reports/{name}"))["figures"])

    async def make(self, report: str) -> str:
        """Have a report exported, and return the name of the file.

        Raises:
            payreq.PaymentRequired: The provider refuses, or refused before.
            httpx.HTTPError: Anything else went wrong.
        """
        return str((await self._json("POST", "/v1/exports", json={"report": report}))["file"])

    async def download(self, file: str) -> bytes:
        """Return a file that was exported; that needs no paid plan."""
        response = await self._client.get(f"/v1/files/{file}")
        return response.raise_for_status().content

    async def checkout(self, **session: str) -> str:
        """Return the address of a checkout for this customer."""
        return str((await self._json("POST", "/v1/checkouts", json=session))["url"])

    async def paid(self) -> None:
        """Somebody came back from the checkout: see whether the export works again."""
        await self.guard.billing_fixed_async(FEATURE)
        await self._look()

    async def perhaps_paid(self) -> None:
        """Somebody asks for another look."""
        await self.guard.blocks.recheck_async(FEATURE)
        await self._look()

    async def _look(self) -> None:
        """Send a request of the feature that does nothing: its answer lifts the block or not."""
        try:
            (await self._client.post("/v1/exports/check")).raise_for_status()
        except payreq.PaymentRequired:
            return

    async def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = await self._client.request(method, path, **options)
        return dict(response.raise_for_status().json())
