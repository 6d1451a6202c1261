"""The two questions that a shared store asks, and how each of its places answers them."""

from __future__ import annotations

import time

import pytest

from payreq.blocking.backend import Entry, Pull, Pulled, Verdict, Write
from payreq.blocking.redis import RedisStore
from payreq.blocking.sqlite import SQLiteStore

HOUR = 3_600


@pytest.fixture(params=["sqlite", "redis"])
def place(request, tmp_path):
    """A place where nothing was written yet."""
    if request.param == "sqlite":
        store = SQLiteStore(tmp_path / "blocks.db")
    else:
        pytest.importorskip("redis")
        url = request.getfixturevalue("redis").url
        store = RedisStore(url, namespace=str(tmp_path))
    yield store._backend
    store.close()


@pytest.fixture
def few(monkeypatch):
    """Three entries are a page, and two are forgotten at once."""
    for module in ("sqlite_tables", "redis_scripts"):
        monkeypatch.setattr(f"payreq.blocking.{module}.PAGE", 3)
        monkeypatch.setattr(f"payreq.blocking.{module}.SWEPT_AT_ONCE", 2)


def block(name, read=0, *, expires_in=HOUR, turned=0, text="what stands there"):
    return Entry(name, read, turned, True, time.time() + expires_in, f"{name}: {text}")


def over(name, read=0, **facts):
    return block(name, read, **facts)._replace(live=False)


def write(place, *entries, limit=10):
    """Write to a place as whoever knows it does; return the verdicts."""
    return place.ask(Write(place.ask(Pull("", 0)).id, entries, limit)).verdicts


def kinds(verdicts):
    return [verdict.kind for verdict in verdicts]


def number(verdict):
    return verdict.held.generation


def names(pulled):
    return [entry.digest for entry in pulled.entries]


def held(place):
    return names(place.ask(Pull("", 0)))


def without_expiry(entry):
    return entry._replace(expires=0.0)  # which not every place gives back


def test_a_place_that_holds_nothing_has_no_id(place):
    before = time.time()
    answer = place.ask(Pull("", 0))
    assert answer == Pulled("", answer.now, 0, 0, [], more=False)
    assert before - 0.01 < answer.now < time.time() + 0.01


def test_the_first_write_begins_a_place_and_numbers_what_it_writes(place):
    before = time.time()
    entries = [block("a"), over("b"), block("c", turned=5)]
    answer = place.ask(Write("", entries, 10))
    assert answer.id != ""
    assert before - 0.01 < answer.now < time.time() + 0.01
    assert kinds(answer.verdicts) == ["written"] * 3
    first = number(answer.verdicts[0])
    assert first == pytest.approx(answer.now * 1e6, abs=1)
    for verdict, entry, after, turned in zip(
        answer.verdicts, entries, range(3), (first, first + 1, 5), strict=True
    ):
        stands = entry._replace(generation=first + after, turned=turned)
        assert without_expiry(verdict.held) == without_expiry(stands)
    pulled = place.ask(Pull(answer.id, 0))
    assert (pulled.id, pulled.cursor, pulled.more) == (answer.id, first + 2, False)
    assert [without_expiry(entry) for entry in pulled.entries] == [
        without_expiry(verdict.held) for verdict in answer.verdicts
    ]
    assert place.ask(Write(answer.id, [block("d")], 10)).id == answer.id


def test_only_what_was_written_later_is_told_and_all_to_who_knows_another_place(place):
    a, b = write(place, block("a"), block("b"))
    known = place.ask(Pull("", 0))
    assert names(place.ask(Pull(known.id, number(a)))) == ["b"]
    assert names(place.ask(Pull(known.id, number(b)))) == []
    assert names(place.ask(Pull("another", number(b)))) == ["a", "b"]
    write(place, block("a", number(a)))
    later = place.ask(Pull(known.id, known.cursor))
    assert names(later) == ["a"]
    assert names(place.ask(Pull("", 0))) == ["b", "a"]


def test_what_was_written_is_told_a_page_at_a_time(place, few):
    verdicts = write(place, *(block(name) for name in "abcdefg"))
    known, cursor, pages = place.ask(Pull("", 0)).id, 0, []
    for _ in range(3):
        answer = place.ask(Pull(known, cursor))
        cursor = answer.cursor
        pages.append(("".join(names(answer)), cursor, answer.more))
    third, sixth, last = (number(verdicts[at]) for at in (2, 5, 6))
    assert pages == [("abc", third, True), ("def", sixth, True), ("g", last, False)]
    rest = place.ask(Pull(known, number(verdicts[3])))
    assert (names(rest), rest.more) == (["e", "f", "g"], False)


def test_to_who_knows_another_place_nothing_is_written(place):
    (a,) = write(place, block("a"))
    known = place.ask(Pull("", 0)).id
    for other in ("", "another"):
        answer = place.ask(Write(other, [block("b"), block("a", number(a))], 10))
        assert (answer.id, list(answer.verdicts)) == (known, [])
        assert answer.now == pytest.approx(time.time(), abs=5)
    assert place.ask(Pull(known, 0)).cursor == number(a)


def test_what_was_written_meanwhile_stays_and_is_told(place):
    (a,) = write(place, over("a"))
    verdicts = write(place, block("a"), block("a", number(a) - 1), block("b", 5), block("c"))
    assert kinds(verdicts) == ["conflict", "conflict", "conflict", "written"]
    for verdict in verdicts[:2]:
        assert without_expiry(verdict.held) == without_expiry(a.held)
    assert verdicts[2] == Verdict("conflict", None)
    assert held(place) == ["a", "c"]


def test_there_is_room_for_so_many_live_blocks_and_for_no_more(place):
    a, b, c = write(place, block("a"), block("b"), block("c"), limit=2)
    assert kinds([a, b, c]) == ["written", "written", "full"]
    assert c.held is None
    again, c = write(place, block("a", number(a)), block("c"), limit=2)
    assert kinds([again, c]) == ["written", "full"]
    verdicts = write(place, over("a", number(again)), block("c"), block("d"), limit=2)
    assert kinds(verdicts) == ["written", "written", "full"]
    (full,) = write(place, block("a", number(verdicts[0])), limit=2)
    assert full.kind == "full"
    verdicts = write(place, over("c", number(verdicts[1])), over("e"), block("d"), limit=2)
    assert kinds(verdicts) == ["written"] * 3
    assert kinds(write(place, block("f"), limit=2)) == ["full"]


def test_what_was_written_over_is_counted_once(place):
    a, b = write(place, block("a"), over("b"))
    for _ in range(5):
        (b,) = write(place, over("b", number(b)), limit=2)
    for _ in range(5):
        (a,) = write(place, block("a", number(a)), limit=2)
    assert kinds(write(place, block("c"), over("d"), limit=2)) == ["written", "written"]
    write(place, over("e"), limit=2)
    assert sorted(held(place)) == ["a", "b", "c", "d", "e"]


def test_what_expired_is_forgotten_with_the_next_write_and_leaves_room(place):
    gone = write(place, block("a", expires_in=-1), over("b", expires_in=-1), block("c"), limit=2)
    assert place.ask(Pull("", 0)).horizon == 0
    assert kinds(write(place, block("d"), block("e"), limit=2)) == ["written", "full"]
    answer = place.ask(Pull("", 0))
    assert names(answer) == ["c", "d"]
    assert answer.horizon == number(gone[1])
    assert write(place, block("a", number(gone[0]))) == [Verdict("conflict", None)]


def test_what_expired_and_what_is_too_much_is_forgotten_at_once(place):
    gone = write(place, over("b", expires_in=9), block("a", expires_in=-1), over("c"), over("d"))
    assert kinds(write(place, block("e"), limit=1)) == ["written"]
    assert held(place) == ["d", "e"]
    assert place.ask(Pull("", 0)).horizon == number(gone[2])
    write(place, over("f"), over("g"), block("h", expires_in=-1))
    write(place)
    write(place, limit=2)
    assert held(place) == ["e", "f", "g"]


def test_what_expired_is_forgotten_a_few_at_a_time(place, few):
    stays = block("stays")
    gone = write(place, *(block(name, expires_in=n - 9) for n, name in enumerate("abcde")), stays)
    horizons = []
    for _ in range(3):
        write(place)
        horizons.append(place.ask(Pull("", 0)).horizon)
    assert horizons == [number(gone[at]) for at in (1, 3, 4)]


def test_a_horizon_is_never_lowered(place):
    soon, past, stays = block("a", expires_in=0.2), block("b", expires_in=-1), block("stays")
    first, second, _ = write(place, soon, past, stays)
    write(place)
    assert place.ask(Pull("", 0)).horizon == number(second) > number(first)
    while held(place) != ["stays"]:
        time.sleep(0.02)
        write(place)
    assert place.ask(Pull("", 0)).horizon == number(second)


def test_of_what_is_over_and_too_much_that_goes_first_which_expires_first(place):
    write(place, block("live"), limit=2)
    verdicts = write(
        place,
        *(over(name, expires_in=ends) for name, ends in zip("abcd", (40, 20, 30, 10), strict=True)),
    )
    write(place, limit=4)
    assert held(place) == ["live", "a", "b", "c", "d"]
    write(place, limit=3)
    assert held(place) == ["live", "a", "b", "c"]
    assert place.ask(Pull("", 0)).horizon == number(verdicts[3])
    write(place, limit=1)
    assert held(place) == ["live", "a"]
    write(place, over("e"), limit=1)  # it is swept before it is written
    write(place, limit=2)
    assert held(place) == ["live", "a", "e"]


def test_of_what_is_over_and_too_much_a_few_go_at_a_time(place, few):
    write(place, *(over(name, expires_in=n + 9) for n, name in enumerate("abcde")))
    write(place, limit=1)
    assert held(place) == ["c", "d", "e"]
    write(place, limit=1)
    assert held(place) == ["e"]


def test_blocks_that_end_sooner_are_not_dropped_for_what_is_over(place):
    write(place, block("a", expires_in=5), over("b"), over("c"), over("d"), limit=5)
    for _ in range(3):
        write(place, limit=1)
    assert "a" in held(place)
