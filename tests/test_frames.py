from __future__ import annotations

import types

import httpx
import pytest

from payreq.frames import MOST, beside, unpaid

REFUSED = httpx.Response(402)
FINE = httpx.Response(200)


def vendor(source, name="vendor.client"):
    """Run the code of a package, and return its names."""
    module = types.ModuleType(name)
    exec(source, vars(module))
    return module


def raised(function, *args):
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever the vendor raises
        function(*args)
    return caught.value


VENDOR = vendor("""
class Odd:
    def __getattr__(self, name):
        raise RuntimeError(name)

class VendorError(Exception): pass

def check(response):
    if response.status_code > 400:
        raise VendorError

def outer(response, more):
    odd = Odd()
    fails(more)

def fails(more, deep=0):
    if deep:
        fails(more, deep - 1)
    error = VendorError()
    raise error from more

def two(first, second, cause=None):
    raise VendorError from cause

def within(first, error):
    try:
        raise error
    except Exception:
        raise VendorError

def deep(response, levels):
    fails(None, levels)

class Transport: pass

def pay(response, wallet):
    wallet()
""")


def unpaid_by(error, transport=None):
    return unpaid(error, VENDOR.Transport() if transport is None else transport)


def test_the_responses_of_the_nearest_frame_that_has_any_are_found():
    assert beside(raised(VENDOR.check, REFUSED)) == [REFUSED]
    assert beside(raised(VENDOR.outer, REFUSED, None)) == [REFUSED]
    assert beside(raised(VENDOR.two, FINE, REFUSED)) == [FINE, REFUSED]


def test_what_an_error_was_not_raised_beside_is_not_found():
    assert beside(VENDOR.VendorError()) == []
    assert beside(raised(VENDOR.fails, None)) == []


def test_frames_of_other_packages_do_not_count():
    response = REFUSED
    assert beside(raised(lambda: VENDOR.fails(None) or response)) == []
    elsewhere = raised(vendor("def fails(response): raise ValueError").fails, REFUSED)
    assert beside(elsewhere) == []
    assert beside(elsewhere, package="vendor") == [REFUSED]


def test_those_that_send_have_answers_to_other_requests_at_hand():
    sender = vendor(
        "class Lost(Exception): pass\ndef send(response): raise Lost", "httpx._transports"
    )
    assert beside(raised(sender.send, REFUSED)) == []


def test_it_looks_at_so_many_frames_and_no_more():
    assert beside(raised(VENDOR.deep, REFUSED, MOST - 2)) == [REFUSED]
    assert beside(raised(VENDOR.deep, REFUSED, MOST)) == []


def test_a_402_that_was_the_last_word_is_unpaid():
    assert unpaid_by(raised(VENDOR.check, REFUSED)) is REFUSED
    assert unpaid_by(raised(VENDOR.two, REFUSED, REFUSED)) is REFUSED
    assert unpaid_by(raised(VENDOR.two, REFUSED, None, KeyError())) is REFUSED


def test_whoever_raised_the_error_the_transport_had_the_402():
    def wallet():
        raise RuntimeError

    assert unpaid_by(raised(VENDOR.pay, REFUSED, wallet)) is REFUSED
    assert unpaid_by(raised(VENDOR.pay, REFUSED, wallet), httpx.HTTPTransport()) is None


@pytest.mark.parametrize(
    "error",
    [
        raised(VENDOR.check, httpx.Response(429)),
        raised(VENDOR.two, REFUSED, FINE),
        raised(VENDOR.two, REFUSED, None, httpx.ReadTimeout("x")),
        raised(VENDOR.within, REFUSED, httpx.ReadTimeout("x")),
        raised(VENDOR.fails, None),
    ],
)
def test_where_something_else_came_or_failed_nobody_knows_whether_it_is(error):
    assert unpaid_by(error) is None


def test_an_interruption_is_no_failure_to_pay():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        VENDOR.pay(REFUSED, interrupted)
    assert unpaid_by(caught.value) is None


def test_causes_in_a_circle_end():
    error = raised(VENDOR.check, REFUSED)
    error.__cause__ = cause = KeyError()
    cause.__cause__ = error
    assert unpaid_by(error) is None
