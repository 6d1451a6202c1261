"""What other packages are told of refusals; each module is an extra of its own, loaded when asked.

`payreq.integrations.starlette`, `.sentry` and `.opentelemetry`.
"""

from __future__ import annotations

from importlib import import_module

_MODULES = ("opentelemetry", "sentry", "starlette")


def __getattr__(name: str) -> object:
    """Load an integration on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module 'payreq.integrations' has no attribute {name!r}")
    return import_module(f"payreq.integrations.{name}")


def __dir__() -> list[str]:
    """List the integrations, loaded or not."""
    return sorted({*globals(), *_MODULES})
