from __future__ import annotations

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import deterministic_id, random_id

ANY_TEXT = st.text()  # lone surrogates too: a webhook's JSON may hold them


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_the_same_thing_has_the_same_id(parts):
    assert deterministic_id(*parts) == deterministic_id(*parts)
    assert uuid.UUID(deterministic_id(*parts)).version == 5


@given(st.lists(ANY_TEXT, min_size=1, max_size=4), st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_different_things_have_different_ids(one, other):
    assert (deterministic_id(*one) == deterministic_id(*other)) == (one == other)


def test_parts_do_not_run_into_each_other():
    assert deterministic_id("a", "bc") != deterministic_id("ab", "c")
    assert deterministic_id("1:a") != deterministic_id("a")


def test_ids_stay_what_they_were_when_events_were_written_with_them():
    # What is in a log or an inbox today must be recognised tomorrow.
    assert deterministic_id("cloud_api", "main", "wamid.1") == "ad66bcb8-6de8-554e-b961-2b9e93001a5e"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_an_id_is_the_uuid_of_its_length_prefixed_parts(parts):
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "urn:chaupal")
    assert deterministic_id(*parts) == str(uuid.uuid5(namespace, "".join(f"{len(p)}:{p}" for p in parts)))


def test_ids_of_people_and_chats_tell_nothing():
    made = {random_id("m") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"m_[0-9a-f]{20}", each) for each in made)
