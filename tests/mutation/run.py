"""Mutation testing: every change of a module must fail a test, or have its reason not to.

    python tests/mutation/run.py                            every module
    python tests/mutation/run.py payreq/blocking/block.py   some modules
    python tests/mutation/run.py payreq/blocking/block.py --function agree

The file beside this one that is named after the module (`blocking/block.toml`) says which tests
concern it, the quickest first, and which mutants are equivalent, each with the reason. Everything
happens in a copy of the checkout; what takes too long has failed. The exit status is 1 where a
mutant survives without a reason, or a reason is given for one that does not survive.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

# Loaded once: a mutant's tests run in a fork of this process.
import anyio
import httpx
import httpx2
import hypothesis.stateful
import pydantic
import pytest
import tenacity
import trio
from mutants import Mutant, mutants_of

LOADED = (anyio, httpx, httpx2, hypothesis.stateful, pydantic, tenacity, trio)
ROOT = Path(__file__).parents[2]
HERE = "tests/mutation"
COPIED = ("payreq", "tests", "examples", "README.md", "pyproject.toml")
UNDERNEATH = ("payreq.credentials", "payreq.details", "payreq.features", "payreq.forking")
"""What is loaded once, too: modules of the lowest floors, which have no mutants."""
PLAIN = "--assert=plain"
"""Nobody reads why a test fails, and what is loaded cannot be rewritten."""
PATIENCE = 5.0
"""Seconds that a mutant may take longer than three times what the tests take without it."""


class FewExamples:
    """A plugin: the same few examples for every mutant, where a test does not ask for more."""

    @staticmethod
    def pytest_collection() -> None:
        settings = hypothesis.settings
        few = settings(settings.default, derandomize=True, database=None, max_examples=25)
        settings.register_profile("mutation", few)
        settings.load_profile("mutation")


def main() -> int:
    """Judge the mutants of the modules that are named, and say which survive."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", help="such as payreq/blocking/block.py; else all")
    parser.add_argument("--function", help="only those in this function, such as Ledger.admit")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at a time")
    options = parser.parse_args()
    modules = options.modules or sorted(
        f"payreq/{path.relative_to(ROOT / HERE).with_suffix('.py')}"
        for path in (ROOT / HERE).rglob("*.toml")
    )
    with tempfile.TemporaryDirectory(prefix="payreq-mutation-") as room:
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(options.jobs, fork, _move_into_a_copy, (room,)) as pool:
            wrong = [_report(module, options.function, pool) for module in modules]
    return int(any(wrong))


def _report(module: str, function: str | None, pool: ProcessPoolExecutor) -> bool:
    """Judge the mutants of one module; say whether anything is wrong."""
    began = time.monotonic()
    source = (ROOT / module).read_text()
    about = tomllib.loads(_toml_of(module).read_text())
    stages = [about["tests"], *([about["slow"]] if "slow" in about else [])]
    limits = pool.submit(_measure, stages).result()
    mutants = [one for one in mutants_of(source) if function in {None, one.function}]
    judge = partial(_survives, module, source, list(zip(stages, limits, strict=True)))
    explained, alive = _explained(about), set()
    survivors = missing = 0
    for mutant, survived in zip(mutants, pool.map(judge, mutants), strict=True):
        if survived:
            survivors += 1
            alive.add(mutant.change)
            if mutant.change not in explained:
                missing += 1
                _print(
                    f"{module}:{mutant.number} in {mutant.function or 'the module'}", mutant.change
                )
    idle = [one for one in explained - alive if function in {None, one[0]}]
    for one in idle:
        _print(f"{_toml_of(module)}: no such mutant survives in {one[0] or 'the module'}", one)
    print(
        f"{module}: {len(mutants)} mutants, {len(mutants) - survivors} killed, "
        f"{survivors - missing} equivalent, {missing} survive without a reason; "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    return bool(missing or idle)


def _print(where: str, change: tuple[str, str, str]) -> None:
    _, line, becomes = change
    print(f"\n{where}\n  - {line}\n  + {becomes}", flush=True)


def _explained(about: dict[str, Any]) -> set[tuple[str, str, str]]:
    explained = set()
    for one in about.get("equivalent", []):
        assert one["why"], one
        becomes = one["becomes"]
        for text in [becomes] if isinstance(becomes, str) else becomes:
            explained.add((one["in"], one["line"], text))
    return explained


def _toml_of(module: str) -> Path:
    return (ROOT / HERE / Path(module).relative_to("payreq")).with_suffix(".toml")


def _move_into_a_copy(room: str) -> None:
    """Give this process a checkout of its own, which its tests and what they start import."""
    copy = Path(tempfile.mkdtemp(dir=room))
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy(source, copy)
    os.chdir(copy)
    sys.path.insert(0, str(copy))
    os.environ["PYTHONPATH"] = str(copy)
    _warm_up()


def _warm_up() -> None:
    """Load what each mutant's tests would, but for what is mutated; forks find it there."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        pytest.main(["--help", PLAIN])
    for name in UNDERNEATH:
        import_module(name)
    gc.collect()
    gc.freeze()


def _measure(stages: list[list[str]]) -> list[float]:
    """Return how long each stage of the tests may take, in seconds; without a mutant they pass."""
    limits = []
    for tests in stages:
        began = time.monotonic()
        assert _pass(tests, 600), f"the tests fail without a mutant: {tests}"
        limits.append(3 * (time.monotonic() - began) + PATIENCE)
    return limits


def _survives(
    module: str, source: str, stages: list[tuple[list[str], float]], mutant: Mutant
) -> bool:
    path = Path(module)
    try:
        _write(path, mutant.code)
        return all(_pass(tests, limit) for tests, limit in stages)
    finally:
        _write(path, source)


def _write(path: Path, code: str) -> None:
    path.write_text(code)
    # Two mutants of one second and one size would be taken for the same.
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _pass(tests: list[str], limit: float) -> bool:
    """Run tests in a fork, and say whether they pass in time; nothing that they start stays."""
    child = os.fork()
    if child == 0:
        os.setsid()
        _run(tests)
    until = time.monotonic() + limit
    status = None
    while status is None and time.monotonic() < until:
        ended, found = os.waitpid(child, os.WNOHANG)
        status = found if ended else None
        time.sleep(0 if ended else 0.02)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    return status == 0


def _run(tests: list[str]) -> None:
    status = 1
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        quick = ["-x", "-q", PLAIN, "--no-header", "-p", "no:cacheprovider"]
        status = pytest.main([*quick, *tests], plugins=[FewExamples()])
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
