from __future__ import annotations

import gzip
import random
import sys
import zlib
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.bodies import LIMIT, RAW_LIMIT, Prefix

TEXT = b'{"error": "no credit"}' * 40
BOMB = b"\0" * 50_000_000


def bare(data):
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODINGS = [
    ("", bytes),
    (" Identity ", bytes),
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare),
]


def fed(encoding, body, size):
    prefix = Prefix(encoding)
    for start in range(0, len(body), size):
        if not prefix.add(body[start : start + size]):
            break
    return prefix


@pytest.mark.parametrize(("encoding", "encode"), CODINGS)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_body_is_decoded_however_it_is_cut(encoding, encode, size):
    body = encode(TEXT)  # once: gzip notes the second
    prefix = fed(encoding, body, size)
    assert prefix.decoded == TEXT
    assert b"".join(prefix.chunks) == body


@pytest.mark.parametrize(("encoding", "encode"), CODINGS)
def test_no_more_is_decoded_than_the_limit(encoding, encode):
    prefix = fed(encoding, encode(BOMB), 100_000)
    assert prefix.decoded == BOMB[:LIMIT]
    assert not prefix.add(b"x")
    assert prefix.chunks[-1] == b"x"


EMPTY_BLOCK = b"\0\0\0\xff\xff"  # of DEFLATE, stored: RFC 1951, 3.2.4

ENDLESS = {
    "gzip of empty blocks": ("gzip", gzip.compress(b"")[:10], EMPTY_BLOCK),
    "gzip with a name that does not end": ("gzip", b"\x1f\x8b\x08\x08" + bytes(6), b"name"),
    "gzip and what follows it": ("gzip", gzip.compress(TEXT), b"more"),
    "deflate of empty blocks": ("deflate", b"\x78\x9c", EMPTY_BLOCK),
    "brotli of empty blocks": ("br", b"\x0b\x00\x80a", b"\x06"),
    "zstd of empty blocks": ("zstd", b"(\xb5/\xfd\x00X\x08\x00\x00a", bytes(3)),
}


@pytest.mark.parametrize(("encoding", "head", "unit"), ENDLESS.values(), ids=ENDLESS)
def test_a_coding_that_decodes_to_nothing_is_given_up_on(encoding, head, unit):
    prefix = Prefix(encoding)
    prefix.add(head)
    for _ in range(100):
        if not prefix.add(unit * 2_000):
            break
    assert sum(map(len, prefix.chunks)) < RAW_LIMIT + 20_000


def test_a_body_of_exactly_the_limit_is_whole():
    prefix = Prefix("")
    assert prefix.add(b"x" * (LIMIT - 1))
    assert not prefix.add(b"x")
    assert len(prefix.decoded) == LIMIT


@pytest.mark.parametrize("encoding", ["gzip, br", "compress", "nonsense"])
def test_a_coding_that_is_unknown_yields_no_text_and_loses_nothing(encoding):
    prefix = Prefix(encoding)
    assert not prefix.add(b"abc")
    assert (prefix.decoded, prefix.chunks) == (b"", [b"abc"])


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_broken_data_ends_the_decoding_and_loses_nothing(encoding):
    prefix = Prefix(encoding)
    broken = b"\x06\x07 no such data"
    assert not prefix.add(broken)
    assert not prefix.add(b"more")
    assert prefix.chunks == [broken, b"more"]
    assert prefix.decoded == b""


def test_what_was_decoded_before_the_break_is_kept():
    prefix = Prefix("gzip")
    data = gzip.compress(random.Random(1).randbytes(5_000))
    assert prefix.add(data[:3_000])
    known = prefix.decoded
    prefix.add(b"\xff" * 3_000)
    assert known
    assert prefix.decoded.startswith(known)


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "", "?"]), st.lists(st.binary()))
def test_no_data_breaks_it(encoding, chunks):
    prefix = Prefix(encoding)
    for chunk in chunks:
        prefix.add(chunk)
    assert prefix.chunks == chunks
    assert len(prefix.decoded) <= LIMIT


@pytest.fixture
def installed(monkeypatch):
    """Say which modules can be imported, each with what it holds."""
    for name in ("brotli", "brotlicffi", "compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)

    def install(name, **content):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setitem(sys.modules, name.partition(".")[0], module)

    return install


class Bounded:
    """Stands for a decoder that takes a limit: a byte becomes a thousand."""

    def process(self, data, output_buffer_limit=None):
        return (data * 1_000)[: output_buffer_limit + 10]

    def decompress(self, data, room):
        return (data * 1_000)[:room]


class Unbounded:
    """Stands for a decoder that takes none."""

    def __init__(self):
        self.taken = []

    def process(self, data):
        self.taken.append(len(data))
        return data * 1_000


@pytest.mark.parametrize("encoding", ["br", "zstd"])
def test_without_its_library_a_coding_is_unknown(installed, encoding):
    assert not Prefix(encoding).add(b"x")


@pytest.mark.parametrize(
    ("encoding", "name", "content"),
    [
        ("br", "brotli", {"Decompressor": Bounded}),
        ("br", "brotlicffi", {"Decompressor": Bounded}),
        ("zstd", "compression.zstd", {"ZstdDecompressor": Bounded}),
        ("zstd", "backports.zstd", {"ZstdDecompressor": Bounded}),
    ],
)
def test_a_library_that_knows_a_limit_is_given_one(installed, encoding, name, content):
    installed(name, **content)
    prefix = Prefix(encoding)
    assert prefix.add(b"x")
    assert prefix.decoded == b"x" * 1_000
    assert not prefix.add(b"y" * 100)
    assert len(prefix.decoded) == LIMIT


@pytest.mark.parametrize("name", ["brotli", "zstandard"])
def test_a_library_that_knows_none_is_fed_little_by_little(installed, name):
    decoder = Unbounded()
    inner = SimpleNamespace(decompressobj=lambda: SimpleNamespace(decompress=decoder.process))
    installed(name, Decompressor=lambda: decoder, ZstdDecompressor=lambda: inner)
    prefix = Prefix("br" if name == "brotli" else "zstd")
    assert prefix.add(b"ab")
    assert prefix.decoded == b"ab" * 1_000
    assert not prefix.add(b"z" * 10_000)
    assert len(prefix.decoded) == LIMIT
    assert sum(decoder.taken) < 200


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("br", "brotli"),
        ("br", "brotlicffi"),
        ("zstd", "compression.zstd"),
        ("zstd", "backports.zstd"),
        ("zstd", "zstandard"),
    ],
)
def test_the_real_libraries_decode(monkeypatch, encoding, name):
    library = pytest.importorskip(name)
    others = {"brotli", "brotlicffi", "compression.zstd", "backports.zstd", "zstandard"} - {name}
    for other in others:
        monkeypatch.setitem(sys.modules, other, None)
    for data in (TEXT, BOMB[:5_000_000]):
        prefix = fed(encoding, library.compress(data), 7)
        assert prefix.decoded == data[:LIMIT]
