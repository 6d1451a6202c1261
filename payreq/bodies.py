"""The beginning of a response body: so many bytes of it, decoded, and nothing lost of the rest."""

from __future__ import annotations

import zlib
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    Decode = Callable[[bytes, int], bytes]

LIMIT = 65_536
"""Decoded bytes of a body that are read at most."""

RAW_LIMIT = 2 * LIMIT
"""Bytes on the wire that are read at most for them: a coding may go on without decoding to any."""

SECONDS = 2.0
"""How long a body is read at most, checked between chunks."""

_SLICE = 64
"""Bytes fed at a time to a decoder that knows no limit: what a bomb can unfold at once."""


class Prefix:
    """Collects the raw chunks of a body and decodes their beginning.

    Args:
        encoding: The Content-Encoding of the response. A coding that is unknown here, or that
            has no decoder installed, yields no text; the raw chunks are kept all the same.

    Attributes:
        chunks: The raw chunks, as they came.
        decoded: What they decode to, `LIMIT` bytes at most.
        complete: Whether the body ended within the limits.
        error: What broke the body off, to be raised again to whoever reads on.
    """

    __slots__ = ("_decode", "_raw", "chunks", "complete", "decoded", "error")

    def __init__(self, encoding: str) -> None:
        self.chunks: list[bytes] = []
        self.decoded = b""
        self.complete = False
        self.error: Exception | None = None
        self._raw = 0
        self._decode = _decoder(encoding.strip().lower())

    def add(self, chunk: bytes) -> bool:
        """Take a raw chunk and say whether more is wanted."""
        self.chunks.append(chunk)
        self._raw += len(chunk)
        room = LIMIT - len(self.decoded)
        if self._decode is None or room <= 0:
            return False
        try:
            self.decoded += self._decode(chunk, room)
        except Exception:  # each codec has its own error; broken data is the caller's to meet
            self._decode = None
            return False
        return len(self.decoded) < LIMIT and self._raw < RAW_LIMIT


class SyncRest:
    """A body whose beginning was read: the chunks that came, then those still to come."""

    def __init__(self, prefix: Prefix, rest: Iterator[bytes], stream: Any) -> None:
        self._prefix = prefix
        self._rest = rest
        self._inner = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._prefix.chunks
        if self._prefix.error is not None:
            raise self._prefix.error
        yield from self._rest

    def close(self) -> None:
        """Close the body's source."""
        self._inner.close()


class AsyncRest:
    """The same for an async body."""

    def __init__(self, prefix: Prefix, rest: AsyncIterator[bytes], stream: Any) -> None:
        self._prefix = prefix
        self._rest = rest
        self._inner = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._prefix.chunks:
            yield chunk
        if self._prefix.error is not None:
            raise self._prefix.error
        async for chunk in self._rest:
            yield chunk

    async def aclose(self) -> None:
        """Close the body's source, and the iteration of it that is under way."""
        close = getattr(self._rest, "aclose", None)
        try:
            if close is not None:
                with suppress(RuntimeError):  # another task is in it, and ends with the source
                    await close()
        finally:  # a cancellation may meet the iteration on its way out
            await self._inner.aclose()


def in_memory(response: Any) -> Prefix | None:
    """Return the body that a transport inside has read already: its stream must not run again."""
    if not (response.is_closed or response.is_stream_consumed):
        return None
    prefix = Prefix("")
    try:
        prefix.complete = prefix.add(response.content)
    except RuntimeError as error:  # it was streamed away, and nothing of it was kept
        prefix.error = error
    return prefix


def _decoder(encoding: str) -> Decode | None:
    """Return a bounded decoder for a content coding (RFC 9110, 8.4.1), None if there is none."""
    if encoding in {"", "identity"}:
        return lambda data, room: data[:room]
    if encoding in {"gzip", "x-gzip"}:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
    if encoding == "deflate":
        return _deflate()
    if encoding == "br":
        return _brotli(_installed("brotli", "brotlicffi"))
    if encoding == "zstd":
        return _zstd(_installed("compression.zstd", "backports.zstd", "zstandard"))
    return None


def _installed(*names: str) -> Any:
    """Return the first of several modules that can be imported, None if none can."""
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _deflate() -> Decode:
    """Decode "deflate", which servers send with and without the zlib wrapper (RFC 1950, 2.2)."""
    head = b""
    decode: Decode | None = None

    def decided(data: bytes, room: int) -> bytes:
        nonlocal head, decode
        if decode is None:
            head += data
            if len(head) < 2:  # noqa: PLR2004  # the bytes of the wrapper's header
                return b""
            wrapped = head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:2]) % 31 == 0
            decode = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS).decompress
            data = head
        return decode(data, room)

    return decided


def _brotli(library: Any) -> Decode | None:
    if library is None:
        return None
    process = library.Decompressor().process
    try:
        process(b"", output_buffer_limit=1)
    except TypeError:  # before 1.2
        return _sliced(process)
    return lambda data, room: process(data, output_buffer_limit=room)[:room]


def _zstd(library: Any) -> Decode | None:
    if library is None:
        return None
    decompressor = library.ZstdDecompressor()
    if hasattr(decompressor, "decompressobj"):  # zstandard
        return _sliced(decompressor.decompressobj().decompress)
    decompress: Decode = decompressor.decompress
    return decompress


def _sliced(decode: Callable[[bytes], bytes]) -> Decode:
    """Bound a decoder that has no limit of its own by what it is fed."""

    def bounded(data: bytes, room: int) -> bytes:
        out = b""
        for start in range(0, len(data), _SLICE):
            out += decode(data[start : start + _SLICE])
            if len(out) >= room:
                break
        return out[:room]

    return bounded
