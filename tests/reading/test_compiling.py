"""The one file that is read in the place of all the TOML, and the command that makes it."""

import json
import runpy
from decimal import Decimal
from pathlib import Path

import pytest

from payreq.reading import compiled, compiling
from payreq.reading.profiles import Profile

MAKE = "python -m payreq.reading.compiling"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Stand for the folder of what is compiled."""
    (tmp_path / "providers").mkdir()
    return tmp_path


def test_what_is_compiled_is_what_was_written():
    assert compiled.COMPILED.read_text("utf-8") == compiling.compiled(), f"run {MAKE}"


def test_each_file_has_a_line_of_its_own():
    files = list(compiling.READING.rglob("*.toml"))
    assert len(compiled.COMPILED.read_text("utf-8").splitlines()) == len(files) + len("{}")


def test_dates_numbers_and_other_scripts_come_through(folder):
    (folder / "providers" / "acme.toml").write_text(
        """
        name = "acme"
        title = "\u00c4cme \u6cd5"
        hosts = ["a.com"]
        [[sources]]
        url = "https://a.com/"
        read = 2026-11-24
        [[rules]]
        when = [{ at = "/left", below = 0.1 }]
        means = "quota_exceeded"
        """,
        "utf-8",
    )
    said = json.loads(compiling.compiled(folder))["providers/acme"]
    profile = Profile.model_validate(said)
    assert profile.title == "\u00c4cme \u6cd5"
    assert profile.sources[0].read.isoformat() == "2026-11-24"
    assert profile.rules[0].when[0].below == Decimal("0.1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "other"\ntitle = "A"\nhosts = ["a.com"]', "name: must be the file's, 'acme'"),
        ("name = ", "is no TOML: "),
        ('name = "acme"\ntitle = "A"\nhosts = ["a.com"]\nfoo = 1', "foo: Extra inputs"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_is_written(folder, capsys, text, told):
    (folder / "providers" / "acme.toml").write_text(text)
    assert compiling.main(folder) == 1
    said = capsys.readouterr().err
    assert said.startswith("providers/acme.toml: ")
    assert told in said
    assert not (folder / compiled.COMPILED.name).exists()


def test_what_is_right_is_written(folder):
    (folder / "codes.toml").write_text('[certain]\nquota_exceeded = ["quota_spent"]')
    assert compiling.main(folder) == 0
    written = json.loads((folder / compiled.COMPILED.name).read_text("utf-8"))
    assert written == {"codes": {"certain": {"quota_exceeded": ["quota_spent"]}}}


def test_the_command_makes_the_file_that_is_there():
    before = compiled.COMPILED.read_bytes()
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(compiling.__file__, run_name="__main__")
    assert compiled.COMPILED.read_bytes() == before
