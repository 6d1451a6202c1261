"""What tests of integrations share."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest


@pytest.fixture
def said_without(monkeypatch):
    """Return what an integration says where a package cannot be imported."""

    def said(module, package):
        for name in {package, *sys.modules}:
            if name.partition(".")[0] == package:
                monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, f"payreq.integrations.{module}", raising=False)
        with pytest.raises(ImportError) as caught:
            import_module(f"payreq.integrations.{module}")
        return str(caught.value)

    return said
