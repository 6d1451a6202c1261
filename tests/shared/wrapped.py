"""A provider whose exports must be paid for, and clients of it, wrapped."""

from __future__ import annotations

import anyio
import httpx
import pytest

import payreq

URL = "https://api.example.com"
NO_CREDIT = {"error": {"code": "insufficient_credits", "message": "No credits are left."}}


class Api:
    """A provider: exports must be paid for, everything else is free."""

    def __init__(self, library=httpx, status=402):
        self.flavour = library
        self.status = status
        self.requests = []
        self.paid = False

    @property
    def sent(self):
        return len(self.requests)

    def __call__(self, request):
        self.requests.append(request)
        paid = self.paid or "x-payment" in request.headers
        if request.url.path == "/moved":
            return self.flavour.Response(307, headers={"location": "/exports"})
        if request.url.path == "/exports" and not paid:
            headers = {"set-cookie": "seen=1; Path=/", "x-request-id": "req_7"}
            return self.flavour.Response(self.status, json=NO_CREDIT, headers=headers)
        return self.flavour.Response(200, json={"cookie": request.headers.get("cookie")})

    async def async_(self, request):
        return self(request)


class Caller:
    """A wrapped client, sync or async, called in the same words."""

    def __init__(self, kind, library, api, guard, **options):
        self.guard = guard
        self.async_ = kind == "async"
        transport = library.MockTransport(api.async_ if self.async_ else api)
        # A cookie that a refusal sets would tell callers apart, were there no key.
        headers = {"authorization": "Bearer sk-test-0123456789"}
        options = {"base_url": URL, "transport": transport, "headers": headers} | options
        client = (library.AsyncClient if self.async_ else library.Client)(**options)
        self.client = guard.wrap(client)

    def __call__(self, method, url, **options):
        if not self.async_:
            return self.client.request(method, url, **options)

        async def send():
            return await self.client.request(method, url, **options)

        return anyio.run(send)


def refused(call, *args, **options):
    with pytest.raises(payreq.CreditsExhausted) as caught:
        call(*(args or ("POST", "/exports")), **options)
    return caught.value
