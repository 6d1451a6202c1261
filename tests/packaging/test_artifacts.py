"""The sdist and the wheel: the same bytes from the same source, whole, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

import payreq

ROOT = Path(__file__).parents[2]
INFO = f"payreq-{payreq.__version__}.dist-info/"

MEGABYTE = 1_000_000

_NOT_SHIPPED = (".ci/",)  # how this repository is checked, no business of who gets the sdist
_NOTICE = re.compile(rb"copyright|spdx-|licen[cs]ed under", re.IGNORECASE)


def digest(path):
    """Return the SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def wheel(artifacts):
    """The names of the files in the wheel."""
    with zipfile.ZipFile(artifacts[1]) as archive:
        return set(archive.namelist())


def test_the_same_source_gives_the_same_bytes_wherever_it_lies(
    artifacts, unpacked, build, tmp_path
):
    # Another folder, other times of files, and another umask than those of the checkout.
    old = os.umask(0o077)
    try:
        again = build(unpacked, tmp_path)
    finally:
        os.umask(old)
    assert [digest(path) for path in again] == [digest(path) for path in artifacts]


def test_an_index_takes_them_and_shows_their_readme(artifacts, run):
    told = run(sys.executable, "-m", "twine", "check", "--strict", *map(str, artifacts))
    assert told.count("PASSED") == 2


def test_nothing_in_the_wheel_lies_where_it_should_not(artifacts, run):
    assert run(sys.executable, "-m", "check_wheel_contents", str(artifacts[1])).endswith("OK\n")


def test_the_wheel_is_below_1_mb(artifacts):
    assert artifacts[1].stat().st_size < MEGABYTE


def test_the_wheel_holds_all_of_the_package_and_nothing_else(wheel):
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "payreq").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"payreq/py.typed", "payreq/testing/examples.jsonl"} < ours
    assert {name for name in wheel if not name.startswith(INFO)} == ours


def test_the_wheel_tells_its_licence_and_holds_no_work_of_others(artifacts):
    with zipfile.ZipFile(artifacts[1]) as archive:
        metadata = archive.read(f"{INFO}METADATA").decode()
        assert archive.read(f"{INFO}licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        theirs = [
            name
            for name in archive.namelist()
            if not name.startswith(INFO) and _NOTICE.search(archive.read(name))
        ]
    assert "\nLicense-Expression: MIT\n" in metadata
    assert theirs == []


def test_the_sdist_holds_all_that_is_kept_in_the_repository(artifacts):
    if not (ROOT / ".git").exists():
        pytest.skip("this is no repository: an sdist, unpacked")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    tracked = {
        name for name in listed if not name.startswith(_NOT_SHIPPED) and (ROOT / name).exists()
    }
    with tarfile.open(artifacts[0]) as archive:
        held = {Path(*Path(name).parts[1:]).as_posix() for name in archive.getnames()}
    assert tracked - held == set()
