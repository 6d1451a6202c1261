"""What reading a response costs: a usual refusal, the first of a process, and the worst bodies.

The bars are absolute, unlike those of the other files: they are what a program waits.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx
from bar import Bar
from timing import take_turns, typical

import payreq
from payreq.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USUAL_ROUNDS, USUAL_CALLS = 60, 10
FIRST_ROUNDS, WORST_ROUNDS = 10, 4
VARIANTS = 100  # more than any cache of texts holds

KIB = 1024
SIZES = (8 * KIB, 16 * KIB, 32 * KIB, 64 * KIB)
LEAST = 0.5  # ms; what takes less is all overhead and noise, and tells nothing of growth

# The libraries and models are loaded by then, as they are in a program that meets a refusal.
FIRST = """
import httpx, payreq, payreq.details, payreq.reading.profiles
from time import perf_counter
words = "Your trial of the Team plan ended on 3 May 2026 and 40 of 40 exports are used."
response = httpx.Response(403, json={"error": {"code": "no_access", "message": words}},
                          request=httpx.Request("GET", "https://api.example.com/v1/exports"))
start = perf_counter()
payreq.parse(response)
print(1e3 * (perf_counter() - start))
"""


def bars() -> Iterator[Bar]:
    """Time the readings and yield what is asked of them."""
    yield _usual()
    yield _first()
    yield from _worst()


def _usual() -> Bar:
    cases = {
        name: partial(_parse_next, cycle([make(number) for number in range(VARIANTS)]))
        for name, make in _refusals().items()
    }
    timings = take_turns(cases, rounds=USUAL_ROUNDS, calls=USUAL_CALLS)
    us = {name: 1e6 * typical(rounds) for name, rounds in timings.items()}
    slowest = max(us, key=us.__getitem__)
    return Bar(
        "reading a usual refusal takes, at the median",
        median(us.values()),
        150,
        f"of {len(us)}; {us[slowest]:.0f} us: {slowest}",
        unit=" us",
    )


def _parse_next(responses: Iterator[httpx.Response]) -> None:
    payreq.parse(next(responses))


def _first() -> Bar:
    ms = sorted(float(_run(FIRST)) for _ in range(FIRST_ROUNDS))
    return Bar(
        "the first refusal of a process takes, pydantic aside",
        typical(ms),
        50,
        f"{ms[0]:.0f} to {ms[-1]:.0f} ms",
        unit=" ms",
    )


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout


def _worst() -> Iterator[Bar]:
    sends = {
        (name, size): partial(_read, *make(size))
        for name, make in (_bodies() | _headers()).items()
        for size in SIZES
    }
    timings = take_turns(
        {f"{name} {size}": call for (name, size), call in sends.items()},
        rounds=WORST_ROUNDS,
        calls=1,
    )
    ms = {key: 1e3 * min(timings[f"{key[0]} {key[1]}"]) for key in sends}
    slowest = max(ms, key=ms.__getitem__)
    yield Bar(
        "64 KiB of the worst kind take", ms[slowest], 25, f"of {len(ms)}: {slowest[0]}", unit=" ms"
    )
    growth = {
        (name, size): ms[name, 2 * size] / max(ms[name, size], LEAST)
        for name, size in ms
        if size < SIZES[-1]
    }
    steepest = max(growth, key=growth.__getitem__)
    name, size = steepest
    yield Bar(
        "twice the size takes, of the size",
        growth[steepest],
        2.5,
        f"{ms[name, 2 * size]:.1f} of {ms[steepest]:.1f} ms: {name}, {size // KIB} KiB",
    )


def _read(headers: dict[str, str], body: bytes) -> None:
    read(402, headers, body, url="https://api.example.com/v1/exports")


def _refusals() -> dict[str, Callable[[int], httpx.Response]]:
    """Return what makes a refusal out of a number, so that no two are the same."""
    return {
        "OpenAI's quota": lambda n: _response(
            429,
            "api.openai.com",
            {
                "error": {
                    "message": f"All that key {n} was granted is used; see your plan and billing.",
                    "type": "insufficient_quota",
                    "param": None,
                    "code": "insufficient_quota",
                }
            },
        ),
        "OpenRouter's credits": lambda n: _response(
            402,
            "openrouter.ai",
            {
                "error": {
                    "message": f"This call needs more credits: only {n} tokens are affordable. Add "
                    "some at https://openrouter.ai/settings/credits",
                    "code": 402,
                }
            },
        ),
        "Stripe's card": lambda n: _response(
            402,
            "api.stripe.com",
            {
                "error": {
                    "type": "card_error",
                    "code": "card_declined",
                    "decline_code": "insufficient_funds",
                    "message": f"The bank said no to card {n}.",
                }
            },
        ),
        "Anthropic's credits": lambda n: _response(
            400,
            "api.anthropic.com",
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": f"Your credit balance is too low for call {n}. Buy more credits.",
                },
            },
        ),
        "a balance": lambda n: _response(
            402,
            "api.example.com",
            {
                "code": "insufficient_credits",
                "message": f"A balance of ${n}.12 does not pay for this export.",
                "balance": f"{n}.12",
                "topup_url": "https://example.com/billing",
            },
        ),
        "a plan": lambda n: _response(
            403,
            "api.example.com",
            {
                "error": {
                    "code": "plan_upgrade_required",
                    "message": f"Export {n} is part of the Pro plan; you are on the Free plan.",
                    "required_plan": "pro",
                    "upgrade_url": "https://example.com/pricing",
                }
            },
        ),
        "a plan in words": lambda n: _response(
            403,
            "api.example.com",
            {"message": f"Your plan does not include report {n}. Upgrade to Business to see it."},
        ),
        "a subscription in words": lambda n: _response(
            403,
            "api.example.com",
            {
                "success": False,
                "errors": [{"title": "Forbidden", "detail": f"Subscription no. {n} has expired."}],
            },
        ),
        "a quota with its figures": lambda n: _response(
            429,
            "api.example.com",
            {
                "error": "quota_exceeded",
                "message": f"{n} of {n} requests are used this month; resets on 1 December 2026.",
                "limit": n,
                "used": n,
            },
        ),
        "a bare 402": lambda n: _response(402, "api.example.com", {"detail": f"No. {n} is unpaid"}),
    }


def _response(status: int, host: str, payload: dict[str, Any]) -> httpx.Response:
    return httpx.Response(
        status,
        headers={
            "date": "Wed, 25 Nov 2026 10:00:00 GMT",
            "content-type": "application/json",
            "server": "nginx",
            "cache-control": "no-store",
            "vary": "Accept-Encoding",
            "x-request-id": "req_0123456789abcdef",
            "strict-transport-security": "max-age=31536000",
        },
        content=json.dumps(payload).encode(),
        request=httpx.Request("POST", f"https://{host}/v1/exports"),
    )


def _bodies() -> dict[str, Callable[[int], tuple[dict[str, str], bytes]]]:
    """Return what fills a body of so many bytes, by name."""
    fills = {
        "brackets": ("", "[", ""),
        "nested objects": ("", '{"a":', ""),
        "empty lists": ("[", "[],", "]"),
        "a wide object": ("{", '"plan limit": "no credits", ', '"a": 1}'),
        "many errors": ('{"errors": [', '{"code": "a_b", "message": "30 of 30 used"},', "1]}"),
        "broken members": ("{", '"code": "x_y",', ""),
        "broken payloads inside": ('{"message": "', "{'a': [", '"}'),
        "long keys": ("{", f'"{"k" * 70}": 1, ', '"a": 1}'),
        "digits": ('{"limit": ', "9", "}"),
        "backslashes": ('"', "\\", ""),
        "quotes": ("", '"', ""),
        "halves of characters": ('["', "\\ud800", '"]'),
        "open elements": ("<a>", "<b>", ""),
        "many elements": ("<a>", "<b>no credits</b>", "</a>"),
        "attributes": ("<a ", "b='c' ", ">"),
        "open tags": ("<a>", "<", ""),
        "entities": ('<!DOCTYPE a [<!ENTITY b "c">', '<!ENTITY d "&b;&b;">', "]><a>&d;</a>"),
        "paragraphs": ("<html>", "<p>You have used 30 of 30 requests.", ""),
        "open scripts": ("<html>", "<script>", ""),
        "a form": ("", "error=no+credits&", "a=b"),
        "prose": ("", "You have used 30 of 30 requests on the Free plan. ", ""),
        "one word": ("", "billing ", ""),
        "one word twice": ("", "plan plan ", ""),
        "money": ("", "$1,000,000,", ""),
        "addresses": ("", "a@a.", ""),
        "links": ("", "https://a.b/plan ", ""),
        "capitals": ("", "A_B", ""),
        "spaces": ("a", " ", "a"),
        "Chinese": ("", "\u4f59\u989d\u4e0d\u8db3", ""),
        "a long sentence": ('{"message": "', "1 of 1 plan limit is $1 upgrade to Pro or ", '"}'),
    }
    made: dict[str, Callable[[int], tuple[dict[str, str], bytes]]] = {
        name: partial(_filled, *parts) for name, parts in fills.items()
    }
    made["junk"] = lambda size: ({}, bytes(n * n * 31 % 251 for n in range(size)))
    made["zeros"] = lambda size: ({}, b"\0" * size)
    made["UTF-16"] = lambda size: ({}, ("no credits " * size)[: size // 2 - 1].encode("utf-16"))
    return made


def _filled(start: str, unit: str, end: str, size: int) -> tuple[dict[str, str], bytes]:
    body = start.encode(), unit.encode(), end.encode()
    room = size - len(body[0]) - len(body[2])
    return {}, body[0] + body[1] * (room // len(body[1])) + body[2]


def _headers() -> dict[str, Callable[[int], tuple[dict[str, str], bytes]]]:
    """Return what fills headers of so many characters, by name."""
    units = {
        "www-authenticate": 'L402 invoice="lnbc1a", ',
        "payment-required": '{"accepts":',
        "ratelimit": '"a";r=0;t=1;w=3600, ',
        "link": '<https://a.b/plan>; rel="help", ',
        "x-error-message": "no credits, ",
    }
    made: dict[str, Callable[[int], tuple[dict[str, str], bytes]]] = {
        f"{name} of": partial(_one_header, name, unit) for name, unit in units.items()
    }
    made["200 headers of"] = lambda size: (
        {f"x-error-{number}": ("no credits " * size)[: size // 200] for number in range(200)},
        b"{}",
    )
    return made


def _one_header(name: str, unit: str, size: int) -> tuple[dict[str, str], bytes]:
    return {name: unit * (size // len(unit))}, b'{"code": "a"}'
