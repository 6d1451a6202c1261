"""Make `compiled.json` out of the TOML files of this package: `python -m payreq.reading.compiling`.

Run it after each change of a `.toml`. Exit status: 1 where a file is wrong, which is then named.
"""

from __future__ import annotations

import json
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payreq.reading.compiled import COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterator

READING = Path(__file__).parent


def compiled(folder: Path = READING) -> str:
    """Return what `compiled.json` has to hold, a line for each file.

    Args:
        folder: Where the files stand.

    Raises:
        ValueError: A file is no TOML, or a wrong profile; the text names it, and the key.
    """
    lines = (f"{json.dumps(name)}: {_line(said)}" for name, said in _files(folder))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(folder: Path = READING) -> int:
    """Write what a folder's files say into it, and return the exit status."""
    try:
        text = compiled(folder)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    (folder / COMPILED.name).write_text(text, "utf-8")
    return 0


def _files(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    from payreq.reading.providers import checked  # noqa: PLC0415  # reads what is made here

    for path in sorted(folder.rglob("*.toml"), key=lambda path: path.with_suffix("")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        try:
            said = tomllib.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise ValueError(f"{name}.toml: is no TOML: {error}") from error
        if path.parent.name == "providers":
            checked(said, path.stem)
        yield name, said


def _line(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), default=date.isoformat)


if __name__ == "__main__":
    sys.exit(main())
