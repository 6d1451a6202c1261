from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.reading.www_authenticate import AuthChallenge, parse_challenges

TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=["C"]), max_size=30)


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_commas_part_challenges_and_parameters_alike():
    assert parse_challenges('Basic realm="shop", Payment id="a1", method=card, L402 token="t"') == [
        AuthChallenge("basic", {"realm": "shop"}),
        AuthChallenge("payment", {"id": "a1", "method": "card"}),
        AuthChallenge("l402", {"token": "t"}),
    ]


def test_what_stands_in_quotes_is_data():
    value = r'Payment description="Payment id=1, L402 invoice=\"x\" \\", id="z"'
    assert parse_challenges(value) == [
        AuthChallenge("payment", {"description": 'Payment id=1, L402 invoice="x" \\', "id": "z"})
    ]


def test_names_have_no_case_and_values_do():
    assert parse_challenges('pAyMeNt ID="Ab", Method=Card') == [
        AuthChallenge("payment", {"id": "Ab", "method": "Card"})
    ]


def test_empty_elements_and_bare_schemes_are_allowed():
    assert [each.scheme for each in parse_challenges(", ,Negotiate,,  NTLM , Payment id=x,,")] == [
        "negotiate",
        "ntlm",
        "payment",
    ]


@pytest.mark.parametrize("blob", ["dG9rZW4=", "abc=", "a-b._~+/c==", "plain"])
def test_a_token68_is_no_parameter(blob):
    assert parse_challenges(f"Negotiate {blob}, Payment id=x") == [
        AuthChallenge("negotiate", {}),
        AuthChallenge("payment", {"id": "x"}),
    ]


def test_spaces_around_the_equals_sign_tabs_and_line_breaks_are_allowed():
    assert parse_challenges('Payment id = "x"\t,\r\n method\t=\t"card"\n, L402 token=a') == [
        AuthChallenge("payment", {"id": "x", "method": "card"}),
        AuthChallenge("l402", {"token": "a"}),
    ]


def test_of_a_name_given_twice_the_first_counts_and_the_challenge_is_unsound():
    first, second = parse_challenges("Payment id=1, id=2, method=m, L402 token=t")
    assert first == AuthChallenge("payment", {"id": "1", "method": "m"}, sound=False)
    assert second.sound


def test_single_quotes_are_read_but_unsound():
    assert parse_challenges("L402 token='a, b', invoice='i'") == [
        AuthChallenge("l402", {"token": "a, b", "invoice": "i"}, sound=False)
    ]


@pytest.mark.parametrize(
    "broken",
    [
        'L402 token="abc',
        'L402 token="abc, invoice="lnbc1',
        "L402 token=, =, ???",
        'L402 "loose"',
        "L402 token=one two three",
    ],
)
def test_a_broken_challenge_hides_no_good_one(broken):
    found = parse_challenges(f'{broken}, Payment id="x", method="card"')
    assert found[0].scheme == "l402"
    assert not found[0].sound
    assert found[-1] == AuthChallenge("payment", {"id": "x", "method": "card"})


def test_parameters_before_any_scheme_belong_to_nobody():
    assert parse_challenges('id="x", Payment id="y"') == [AuthChallenge("payment", {"id": "y"})]


def test_nothing_is_no_challenge():
    assert parse_challenges("") == []


@given(
    st.lists(
        st.tuples(
            TOKENS.map("S{}".format),
            st.dictionaries(TOKENS, VALUES, min_size=1, max_size=4),
        ),
        max_size=5,
    )
)
def test_what_is_written_by_the_grammar_is_read_back(challenges):
    value = ", ".join(
        f"{scheme} " + ", ".join(f"{name}={quoted(said)}" for name, said in parameters.items())
        for scheme, parameters in challenges
    )
    expected = [AuthChallenge(scheme.lower(), parameters) for scheme, parameters in challenges]
    assert parse_challenges(value) == expected


@given(st.text(max_size=300), st.text("Pa=\"\\, '=;\n", max_size=300))
def test_no_text_makes_it_raise(text, signs):
    parse_challenges(text)
    parse_challenges(signs)


@pytest.mark.parametrize(
    "piece",
    ['a="', "a='", "a=", "a ", "a= ", 'a="\\', 'a="\\",', "Basic ", ",", " ", "a", '"', "=="],
)
def test_no_text_takes_more_than_linear_time(piece):
    value = (piece * 65_536)[:65_536]
    began = time.process_time()
    parse_challenges(value)
    assert time.process_time() - began < 1
