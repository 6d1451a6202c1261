"""What an import pulls in, where the public names come from, and how the code is cut."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import payreq

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "payreq").rglob("*.py"))

GUARDED = """
import httpx, payreq
client = payreq.Guard(features={"export": "POST /v1/exports"}).wrap(
    httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
)
client.get("https://api.example.com/v1/reports")
"""

TOLD = """
import httpx, payreq
payreq.detect(httpx.Response(402)).user_message({locale}).as_html()
"""


def loaded_by(code):
    """Return the packages that code loads in a fresh interpreter."""
    report = "import json, sys; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], check=True, capture_output=True, text=True
    )
    return set(json.loads(ran.stdout))


def test_importing_it_loads_no_library():
    heavy = {"httpx", "httpx2", "pydantic", "tenacity", "rich", "typer", "anyio", "asyncio"}
    assert not loaded_by("import payreq") & heavy


def test_importing_it_loads_no_integration_and_nothing_for_tests():
    extras = {"starlette", "fastapi", "sentry_sdk", "opentelemetry", "structlog", "redis", "babel"}
    assert not loaded_by("import payreq, payreq.integrations") & (extras | {"pytest", "hypothesis"})


def test_a_guarded_client_that_meets_no_refusal_loads_neither_pydantic_nor_tenacity():
    heavy = {"pydantic", "tenacity", "rich", "typer", "httpx2"}
    # httpx loads rich by itself where that is installed, for a command line of its own.
    assert not (loaded_by(GUARDED) - loaded_by("import httpx")) & heavy


def test_words_load_babel_where_a_region_has_its_formats_and_never_for_plain_english():
    pytest.importorskip("babel")
    assert "babel" not in loaded_by(TOLD.format(locale=""))
    assert "babel" in loaded_by(TOLD.format(locale="'de'"))


def test_every_public_name_can_be_had():
    for name in payreq.__all__:
        assert getattr(payreq, name) is not None
    assert set(payreq.__all__) <= set(dir(payreq))
    assert set(payreq.testing.__all__) <= set(dir(payreq.testing))
    assert {"opentelemetry", "sentry", "starlette"} <= set(dir(payreq.integrations))


def test_public_names_come_from_where_type_checkers_look():
    for home, names in payreq._HOMES.items():
        module = __import__(f"payreq.{home}", fromlist=names)
        assert all(getattr(payreq, name) is getattr(module, name) for name in names)
    assert sorted(payreq.__all__) == sorted(payreq._HOME_OF)


def test_the_adapters_can_be_had_as_attributes():
    assert payreq.httpx.PaymentTransport is payreq.PaymentTransport
    assert payreq.__getattr__("httpx2") is payreq.httpx2
    code = "import payreq; payreq.httpx2.PaymentTransport; payreq.testing.Clock"
    loaded = loaded_by(code)
    assert "httpx2" in loaded
    assert "pytest" not in loaded


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = payreq.nothing


def test_the_version_is_that_of_the_package():
    assert metadata.version("payreq") == payreq.__version__


def test_it_asks_for_three_packages_and_no_more():
    needed = [line for line in metadata.requires("payreq") or [] if "extra ==" not in line]
    assert sorted(line.partition(">")[0] for line in needed) == ["httpx", "pydantic", "tenacity"]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_too_long(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400
