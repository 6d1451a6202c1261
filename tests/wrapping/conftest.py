from __future__ import annotations

import httpx
import httpx2
import pytest
from wrapped import Api, Caller

import payreq


@pytest.fixture(params=["sync", "async"])
def kind(request):
    return request.param


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request):
    return request.param


@pytest.fixture
def api(library):
    return Api(library)


@pytest.fixture
def guard():
    return payreq.Guard(features={"export": "* /exports"})


@pytest.fixture
def call(kind, library, api, guard):
    return Caller(kind, library, api, guard)
