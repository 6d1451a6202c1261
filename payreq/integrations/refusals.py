"""Whether an exception comes down to a billing refusal, and to nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payreq.detecting import detect

if TYPE_CHECKING:
    from payreq.exceptions import PaymentRequired


def refusal_in(error: BaseException) -> PaymentRequired | None:
    """Return the refusal that an exception comes down to, or None.

    Args:
        error: Any exception. Of a group, every member must come down to one: a fault beside a
            refusal must be seen.
    """
    if isinstance(error, BaseExceptionGroup):
        found = [refusal_in(member) for member in error.exceptions]
        return found[0] if all(found) else None
    return detect(error)
