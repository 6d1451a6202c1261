"""The API that a web app calls for its visitors."""

from __future__ import annotations

import httpx

API = "https://api.example.com"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left, fool."}}


class Provider:
    """The API that the app calls: what it answers next."""

    def __init__(self):
        self.refuse(NO_CREDIT)

    def refuse(self, body, status=402):
        self.answer = lambda _: httpx.Response(status, json=body)

    def __call__(self, request):
        return self.answer(request)
