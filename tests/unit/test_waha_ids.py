from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.channels.waha.ids import Key, bare, spelled

SERVERS = ("c.us", "s.whatsapp.net", "lid", "g.us", "newsletter", "nowhere")
USERS = st.text(st.sampled_from("0123456789:._-@ax१"), max_size=24)
JIDS = st.one_of(
    st.text(max_size=24), st.sampled_from(SERVERS), st.builds("{}@{}".format, USERS, st.sampled_from(SERVERS))
)


@given(JIDS)
def test_what_is_spelled_already_stays_as_it_is(jid):
    assert spelled(spelled(jid)) == spelled(jid)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("919876500001:7@s.whatsapp.net", "919876500001@c.us"),
        ("919876500001:1:2@c.us", "919876500001@c.us"),
        ("123456789012345:12@lid", "123456789012345@lid"),
        ("120363000000000001:7@g.us", "120363000000000001:7@g.us"),
        ("lid", "lid"),
        ("", ""),
    ],
)
def test_the_device_goes_and_everything_else_stays(written, wanted):
    assert spelled(written) == wanted


@given(
    st.booleans(),
    JIDS.filter(lambda jid: "@" in jid and "_" not in jid),
    st.text("0123456789ABCDEF", min_size=1),
)
def test_a_key_that_was_read_is_read_again_as_the_same(by_us, chat, own):
    text = f"{str(by_us).lower()}_{chat}_{own}"
    key = Key.read(text)
    assert key is not None
    assert Key.read(str(key)) == key
    assert bare(text) == bare(own) == own
