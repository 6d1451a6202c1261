"""What holds in every outage of a store, and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from fleet import Fleet

NO_CREDIT = {"code": "insufficient_credits"}


def block_two(fleet: Fleet, server: Any) -> None:
    """Have one of two processes meet the refusal of two features, and the other learn of it."""
    near, far = fleet.processes
    for feature in ("chat", "export"):
        server.answer(f"/{feature}", 402, body=NO_CREDIT)
        assert near.get(feature) == "refused"
    fleet.go_on()
    assert [far.get(feature) for feature in ("chat", "export")] == ["refused here"] * 2


def go_through(away: AbstractContextManager[Any], fleet: Fleet, server: Any) -> None:
    """Let a store be away for a while: traffic goes on, and afterwards all agree again.

    Args:
        away: While it is entered, the store cannot be reached.
        fleet: Two processes that share it.
        server: The API.
    """
    block_two(fleet, server)
    near, far = fleet.processes
    with away:
        fleet.go_on(3)
        server.answer("/export", 200)
        assert near.guard.blocks.clear("export") == 1
        server.answer("/upload", 402, body=NO_CREDIT)
        assert [far.get("upload") for _ in range(5)] == ["refused", *["refused here"] * 4]
        fleet.go_on(3)
        assert near.get("export") == "200"
        assert [process.get("chat") for process in fleet.processes] == ["refused here"] * 2
        assert fleet.told() == ["WARNING"] * 2
    fleet.go_on(2)
    assert fleet.told() == ["WARNING"] * 2 + ["INFO"] * 2
    assert near.knows() == far.knows()
    assert far.get("export") == "200"
    assert near.get("upload") == "refused here"
    assert server.count("/upload") == 1
