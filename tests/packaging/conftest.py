"""The sdist and the wheel, built once, and what comes of them elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command, cwd=None, **environment):
    ran = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | environment,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="session")
def run():
    """Run a command to its end and return what it printed; one that fails fails the test."""
    return _run


@pytest.fixture(scope="session")
def build():
    """Build an sdist, and a wheel from the same source, and return their paths."""

    def building(source, folder):
        command = (sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel")
        _run(*command, "--outdir", str(folder), str(source), SOURCE_DATE_EPOCH="1700000000")
        (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
        return sdist, wheel

    return building


@pytest.fixture(scope="session")
def artifacts(build, tmp_path_factory):
    """The sdist and the wheel of this checkout."""
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def unpacked(artifacts, tmp_path_factory):
    """The folder of the sdist, unpacked; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(artifacts[0]) as archive:
        archive.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


@pytest.fixture(scope="session")
def installed(artifacts, tmp_path_factory):
    """A folder that holds the wheel, installed, and nothing else; for PYTHONPATH."""
    folder = tmp_path_factory.mktemp("site")
    _run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--target", str(folder), str(artifacts[1])),
    )
    return folder
