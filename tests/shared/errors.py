"""Errors as the readers of codes and of words meet them."""

from __future__ import annotations

import json

from payreq.reading import standard, wording
from payreq.reading.document import read_document


def document(payload, status=403, headers=None):
    if isinstance(payload, str):
        payload = payload.encode()
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return read_document(status, headers or {}, body)


def read_standard(read):
    """Return what the reader of codes says of a document, if that is an error."""
    return standard.read_standard(read, wording.hear(read)) if wording.is_heard(read) else None


def read_wording(read, **options):
    """Return what the reader of words says of a document, if that is an error."""
    if not wording.is_heard(read):
        return None
    return wording.read_wording(read, wording.hear(read), **options)


def reason(payload, status=403, headers=None):
    """Return the cause that the words of an answer tell, or None."""
    verdict = read_wording(document(payload, status, headers))
    return None if verdict is None else verdict.reason
