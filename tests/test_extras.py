from __future__ import annotations

import sys
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("payreq.httpx2", "httpx2", "httpx2"),
        ("payreq.integrations.opentelemetry", "opentelemetry", "opentelemetry"),
        ("payreq.integrations.sentry", "sentry_sdk", "sentry"),
        ("payreq.integrations.starlette", "starlette", "starlette"),
        ("payreq.testing.contract", "pytest", "testing"),
        ("payreq.testing.strategies", "hypothesis", "testing"),
    ],
)
def test_without_its_package_a_module_names_the_extra(monkeypatch, module, package, extra):
    for name in {package, *sys.modules}:
        if name.partition(".")[0] == package:
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ImportError) as caught:
        import_module(module)
    assert f"needs the package {package}, which cannot be imported" in str(caught.value)
    assert f"pip install 'payreq[{extra}]'" in str(caught.value)
    assert caught.value.name.partition(".")[0] == package
