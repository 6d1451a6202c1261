"""What tests of apps need: canned refusals, an API that refuses, a clock, the contract of stores.

The fixtures `payreq_clock` and `payreq_guard` are there wherever payreq is installed. All else is
loaded on first use, since pytest loads this package in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payreq.testing.api import Api
    from payreq.testing.canned import exception, refusal, response
    from payreq.testing.clock import START, Clock
    from payreq.testing.contract import store_contract
    from payreq.testing.strategies import refusals

_HOME_OF = {
    "Api": "api",
    "Clock": "clock",
    "START": "clock",
    "exception": "canned",
    "refusal": "canned",
    "refusals": "strategies",
    "response": "canned",
    "store_contract": "contract",
}

__all__ = [
    "START",
    "Api",
    "Clock",
    "exception",
    "refusal",
    "refusals",
    "response",
    "store_contract",
]


def __getattr__(name: str) -> object:
    """Load a name from its module on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'payreq.testing' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"payreq.testing.{_HOME_OF[name]}"), name)
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
