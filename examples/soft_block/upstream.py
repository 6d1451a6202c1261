"""Fernhill Data, a simulated provider: reports for everybody, exports as the plan allows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Body, FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from examples.soft_block import checkout
from examples.soft_block.hardening import harden
from examples.soft_block.words import HERE

ALLOWANCE = {"Free": 3, "Pro": 500}
"""How many exports a month each plan includes."""

MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10")
REPORTS = {
    "orders": (1_184, 1_262, 1_097, 1_340, 1_676, 1_518),
    "customers": (212, 240, 198, 287, 231, 342),
    "returns": (61, 58, 66, 52, 44, 49),
}


@dataclass
class Account:
    """The provider's one customer."""

    plan: str = "Free"
    files: list[str] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether this month's exports are used up."""
        return len(self.files) >= ALLOWANCE[self.plan]


def make_upstream() -> FastAPI:
    """Return the provider's site: its API, and the checkout of its billing."""
    app = FastAPI(openapi_url=None)
    account = Account()

    @app.get("/v1/reports/{name}")
    async def report(name: str) -> dict[str, dict[str, int]]:
        return {"figures": _figures(name)}

    @app.post("/v1/exports", response_model=None)
    async def export(report: Annotated[str, Body(embed=True)]) -> Response | dict[str, str]:
        _figures(report)
        if account.refused:
            return _refusal(account)
        account.files.append(f"{report}-{len(account.files) + 1}.csv")
        return {"file": account.files[-1]}

    @app.post("/v1/exports/check")
    async def check() -> Response:
        return _refusal(account) if account.refused else Response(status_code=204)

    @app.get("/v1/files/{file}")
    async def download(file: str) -> Response:
        if file not in account.files:
            raise HTTPException(404)
        return PlainTextResponse(_csv(file.rpartition("-")[0]), media_type="text/csv")

    def upgrade() -> None:
        account.plan = "Pro"

    app.include_router(checkout.make_routes(on_payment=upgrade))
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    harden(app, form_targets="http://127.0.0.1:*")
    return app


def _figures(name: str) -> dict[str, int]:
    if name not in REPORTS:
        raise HTTPException(404)
    return dict(zip(MONTHS, REPORTS[name], strict=True))


def _csv(name: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("month", name), *_figures(name).items()])
    return text.getvalue()


def _refusal(account: Account) -> Response:
    """Refuse as many APIs do: with the status of a rate limit, and a code of its own."""
    error = {
        "code": "exports_used_up",
        "message": "The exports of this month are used up.",
        "plan": account.plan,
        "counts": "exports",
        "included": ALLOWANCE[account.plan],
        "used": len(account.files),
        "renewed_at": _next_month(datetime.now(UTC)).isoformat(),
    }
    return JSONResponse({"error": error}, 429)


def _next_month(now: datetime) -> datetime:
    later = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=31)
    return later.replace(day=1)
