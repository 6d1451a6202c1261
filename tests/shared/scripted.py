"""A provider that follows a script, and calls of it through a transport that retries."""

from __future__ import annotations

import anyio
import httpx

import payreq

URL = "https://api.example.com/v1/exports"
REFUSALS = {
    402: {"error": {"code": "insufficient_credits"}},
    429: {"error": {"code": "insufficient_quota"}},
}


class Script:
    """A transport's answers: one after the other, the last for ever; each a status or a fault."""

    def __init__(self, *answers, library=httpx, headers=None, body=None):
        self.answers = list(answers)
        self.flavour = library
        self.headers = headers or {}
        self.body = body
        self.contents = []
        self.closed = 0

    @property
    def sent(self):
        return len(self.contents)

    def __call__(self, request):
        self.contents.append(b"".join(request.stream))
        return self.answer()

    async def async_(self, request):
        self.contents.append(b"".join([chunk async for chunk in request.stream]))
        return self.answer()

    def answer(self):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not isinstance(answer, int):
            raise answer
        body = self.body if self.body is not None else REFUSALS.get(answer, {"status": answer})
        return self.flavour.Response(answer, headers=self.headers, json=body)


def call(script, retry, *, method="GET", **options):
    """Send one request through a client whose transport retries."""
    library = script.flavour
    client = library.Client(transport=library.MockTransport(script))
    with payreq.Guard().wrap(client, retry=retry):
        return client.request(method, URL, **options)


def call_async(script, retry, *, method="GET", backend="asyncio", **options):
    async def send():
        client = script.flavour.AsyncClient(transport=script.flavour.MockTransport(script.async_))
        async with payreq.Guard().wrap(client, retry=retry):
            return await client.request(method, URL, **options)

    return anyio.run(send, backend=backend)


BOTH = [call, call_async]
