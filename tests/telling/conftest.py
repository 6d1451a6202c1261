from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from payreq.details import PaymentDetails
from payreq.telling.reader import _asked, reader_of


@pytest.fixture
def about():
    return SimpleNamespace(
        name="examplecorp",
        title="Example Corp",
        hosts=("api.example.com", "*.example-models.com"),
        billing_url="https://console.examplecorp.test/billing",
        upgrade_url=None,
        status_url=None,
        support_url="https://help.examplecorp.test/new",
        docs_url=None,
        returns="minutes",
    )


@pytest.fixture
def refused():
    """Make what the telling room takes: something with the attributes of a refusal."""

    def make(reason="credits_exhausted", *, status=402, feature="export", named=None, **facts):
        outer = {
            "origin": facts.pop("origin", "https://api.example.com"),
            "account": facts.pop("account", None),
            "credential": facts.pop("credential", None),
            "block": facts.pop("block", None),
            "sent": facts.pop("sent", True),
            "request": facts.pop("request", SimpleNamespace(method="POST")),
            "at": facts.pop("at", datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        }
        details = PaymentDetails(reason=reason, status=status, feature=named, **facts)
        return SimpleNamespace(reason=details.reason, details=details, feature=feature, **outer)

    return make


@pytest.fixture
def german():
    pytest.importorskip("babel")
    return reader_of("de", None)


@pytest.fixture
def _without_babel(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel", None)
    _asked.cache_clear()
    yield
    _asked.cache_clear()
