"""Every catalogue holds every sentence of the source, whole, and nothing else.

When this fails after a sentence was changed, payreq/telling/locales/README.md says what to do.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from payreq.telling.languages import FOLDER, LANGUAGES, catalogue

TRANSLATED = [language for language in LANGUAGES if language != "en"]
SOURCE = FOLDER.parent
PLACEHOLDER = re.compile(r"\{(\w*)\}")

REQUESTS = {
    "ar": "يرجى|الرجاء|رجاءً|من فضلك|عذرًا|آسف",
    "de": r"\bbitte\b|entschuldig|leider",
    "en": r"\bplease\b|\bsorry\b|\boops\b|unfortunately",
    "es": r"por favor|lo sentimos|disculp",
    "fr": r"s.il (vous|te) pla[iî]t|veuillez|merci de|désolé|malheureusement",
    "it": r"per favore|per cortesia|si prega|spiacent|purtroppo",
    "ja": "ください|下さい|申し訳|恐れ入り",
    "pt-BR": r"por favor|desculp|infelizmente|lamentamos",
    "zh-Hans": "请(?!求)|抱歉|对不起",
}
"""How a language says please and sorry, which no message does."""


def extracted():
    """Return the sentences of the source; of one with a plural, both forms."""
    found = extract_from_dir(
        SOURCE, method_map=[("**.py", "python")], keywords={"N_": None, "NN_": (1, 2)}
    )
    return {message for _, _, message, _, _ in found}


def read(language):
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def forms(strings):
    return strings if isinstance(strings, (tuple, list)) else (strings,)


def said(translated):
    """Return what a catalogue says, without its head, which tells who wrote it and when."""
    return {tuple(forms(each.id)): tuple(forms(each.string)) for each in translated if each.id}


def faults(translated, sentences):
    """Yield what is wrong with a catalogue."""
    entries = {entry.id: entry for entry in translated if entry.id}
    yield from (f"missing: {each}" for each in sentences - entries.keys())
    yield from (f"unused: {each}" for each in entries.keys() - sentences)
    yield from (f"obsolete: {each}" for each in translated.obsolete)
    for entry in entries.values():
        if entry.fuzzy:
            yield f"fuzzy: {entry.id}"
        told = forms(entry.string)
        if not all(told) or len(told) != (translated.num_plurals if entry.pluralizable else 1):
            yield f"not translated: {entry.id}"
        wanted = set(PLACEHOLDER.findall(forms(entry.id)[0]))
        yield from (
            f"placeholders of {each!r}, where {entry.id} has {wanted}"
            for each in told
            if set(PLACEHOLDER.findall(each)) != wanted
        )


def test_the_source_says_each_thing():
    assert len(extracted()) > 150


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_is_complete_and_holds_nothing_else(language):
    assert list(faults(read(language), extracted())) == []


def test_each_language_has_a_catalogue_and_each_catalogue_a_language():
    for suffix in (".po", ".mo"):
        assert sorted(path.stem for path in Path(FOLDER).glob(f"*{suffix}")) == sorted(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_was_written(language):
    written = BytesIO()
    write_mo(written, read(language))
    written.seek(0)
    with (FOLDER / f"{language}.mo").open("rb") as file:
        compiled = read_mo(file)
    assert said(compiled) == said(read_mo(written))
    assert compiled.plural_expr == read(language).plural_expr


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "{a} ends", "string": ""}, "not translated: {a} ends"),
        ({"id": "{a} ends", "string": "endet"}, "placeholders of 'endet'"),
        ({"id": "{a} ends", "string": "{b} endet"}, "placeholders of '{b} endet'"),
        ({"id": "{a} ends", "string": "{a} endet", "flags": ["fuzzy"]}, "fuzzy: {a} ends"),
        ({"id": "{a} stops", "string": "{a} endet"}, "unused: {a} stops"),
        ({"id": "{a} stops", "string": "{a} endet"}, "missing: {a} ends"),
        ({"id": ("{a} ends", "{a} end"), "string": ("{a} endet",)}, "not translated: ('{a} ends'"),
        ({"id": ("{a} ends", "{a} end"), "string": ("{a}", "")}, "placeholders of ''"),
    ],
)
def test_a_catalogue_that_is_not_whole_is_found_out(change, fault):
    translated = Catalog(locale="de")
    translated.add(**change)
    sentences = {"{a} ends"} if isinstance(change["id"], str) else {change["id"]}
    assert any(each.startswith(fault) for each in faults(translated, sentences))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_is_punctuated_like_its_source_and_set_as_the_language_wants(language):
    for entry in read(language):
        if not entry.id:
            continue
        for told in forms(entry.string):
            assert told == told.strip()
            assert "  " not in told
            assert told.endswith((".", "。")) == forms(entry.id)[0].endswith("."), told
            assert not re.search("['\"]", told), told
            if language == "fr":
                assert not re.search("[^\u00a0][:»]|«[^\u00a0]|[^\u202f][;!?]", told), told
            if language in {"ja", "zh-Hans"}:
                assert not re.search("[,.;:()!?]", PLACEHOLDER.sub("", told)), told


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_begs_or_excuses_itself(language):
    said = catalogue(language)
    for sentence in extracted():
        for told in map(said.gettext, forms(sentence)):
            assert not re.search(REQUESTS[language], told, re.IGNORECASE), told
