from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payreq.blocking.folding import COLLECTIONS, ID_PREFIXES, OPERATIONS, fold

UUID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        ("/v1/users/7", "/v1/users/{id}"),
        ("/v1/users/7/items/8.json", "/v1/users/{id}/items/{id}.json"),
        (f"/v1/users/{UUID}", "/v1/users/{id}"),
        (f"/v1/users/{UUID.replace('-', '')}", "/v1/users/{id}"),
        (f"/v1/users/{UUID.upper()}", "/v1/users/{id}"),
        ("/v1/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/v1/users/{id}"),
        ("/commits/da39a3ee5e6b4b0d3255bfef95601890afd80709", "/commits/{id}"),
        ("/files/3q2-7w8Zb9kQxYt5LmN0pA", "/files/{id}"),
        ("/users/person@example.com", "/users/{id}"),
        ("/users/person%40example.com", "/users/person%40example.com"),
        ("/v1/customers/cus_NffrFeUfNV2Hib", "/v1/customers/{id}"),
        ("/v1/files/file-abc123def", "/v1/files/{id}"),
        ("/v1/things/zz_A1b2C3d4E5", "/v1/things/{id}"),
        ("/days/2026-01-02", "/days/{id}"),
        ("/teams/T024BE7LD", "/teams/{id}"),
        ("/bot1234567:canary-canary-canary-canary/send", "/{id}/send"),
        ("/" + "x" * 65, "/{id}"),
        ("/a" * 40, "/a" * 31 + "/{more}"),
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v2beta/models/gpt-4o-mini:generate", "/v2beta/models/gpt-4o-mini:generate"),
        ("/v1/messages/batch_results", "/v1/messages/batch_results"),
        ("/admin/api/2024-01/products.json", "/admin/api/2024-01/products.json"),
        ("/v1/user_settings", "/v1/user_settings"),
        ("/v1/user_settings2", "/v1/user_settings2"),
        ("/models/Any-Model-3-8B-Instruct-Turbo", "/models/Any-Model-3-8B-Instruct-Turbo"),
        ("/decade/facade/feedbeef", "/decade/facade/feedbeef"),
        ("/commits/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "/commits/{id}"),
        ("/commits/AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE", "/commits/{id}"),
        ("/commits/7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "/commits/{id}"),
        ("/commits/aaaaaaaaaaaaaaa1", "/commits/{id}"),
        ("/commits/1AAAAAAAAAAAAAAA", "/commits/{id}"),
        ("/things/ABCDEFG1", "/things/{id}"),
        ("/things/person@example.zip", "/things/{id}"),
        ("/things/\u0663\u0664", "/things/\u0663\u0664"),
        ("/" + "x" * 64, "/" + "x" * 64),
        ("/a" * 31, "/a" * 31),
        ("alice", "alice"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_ids_in_a_path_are_folded(path, folded):
    assert fold(path) == folded


@pytest.mark.parametrize(
    ("path", "folded"),
    [
        ("/v1/products/blue-shoes", "/v1/products/{id}"),
        ("/v1/products/blue-shoes/reviews/7", "/v1/products/{id}/reviews/{id}"),
        ("/users/alice/posts/how-to-bake-bread.html", "/users/{id}/posts/{id}.html"),
        ("/repos/example/library/issues/7", "/repos/{id}/{id}/issues/{id}"),
        ("/repositories/example/library/issues", "/repositories/{id}/{id}/issues"),
        ("/wiki/Ada_Lovelace", "/wiki/{id}"),
        ("/stocks/ACME.B/quote", "/stocks/{id}/quote"),
        ("/Users/Alice", "/Users/{id}"),
        ("/users/ada.lovelace", "/users/{id}"),
        ("/v1/products/search", "/v1/products/search"),
        ("/v1/users/password-reset", "/v1/users/password-reset"),
        ("/v1/users/batch_results", "/v1/users/batch_results"),
        ("/v1/users/v2/alice", "/v1/users/v2/alice"),
        ("/v1/users/teams", "/v1/users/teams"),
        ("/v1/users/", "/v1/users/"),
        ("/v1/users/...", "/v1/users/..."),
        ("/v1/users/alice:disable", "/v1/users/alice:disable"),
        ("/v1/models/some-model/predictions", "/v1/models/some-model/predictions"),
        ("/v1/images/generations", "/v1/images/generations"),
        ("/openai/deployments/mini/chat", "/openai/deployments/mini/chat"),
    ],
)
def test_members_of_a_known_collection_are_folded_and_operations_are_not(path, folded):
    assert fold(path) == folded


def test_a_crawl_makes_a_handful_of_features():
    words = [f"{first}-{second}" for first in ("red", "old", "big") for second in ("cat", "dog")]
    paths = {
        f"/v1/{collection}/{slug}/{part}"
        for collection in ("articles", "users", "products")
        for slug in words
        for part in ("comments", "history")
    }
    assert len(paths) == 36
    assert len({fold(path) for path in paths}) == 6


@given(st.text(max_size=300))
def test_folding_twice_changes_nothing(path):
    assert fold(fold(path)) == fold(path)


@given(st.lists(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), max_size=40))
def test_no_path_grows_beyond_bounds(segments):
    assert fold("/" + "/".join(segments)).count("/") <= 32


@pytest.mark.parametrize("words", [COLLECTIONS, OPERATIONS, ID_PREFIXES])
def test_word_lists_are_sorted_and_hold_each_word_once(words):
    assert words.split() == sorted(set(words.split()))
    assert re.fullmatch(r"[a-z_ ]+", words)


def test_no_word_is_a_collection_and_an_operation():
    assert not set(COLLECTIONS.split()) & set(OPERATIONS.split())


def test_a_long_name_is_kept_and_a_longer_one_is_data():
    assert fold(f"/v1/{'a' * 64}/open") == f"/v1/{'a' * 64}/open"
    assert fold(f"/v1/{'a' * 65}/open") == "/v1/{id}/open"
