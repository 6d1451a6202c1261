from __future__ import annotations

import httpx
import postgrest
from vendors import KEY

import payreq

OVERDUE = {"message": "Service for this project is restricted: overdue_payment."}


def test_a_client_that_was_guarded_before_raises_ours_from_execute(server, raised):
    server.answer("/todos", 402, body=OVERDUE)
    with postgrest.SyncPostgrestClient(
        server.url, headers={"apikey": KEY}, http_client=payreq.wrap(httpx.Client())
    ) as client:
        errors = [raised(client.from_("todos").select("*").execute) for _ in range(2)]
        client.session.close()
    assert all(isinstance(error, payreq.PaymentRequired) for error in errors)
    assert [error.sent for error in errors] == [True, False]
    assert len(server.received) == 1


def test_another_schema_is_guarded_too(server, raised):
    server.answer("/todos", 402, body=OVERDUE)
    guard = payreq.Guard()
    with guard.wrap(postgrest.SyncPostgrestClient(server.url, headers={"apikey": KEY})) as client:
        private = client.schema("private")
        assert payreq.guard_of(private) is guard
        error = raised(private.from_("todos").select("*").execute)
    assert isinstance(error, postgrest.APIError)
    assert payreq.detect(error).sent
