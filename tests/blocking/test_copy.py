"""What the answers of a place change in a copy, one answer at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sharers import CHAT, DETAILS, EXPORT

from payreq.blocking import block as rules
from payreq.blocking.backend import Entry, Pull, Pulled, Verdict, Written
from payreq.blocking.coding import digest, encode
from payreq.blocking.copy import Copy

NOW = 1_700_000_000.0
BLOCK = rules.begin(EXPORT, DETAILS, NOW)
CHAT_BLOCK = rules.begin(CHAT, DETAILS, NOW)
ASKED = rules.ask(BLOCK, NOW)
CLEARED = rules.clear(BLOCK, NOW)
RESTORED = rules.restore(rules.lift(BLOCK, NOW), NOW)


@pytest.fixture
def copy():
    return Copy(10)


def entry(state, generation, turned=1, text=None):
    """A state as the place holds it."""
    live = state.phase == "blocked"
    text = encode(state, 0) if text is None else text
    return Entry(digest(state.key), generation, turned, live, state.expires, text)


def learn(copy, *entries, place="here", now=NOW, ahead=0.0, cursor=100, horizon=0, more=False):
    pulled = Pulled(place, now + ahead, cursor, horizon, entries, more)
    return copy._learn(copy._pull(), pulled, now)


def owe(copy, state, key=EXPORT):
    held = copy.get(key)
    return copy._swap_alone(key, held.generation if held else 0, state, NOW)


def settle(copy, *verdicts, place="here"):
    return copy._settle(copy._debts(NOW), Written(place, NOW, verdicts), NOW)


def asks(copy, key=EXPORT):
    """What is written next: the numbers that were read."""
    asked = copy._entry(copy.get(key), turns=False)
    return asked.generation, asked.turned


def test_it_begins_by_asking_for_all_there_is(copy):
    assert copy._pull() == Pull("", 0)
    learn(copy, cursor=7)
    assert copy._pull() == Pull("here", 7)


def test_a_page_is_the_last_where_it_leads_nowhere(copy):
    assert learn(copy, cursor=5, more=True)
    assert not learn(copy, cursor=5, more=True)
    assert not learn(copy, cursor=6)
    assert learn(copy, cursor=1, more=True, place="anew")


def test_a_clock_of_the_place_counts_from_a_quarter_of_a_second(copy):
    learn(copy, entry(BLOCK, 1), ahead=0.25)
    for ahead, noted in ((0.25, 0), (-0.25, 0), (1, 1), (1.2, 1), (-100, -100), (-99.8, -100)):
        learn(copy, ahead=ahead)
        asked = copy._entry(copy.get(EXPORT), turns=False)
        assert asked.expires - BLOCK.expires == noted


def test_a_change_of_the_same_turn_keeps_its_number_and_another_turn_gets_one(copy):
    learn(copy, entry(BLOCK, 5, turned=5))
    begun = copy.get(EXPORT)
    learn(copy, entry(ASKED, 6, turned=5))
    asked = copy.get(EXPORT)
    assert (asked.turned, asked.asked) == (begun.turned, NOW)
    assert asks(copy) == (6, 5)
    learn(copy, entry(BLOCK, 9, turned=9))
    anew = copy.get(EXPORT)
    assert anew.turned == anew.generation > asked.generation
    assert asks(copy) == (9, 9)
    assert copy._entry(anew, turns=True).turned == 0


def test_what_is_known_already_is_not_learned_again(copy):
    learn(copy, entry(BLOCK, 5))
    generation = copy.generation
    learn(copy, entry(CLEARED, 5), entry(CLEARED, 4))
    assert copy.generation == generation


def test_what_expires_now_is_not_learned_and_what_is_held_is_let_go_of(copy):
    learn(copy, entry(CLEARED, 5), now=CLEARED.expires)
    assert copy.get(EXPORT) is None
    learn(copy, entry(CLEARED, 5))
    learn(copy, now=CLEARED.expires)
    assert copy.get(EXPORT) is None
    assert not copy._known


def test_a_block_that_others_began_anew_is_learned_over_what_is_over(copy):
    learn(copy, entry(CLEARED, 5))
    learn(copy, entry(BLOCK, 6, turned=6))
    assert copy.get(EXPORT).phase == "blocked"
    assert not copy._owed


def test_what_was_forgotten_after_the_last_look_makes_older_answers_late(copy):
    learn(copy, entry(BLOCK, 1), cursor=50)
    learn(copy, horizon=50, cursor=60)
    assert copy.horizon == 0
    learn(copy, horizon=61)
    assert copy.horizon == copy.generation


def test_what_is_owed_turns_only_if_it_turned_here(copy):
    owe(copy, BLOCK)
    assert copy._owed == {EXPORT: "turn"}
    owe(copy, rules.ask(copy.get(EXPORT), NOW))
    assert copy._owed == {EXPORT: "turn"}
    learn(copy, entry(CHAT_BLOCK, 5))
    owe(copy, rules.ask(copy.get(CHAT), NOW), CHAT)
    assert copy._owed == {EXPORT: "turn", CHAT: "change"}
    owe(copy, rules.clear(copy.get(CHAT), NOW), CHAT)
    assert copy._owed == {EXPORT: "turn", CHAT: "turn"}
    (_, export), (_, chat) = copy._debts(NOW)
    assert (export.generation, export.turned) == (0, 0)
    assert (chat.generation, chat.turned) == (5, 0)


def test_what_is_owed_is_handed_on_as_it_is(copy):
    learn(copy, entry(BLOCK, 5, turned=4))
    state = owe(copy, rules.extend(copy.get(EXPORT), DETAILS, NOW))
    assert copy._debts(NOW) == [(state, copy._entry(state, turns=False))]
    assert state.asked is None
    assert asks(copy) == (5, 4)


def test_a_change_that_came_second_is_not_owed(copy):
    owe(copy, BLOCK)
    copy._owed.clear()
    assert copy._swap_alone(EXPORT, 0, BLOCK, NOW) is None
    assert not copy._owed


def test_of_what_is_owed_only_what_is_over_is_kept_for_longer(copy):
    short = replace(BLOCK, expires=NOW + 100)
    assert owe(copy, short).expires == NOW + 100
    longest = NOW + rules.IDLE + rules.AWAITED
    assert owe(copy, rules.clear(copy.get(EXPORT), NOW)).expires == longest


def test_what_was_let_go_of_elsewhere_is_owed_no_more(copy):
    learn(copy, entry(BLOCK, 5))
    owe(copy, rules.ask(copy.get(EXPORT), NOW))
    learn(copy, entry(CLEARED, 6, turned=6))
    assert copy.get(EXPORT).phase == "cleared"
    assert not copy._owed


def test_what_others_must_hear_of_their_block_stays_owed(copy):
    learn(copy, entry(BLOCK, 5))
    owe(copy, rules.fix(copy.get(EXPORT), NOW))
    learn(copy, entry(replace(BLOCK, next_check=NOW + 90), 6))
    assert copy._owed == {EXPORT: "change"}
    assert copy.get(EXPORT).next_check == NOW
    owe(copy, rules.clear(copy.get(EXPORT), NOW))
    learn(copy, entry(replace(BLOCK, next_check=NOW + 95), 7))
    assert copy._owed == {EXPORT: "turn"}
    assert copy.get(EXPORT).phase == "cleared"


def test_in_another_place_nothing_is_known_and_all_that_is_held_is_owed(copy):
    learn(copy, entry(BLOCK, 50, turned=50), entry(CHAT_BLOCK, 51))
    owe(copy, rules.clear(copy.get(CHAT), NOW), CHAT)
    learn(copy, place="another")
    assert copy._owed == {EXPORT: "loss", CHAT: "turn"}
    (asked, export), (_, chat) = sorted(copy._debts(NOW), key=lambda debt: debt[0].phase)
    assert (export.generation, export.turned, chat.generation) == (0, 0, 0)
    assert asked.asked == NOW
    assert copy._owed == {EXPORT: "change", CHAT: "turn"}


def test_a_block_that_was_lost_is_taken_over_from_who_handed_it_on(copy):
    learn(copy, entry(BLOCK, 50))
    turned = copy.get(EXPORT).turned
    later = replace(BLOCK, next_check=NOW + 900)
    learn(copy, entry(later, 5, turned=5), place="another")
    held = copy.get(EXPORT)
    assert (held.turned, held.next_check) == (turned, NOW + 900)
    assert not copy._owed


def test_a_block_that_was_lost_and_let_go_of_by_another_is_let_go_of(copy):
    learn(copy, entry(BLOCK, 50))
    learn(copy, entry(CLEARED, 5, turned=5), place="another")
    assert copy.get(EXPORT).phase == "cleared"
    assert not copy._owed


def test_what_is_over_and_was_lost_is_told_once(copy):
    learn(copy, entry(RESTORED, 50))
    generation = copy.generation
    learn(copy, entry(RESTORED, 5, turned=5), place="another")
    assert copy.generation == generation
    assert not copy._owed


def test_what_cannot_be_read_is_nothing_that_another_place_lacks(copy):
    broken = entry(BLOCK, 5, turned=3, text="junk")
    owe(copy, BLOCK)
    assert settle(copy, Verdict("conflict", broken))
    assert asks(copy) == (5, 3)
    copy._forget(copy.get(EXPORT))
    copy._yield_to(EXPORT, broken, NOW)
    learn(copy, place="another")
    assert copy._debts(NOW) == []


def test_what_can_be_read_again_is_learned(copy):
    learn(copy)
    copy._yield_to(EXPORT, entry(BLOCK, 5, turned=3, text="junk"), NOW)
    learn(copy, entry(BLOCK, 6, turned=3))
    assert copy.get(EXPORT).phase == "blocked"


def test_what_is_owed_is_handed_on_a_page_at_a_time(copy, monkeypatch):
    monkeypatch.setattr("payreq.blocking.copy.PAGE", 2)
    for number in range(3):
        key = EXPORT._replace(account=f"a{number}")
        owe(copy, replace(BLOCK, key=key), key)
    assert [state.key.account for state, _ in copy._debts(NOW)] == ["a0", "a1"]


def test_what_was_handed_on_is_known_and_owed_no_more(copy):
    state = owe(copy, BLOCK)
    assert settle(copy, Verdict("written", entry(state, 8, turned=7)))
    assert not copy._owed
    assert asks(copy) == (8, 7)
    assert copy._pull().id == "here"


def test_there_is_no_room_for_what_is_not_owed_any_more(copy):
    batch = [(owe(copy, BLOCK), entry(BLOCK, 0))]
    copy._owed.clear()
    for verdict in (Verdict("full"), Verdict("written", entry(BLOCK, 8))):
        assert copy._settle(batch, Written("here", NOW, [verdict]), NOW)
    assert copy.get(EXPORT) is not None


def test_a_place_that_answers_less_than_it_was_asked_is_not_believed(copy):
    owe(copy, BLOCK)
    owe(copy, CHAT_BLOCK, CHAT)
    with pytest.raises(ValueError, match="shorter"):
        settle(copy, Verdict("full"))


def test_an_answer_of_a_place_that_is_another_by_now_does_not_bring_it_back(copy):
    state = owe(copy, BLOCK)
    learn(copy, place="another")
    settle(copy, Verdict("written", entry(state, 8)), place="here")
    assert copy._pull().id == "another"
    copy._swapped(state, entry(state, 0), Written("here", NOW, [Verdict("conflict")]), NOW)
    assert copy._pull().id == "another"


def swapped(copy, state, verdict):
    return copy._swapped(state, entry(state, 0), Written("here", NOW, [verdict]), NOW)


def test_a_write_is_known_by_the_numbers_of_the_place(copy):
    written = swapped(copy, BLOCK, Verdict("written", entry(BLOCK, 8, turned=7)))
    assert copy.get(EXPORT) == written
    assert asks(copy) == (8, 7)


def test_a_write_that_was_learned_of_first_is_not_made_again(copy):
    learn(copy, entry(CHAT_BLOCK, 7), entry(BLOCK, 8))
    generation = copy.generation
    written = swapped(copy, BLOCK, Verdict("written", entry(BLOCK, 8)))
    assert copy.generation == generation
    assert written.generation == generation - 1


def test_what_another_wrote_first_is_taken_over_in_its_turn(copy):
    learn(copy, entry(BLOCK, 5, turned=5))
    turned = copy.get(EXPORT).turned
    assert swapped(copy, CLEARED, Verdict("conflict", entry(ASKED, 6, turned=5))) is None
    assert (copy.get(EXPORT).asked, copy.get(EXPORT).turned) == (NOW, turned)
    generation = copy.generation
    assert swapped(copy, CLEARED, Verdict("conflict", entry(ASKED, 6, turned=5))) is None
    assert copy.generation == generation


def test_of_what_the_place_does_not_hold_nothing_is_kept_but_what_is_owed(copy):
    assert swapped(copy, BLOCK, Verdict("conflict")) is None
    learn(copy, entry(BLOCK, 5))
    owe(copy, rules.ask(copy.get(EXPORT), NOW))
    assert swapped(copy, BLOCK, Verdict("conflict")) is None
    assert asks(copy) == (0, 0)
    copy._owed.clear()
    assert swapped(copy, BLOCK, Verdict("conflict")) is None
    assert copy.get(EXPORT) is None


def test_what_is_forgotten_is_neither_known_nor_owed(copy):
    learn(copy, entry(BLOCK, 5))
    owe(copy, rules.ask(copy.get(EXPORT), NOW))
    copy._sweep(BLOCK.expires)
    assert (copy._known, copy._owed, copy._debts(NOW)) == ({}, {}, [])


def test_what_is_over_is_remembered_up_to_a_bound_and_beyond_it_what_is_owed(copy, monkeypatch):
    monkeypatch.setattr("payreq.blocking.copy.REMEMBERED_AT_MOST", 2)
    keys = [EXPORT._replace(account=f"a{number}") for number in range(5)]
    for number, key in enumerate(keys):
        learn(copy, entry(replace(CLEARED, key=key), number + 1))
    copy._sweep(NOW)
    assert [key for key in keys if copy.get(key)] == keys[-1:]
    owe(copy, replace(CLEARED, key=CHAT), CHAT)
    copy._sweep(NOW)
    assert [key for key in keys if copy.get(key)] == keys[-1:]
