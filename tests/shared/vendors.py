"""Vendors' SDKs: how a client of each is made and closed, what it is asked, what it raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import cohere
import groq
import httpx
import huggingface_hub
import mistralai.client
import openai
import perplexity
import postgrest
import replicate
import stripe
from huggingface_hub.utils import hf_raise_for_status, http_backoff
from huggingface_hub.utils._http import default_async_client_factory, default_client_factory
from sdk import CODES, Sdk, both, unguarded

import payreq

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_FAST = {"message": "Slow down.", "error": {"code": "rate_limit_exceeded"}}
"""The body of a 429 that is no refusal."""

DECLINED = {
    "error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
}
"""stripe's body of a 402."""

KEY = "test-key-0123456789"
MESSAGES = [{"role": "user", "content": "Hi"}]
CHAT: dict[str, Any] = {"model": "m", "messages": MESSAGES}
INTENT = {"amount": 100, "currency": "eur"}


def stainless(
    module: Any,
    kinds: tuple[Any, Any],
    *,
    path: str,
    base: str = "",
    ask: Callable[..., Any] = lambda client, **options: client.chat.completions.create(
        **CHAT, **options
    ),
    **common: Any,
) -> list[Sdk]:
    """Return the two clients of an SDK that Stainless makes."""

    def made(kind: Any) -> dict[str, Any]:
        return {"make": lambda url, wrap: wrap(kind(api_key=KEY, base_url=url + base))}

    name = module.__name__
    defaults: dict[str, Any] = {
        "name": name,
        "package": name,
        "wrap": f"guard.wrap({name}.{kinds[0].__name__}())",
        "errors": {402: module.APIStatusError, 429: module.RateLimitError},
    }
    return both(
        sync=made(kinds[0]),
        asynchronous=made(kinds[1]),
        path=path,
        ask=ask,
        stream=lambda client: ask(client, stream=True),
        close=lambda client: client.close(),
        **defaults | common,
    )


def openai_on_httpx(**options: Any) -> Any:
    """Return openai's client on httpx, which it takes where it is given one."""
    return openai.OpenAI(http_client=httpx.Client(), **options)


def openai_on_httpx_async(**options: Any) -> Any:
    """Return the same, async."""
    return openai.AsyncOpenAI(http_client=httpx.AsyncClient(), **options)


def anthropic_ask(client: Any, **options: Any) -> Any:
    """Ask for a message."""
    return client.messages.create(max_tokens=1, **CHAT, **options)


def cohere_client(kind: Any) -> Callable[..., Any]:
    """Return what makes a client of cohere's."""
    return lambda url, wrap: wrap(kind(api_key=KEY, base_url=url))


def cohere_held(client: Any) -> Any:
    """Return the client of httpx that a client of cohere's holds."""
    return client._client_wrapper.httpx_client.httpx_client


def set_factories(wrap: Callable[..., Any]) -> None:
    """Set where huggingface_hub's clients come from, in the whole process."""
    huggingface_hub.set_client_factory(lambda: wrap(default_client_factory()))
    huggingface_hub.set_async_client_factory(lambda: wrap(default_async_client_factory()))


def hugging_face(kind: Any) -> Callable[..., Any]:
    """Return what makes an inference client, whose own error is to be raised."""

    def make(url: str, wrap: Callable[..., Any]) -> Any:
        set_factories(lambda client: wrap(client, refusals="return"))
        return kind(base_url=f"{url}/v1", api_key="hf_test_0123456789")

    return make


def backing_off(url: str, wrap: Callable[..., Any]) -> str:
    """Set the factories for `http_backoff`, which retries whatever it is handed back."""
    set_factories(wrap)
    return f"{url}/api/models"


def backed_off(url: str) -> Any:
    """Ask as `HfApi` does."""
    hf_raise_for_status(http_backoff("GET", url, headers={"authorization": "Bearer hf_test"}))


def reset_factories(_client: Any = None) -> None:
    """Set huggingface_hub's own factories again, and close what they made."""
    set_factories(unguarded)


async def reset_factories_async(client: Any) -> None:
    """Do the same after an async client."""
    await client.close()
    reset_factories()


def stripe_client(url: str, wrap: Callable[..., Any]) -> Any:
    """Return a client of stripe's on httpx that may try again twice."""
    return stripe.StripeClient(
        "sk_test_0123456789",
        http_client=wrap(stripe.HTTPXClient(allow_sync_methods=True)),
        base_addresses={"api": url},
        max_network_retries=2,
    )


SDKS = [
    *stainless(
        openai, (openai.OpenAI, openai.AsyncOpenAI), path="/v1/chat/completions", base="/v1"
    ),
    *stainless(
        openai,
        (openai_on_httpx, openai_on_httpx_async),
        name="openai on httpx",
        wrap="guard.wrap(openai.OpenAI(http_client=httpx.Client()))",
        path="/v1/chat/completions",
        base="/v1",
    ),
    *stainless(
        anthropic,
        (anthropic.Anthropic, anthropic.AsyncAnthropic),
        path="/v1/messages",
        ask=anthropic_ask,
        errors={402: anthropic.PaymentRequiredError, 429: anthropic.RateLimitError},
    ),
    *stainless(groq, (groq.Groq, groq.AsyncGroq), path="/openai/v1/chat/completions"),
    *stainless(
        perplexity,
        (perplexity.Perplexity, perplexity.AsyncPerplexity),
        package="perplexityai",
        path="/chat/completions",
    ),
    *both(
        "mistralai",
        {
            "ask": lambda client: client.chat.complete(**CHAT),
            "stream": lambda client: client.chat.stream(**CHAT),
            "close": lambda client: client.__exit__(None, None, None),
        },
        {
            "ask": lambda client: client.chat.complete_async(**CHAT),
            "stream": lambda client: client.chat.stream_async(**CHAT),
            "close": lambda client: client.__aexit__(None, None, None),
        },
        package="mistralai",
        wrap="guard.wrap(mistralai.client.Mistral())",
        path="/v1/chat/completions",
        make=lambda url, wrap: wrap(mistralai.client.Mistral(api_key=KEY, server_url=url)),
        errors=dict.fromkeys(CODES, mistralai.client.errors.SDKError),
    ),
    *both(
        "cohere",
        {
            "make": cohere_client(cohere.ClientV2),
            "close": lambda client: cohere_held(client).close(),
        },
        {
            "make": cohere_client(cohere.AsyncClientV2),
            "close": lambda client: cohere_held(client).aclose(),
        },
        package="cohere",
        wrap="guard.wrap(cohere.ClientV2())",
        path="/v2/chat",
        ask=lambda client: client.chat(**CHAT),
        stream=lambda client: client.chat_stream(**CHAT),
        errors=dict.fromkeys(CODES, cohere.core.ApiError),
    ),
    *both(
        "huggingface_hub InferenceClient",
        {"make": hugging_face(huggingface_hub.InferenceClient), "close": reset_factories},
        {
            "make": hugging_face(huggingface_hub.AsyncInferenceClient),
            "close": reset_factories_async,
        },
        package="huggingface_hub",
        wrap='set_client_factory(lambda: guard.wrap(httpx2.Client(), refusals="return"))',
        path="/v1/chat/completions",
        ask=lambda client: client.chat_completion(MESSAGES),
        stream=lambda client: client.chat_completion(MESSAGES, stream=True),
        errors=dict.fromkeys(CODES, huggingface_hub.errors.HfHubHTTPError),
    ),
    Sdk(
        name="huggingface_hub http_backoff",
        package="huggingface_hub",
        wrap="set_client_factory(lambda: guard.wrap(httpx2.Client()))",
        path="/api/models",
        make=backing_off,
        ask=backed_off,
        close=reset_factories,
        errors=dict.fromkeys(CODES, payreq.CreditsExhausted),
    ),
    *both(
        "replicate",
        {
            "ask": lambda client: client.predictions.create(version="v", input={}),
            "close": lambda client: client._client.close(),
        },
        {
            "ask": lambda client: client.predictions.async_create(version="v", input={}),
            "close": lambda client: client._async_client.aclose(),
        },
        package="replicate",
        wrap="guard.wrap(replicate.Client())",
        path="/v1/predictions",
        make=lambda url, wrap: wrap(replicate.Client(api_token=KEY, base_url=url)),
        errors=dict.fromkeys(CODES, replicate.exceptions.ReplicateError),
    ),
    *both(
        "postgrest",
        {
            "make": lambda url, wrap: wrap(
                postgrest.SyncPostgrestClient(url, headers={"apikey": KEY})
            )
        },
        {
            "make": lambda url, wrap: wrap(
                postgrest.AsyncPostgrestClient(url, headers={"apikey": KEY})
            )
        },
        package="postgrest",
        wrap="guard.wrap(postgrest.SyncPostgrestClient(url))",
        path="/todos",
        ask=lambda client: client.from_("todos").select("*").execute(),
        close=lambda client: client.aclose(),
        errors=dict.fromkeys(CODES, postgrest.APIError),
    ),
]
"""Clients whose refusals block: each sends one request for a refused call."""

STRIPE = both(
    "stripe",
    {
        "ask": lambda client: client.v1.payment_intents.create(INTENT),
        "close": lambda client: client._requestor._client.close(),
    },
    {
        "ask": lambda client: client.v1.payment_intents.create_async(INTENT),
        "close": lambda client: client._requestor._client.close_async(),
    },
    package="stripe",
    wrap="StripeClient(key, http_client=guard.wrap(stripe.HTTPXClient()))",
    path="/v1/payment_intents",
    make=stripe_client,
    errors={402: stripe.CardError},
    bodies={402: DECLINED},
)
"""stripe's, whose 402 is about somebody's card, and blocks nothing."""
