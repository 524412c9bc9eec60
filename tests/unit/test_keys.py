from __future__ import annotations

import datetime as dt
import hmac
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Forbidden, Unauthenticated
from shared.http import keys
from shared.http.keys import HashedKey, KeyRing, new_key

TODAY = dt.date(2026, 11, 5)
KEY, STORED = new_key("ops", frozenset({"policies:write", "policies:read"}))


@given(
    st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True),
    st.sets(st.from_regex(r"[a-z]{1,9}:[a-z]{1,9}", fullmatch=True), min_size=1, max_size=4),
    st.none() | st.dates(),
)
def test_what_is_stored_of_a_key_is_read_as_it_was_written(key_id, scopes, expires):
    key, stored = new_key(key_id, frozenset(scopes), expires)
    assert HashedKey.parse(str(stored)) == stored
    actor = KeyRing(HashedKey.parse(str(stored))).authenticate(key, expires or TODAY)
    assert (actor.id, actor.scopes) == (key_id, frozenset(scopes))


def test_a_key_is_not_stored():
    assert KEY.split("_", 2)[2] not in str(STORED)
    assert new_key("ops", frozenset({"a"}))[0] != KEY


def test_a_key_allows_what_its_scopes_say_and_nothing_else():
    actor = KeyRing(STORED).authenticate(KEY, TODAY)
    actor.must("policies:write")
    with pytest.raises(Forbidden, match="chats:read"):
        actor.must("chats:read")


def test_a_key_holds_through_its_last_day():
    key, stored = new_key("brief", frozenset({"a"}), TODAY)
    assert KeyRing(stored).authenticate(key, TODAY).id == "brief"
    with pytest.raises(Unauthenticated):
        KeyRing(stored).authenticate(key, TODAY + dt.timedelta(days=1))


WRONG = {
    "another secret": f"{KEY[:-4]}AAAA",
    "no secret": "key_ops_",
    "an unknown id": KEY.replace("ops", "nobody"),
    "another label": KEY.replace("key_", "api_"),
    "the digest itself": STORED.digest,
    "a key in front of more": f"{KEY} ",
    "nothing": "",
    "not ASCII": "key_ops_ключ",
    "a lone surrogate": "key_ops_\udce9",
    "a megabyte": "key_ops_" + "x" * 2**20,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_key_is_refused_without_saying_what_is_wrong(wrong):
    with pytest.raises(Unauthenticated) as refused:
        KeyRing(STORED).authenticate(wrong, TODAY)
    with pytest.raises(Unauthenticated) as nobody:
        KeyRing().authenticate(KEY, TODAY)
    assert refused.value.sentence == nobody.value.sentence


@pytest.mark.parametrize("given_key", [KEY, WRONG["another secret"], WRONG["an unknown id"], ""])
def test_every_answer_compares_whole_digests_in_constant_time(given_key, monkeypatch):
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    class Watched:
        compare_digest = staticmethod(compare)

    monkeypatch.setattr(keys, "hmac", Watched)
    try:
        KeyRing(STORED).authenticate(given_key, TODAY)
    except Unauthenticated:
        assert given_key != KEY
    ((one, other),) = compared
    assert len(one) == len(other) == 64


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ops",
        "ops:abc:a",
        f"ops:{'g' * 64}:a",
        f"ops:{'é' * 64}:a",
        f"ops:{'a' * 64}:",
        f"ops:{'a' * 64}",
        f"ops:{'a' * 64}:2026-01-01",
        f"o_ps:{'a' * 64}:a",
        f":{'a' * 64}:a",
    ],
)
def test_a_line_of_another_shape_is_no_key(line):
    with pytest.raises(ValueError, match="id:sha256:scope"):
        HashedKey.parse(line)


def test_a_key_made_on_the_command_line_is_accepted(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["keys", "ops", "policies:write", "a:b", "--expires", "2026-12-31"])
    keys.main()
    key, line = capsys.readouterr().out.split()
    actor = KeyRing(HashedKey.parse(line)).authenticate(key, TODAY)
    assert actor.scopes == {"policies:write", "a:b"}


def test_an_id_that_would_not_be_read_again_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["keys", "o_ps", "a"])
    with pytest.raises(SystemExit):
        keys.main()
    assert "letters and digits" in capsys.readouterr().err
