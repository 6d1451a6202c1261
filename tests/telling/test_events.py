from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from payreq.telling.events import LOGGER, Event, log

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def told(caplog):
    """Log an event and return the record."""

    def tell(name, refusal=None, block=None, here=True):
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="payreq"):
            log(Event(name, refusal, block, NOON, here=here))
        (record,) = caplog.records
        return record

    return tell


@pytest.fixture
def block(refused):
    subject = refused(status=429, provider="examplecorp", code="no_credit", request_id="req_1")
    return SimpleNamespace(
        reason=subject.reason,
        details=subject.details,
        origin="https://api.example.com",
        feature="export",
        account="tenant-7",
        next_check=NOON,
    )


def test_the_logger_stays_silent_unless_an_app_listens():
    assert any(isinstance(handler, logging.NullHandler) for handler in LOGGER.handlers)
    assert LOGGER.level == logging.NOTSET


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("blocked", logging.WARNING),
        ("lifted", logging.INFO),
        ("probed", logging.INFO),
        ("refused", logging.DEBUG),
        ("payment_required", logging.DEBUG),
        ("restored", logging.DEBUG),
        ("billing_fixed", logging.DEBUG),
    ],
)
def test_levels(told, block, name, level):
    assert told(name, block=block).levelno == level


@pytest.mark.parametrize("name", ["blocked", "lifted", "probed"])
def test_what_happened_in_another_process_is_loud_only_there(told, block, name):
    assert told(name, block=block, here=False).levelno == logging.DEBUG


def test_a_record_says_what_happened_in_words_and_fields(told, refused, block):
    subject = refused(
        status=429,
        provider="examplecorp",
        code="no_credit",
        request_id="req_1",
        message="the provider's words",
        account="tenant-7",
        block=block,
    )
    record = told("blocked", refusal=subject, block=block)
    assert record.getMessage() == (
        "https://api.example.com refused export, which is off until that is settled: "
        "the credits are used up"
    )
    extra = {name: value for name, value in vars(record).items() if name.startswith("payreq_")}
    assert extra == {
        "payreq_event": "blocked",
        "payreq_reason": "credits_exhausted",
        "payreq_provider": "examplecorp",
        "payreq_origin": "https://api.example.com",
        "payreq_feature": "export",
        "payreq_account": "tenant-7",
        "payreq_code": "no_credit",
        "payreq_status": 429,
        "payreq_request_id": "req_1",
        "payreq_sent": True,
        "payreq_next_check": "2026-11-24T12:00:00+00:00",
    }
    assert not any("provider's words" in str(value) for value in vars(record).values())


def test_a_refusal_without_block_has_no_next_check(told, refused):
    record = told("payment_required", refusal=refused("payment_failed", sent=True))
    assert record.payreq_next_check is None
    assert record.payreq_sent is True


def test_an_event_of_no_feature_in_particular_can_be_told(told):
    record = told("billing_fixed")
    assert record.getMessage() == "the API: a request: billing_fixed"
    assert record.payreq_reason is None


def test_a_log_line_stays_one_line(told, refused):
    record = told("refused", refusal=refused(feature="a\nb", code="x\r\ny\x1b[0m"))
    assert "\n" not in record.getMessage()
    assert record.payreq_code == "x y [0m"


def test_nothing_is_built_for_a_level_that_is_off(refused, caplog):
    with caplog.at_level(logging.WARNING, logger="payreq"):
        log(Event("refused", refused(), None, NOON))
    assert not caplog.records
