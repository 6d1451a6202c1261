"""A guarded client whose provider a test scripts, and whose clock it moves."""

from __future__ import annotations

from types import SimpleNamespace

import httpx
import pytest

import payreq
from payreq.testing import Clock

NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


@pytest.fixture
def scripted():
    """Makes a guarded client: `scripted(answer, **guard_options)`, `answer` from request to status.

    It can return a response of its own instead. What was sent is noted in `sent`.
    """

    def make(answer, **options):
        sent = []

        def handle(request):
            sent.append(request)
            made = answer(request)
            if not isinstance(made, int):
                return made
            return httpx.Response(made, json=NO_CREDIT if made >= 400 else {})

        clock = Clock()
        options = {"features": {"export": "* /exports"}, "clock": clock} | options
        guard = payreq.Guard(**options)
        client = guard.wrap(
            httpx.Client(
                base_url="https://api.example.com",
                transport=httpx.MockTransport(handle),
                headers={"authorization": "Bearer sk-test-0123456789"},
            )
        )

        def call(url="/exports", **options):
            """Return the status, "sent" for a refusal, or "here" for one without a request."""
            try:
                return client.post(url, **options).status_code
            except payreq.PaymentRequired as refusal:
                return "sent" if refusal.sent else "here"

        return SimpleNamespace(call=call, client=client, clock=clock, guard=guard, sent=sent)

    return make
