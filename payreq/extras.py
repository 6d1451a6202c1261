"""What is said where a package of an extra is not installed."""

from __future__ import annotations


def missing(error: ImportError, what: str, extra: str) -> ImportError:
    """Return the error to raise where a package cannot be imported.

    Args:
        error: What its import raised.
        what: What needs it.
        extra: The extra of payreq that brings it.
    """
    package = (error.name or extra).partition(".")[0]
    return ImportError(
        f"{what} needs the package {package}, which cannot be imported; "
        f"install the extra [{extra}]: pip install 'payreq[{extra}]'",
        name=error.name,
    )
