"""A provider whose exports are refused until they are paid, and how a test meets that."""

from __future__ import annotations

import httpx
import pytest

import payreq

URL = "https://api.example.com"
PLAN = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


class Api:
    """A provider whose exports are refused until they are paid."""

    def __init__(self):
        self.paid = False
        self.received = []

    def __call__(self, request):
        self.received.append((request.method, request.url.path))
        if request.url.path == "/v1/exports" and not self.paid:
            return httpx.Response(402, json=PLAN)
        return httpx.Response(200, json={"ok": True})


def refused(client, **options):
    with pytest.raises(payreq.PaymentRequired) as caught:
        client.post("/v1/exports", **options)
    return caught.value
