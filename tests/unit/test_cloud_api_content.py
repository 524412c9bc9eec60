"""What a message of the Cloud API consists of, in the shapes that it should not have as well."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.items import MediaRef, Unread
from shared.contracts.gateway import MAX_TEXT, Attachment, Location
from tests.support.cloud_api import ASHA, body_of, only, only_message, phone, scoped, text_message

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def filename(name: object) -> str | None:
    found = only_message(type="document", document={"id": "81", "filename": name})
    assert found.attachment is not None
    return found.attachment.filename


class TestFiles:
    @pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
    def test_everything_but_the_address_is_kept(self, kind):
        body = {
            "id": "81",
            "mime_type": "image/jpeg",
            "sha256": "b0a1c2=",
            "url": "http://169.254.169.254/latest",
            "filename": "a.jpg",
            "caption": "जी",
            "voice": True,
            "animated": True,
        }
        found = only_message(type=kind, **{kind: body})
        attachment = Attachment(
            mime_type="image/jpeg", filename="a.jpg", sha256="b0a1c2=", voice=True, animated=True
        )
        assert (found.attachment, found.media, found.text) == (attachment, MediaRef(id="81"), "जी")
        assert "169.254" not in str(found)

    def test_a_file_without_an_id_cannot_be_asked_for(self):
        found = only_message(type="image", image={"mime_type": "image/jpeg"})
        assert (found.media, found.media_id) == (None, None)
        assert found.attachment == Attachment(mime_type="image/jpeg")

    @pytest.mark.parametrize("absurd", [None, 7, "81", [], True])
    def test_a_file_that_is_none_is_nothing(self, absurd):
        found = only_message(type="image", image=absurd)
        assert (found.media, found.attachment, found.text) == (None, None, None)

    @pytest.mark.parametrize(
        "absurd",
        ["image/jpeg\r\nx-evil: 1", "image/\x00", "छवि/जेपीईजी", "i" * 129, "", " ", 7, None, ["image/jpeg"]],
        ids=ascii,
    )
    @pytest.mark.parametrize("key", ["mime_type", "sha256"])
    def test_what_could_break_a_header_is_left_out(self, key, absurd):
        found = only_message(type="image", image={"id": "81", key: absurd})
        assert found.attachment == Attachment()

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("रसीद.pdf", "रसीद.pdf"),
            ("photo\u202egpj.exe", "photogpj.exe"),
            ("क्\u200dष.txt", "क्\u200dष.txt"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("C:\\x.pdf", "C:_x.pdf"),
            ("a\r\nb\x00c.pdf", "ab\ufffdc.pdf"),
            ("n" * 9000 + ".pdf", None),
            ("\u202e\x07", None),
            ("", None),
            (["a.pdf"], None),
        ],
        ids=ascii,
    )
    def test_a_filename_is_only_a_name(self, given, expected):
        found = filename(given)
        if isinstance(given, str) and len(given) > 256:
            assert found is not None
            assert len(found) <= 256
        else:
            assert found == expected

    def test_a_long_filename_keeps_its_ending(self):
        assert (filename("n" * 300 + ".pdf") or "").endswith(".pdf")

    @given(ANY_TEXT)
    def test_no_filename_leads_elsewhere(self, name):
        found = filename(name) or ""
        assert not set(found) & set("/\\\0\n\r\u202e\u2066")
        assert len(found) <= 256


class TestPlaces:
    @pytest.mark.parametrize(
        ("latitude", "longitude"),
        [(26.5, 80), ("26.5", "80"), (-90, 180), (90.0, -180.0)],
    )
    def test_a_place_on_earth_is_read(self, latitude, longitude):
        told = {"latitude": latitude, "longitude": longitude, "url": "https://maps.example"}
        found = only_message(type="location", location=told)
        assert found.location == Location(latitude=float(latitude), longitude=float(longitude))

    @pytest.mark.parametrize(
        "absurd",
        [181, -180.1, "north", None, True, [], {}, float("nan"), float("inf"), 10**400, "1e999"],
        ids=str,
    )
    @pytest.mark.parametrize("key", ["latitude", "longitude"])
    def test_a_place_nowhere_is_left_out_and_the_message_stays(self, key, absurd):
        told = {"latitude": 1, "longitude": 1, key: absurd}
        assert only_message(type="location", location=told).location is None

    def test_a_name_without_end_is_cut(self):
        told = {"latitude": 1, "longitude": 1, "name": "न" * 9000, "address": "प" * 9000}
        location = only_message(type="location", location=told).location
        assert location is not None
        assert (location.name, location.address) == ("न" * 1024, "प" * 1024)


class TestChoices:
    def test_the_longest_choice_is_told_and_no_longer_one_is_cut_into_another(self):
        def choice(name: str) -> str | None:
            return only_message(type="button", button={"text": "हाँ", "payload": name}).choice

        assert choice("p" * 256) == "p" * 256
        assert choice("p" * 257) is None

    @pytest.mark.parametrize(
        ("given", "form"),
        [
            ('{"a":1}', '{"a":1}'),
            ("not json", "not json"),
            ("", ""),
            (None, "null"),
            ({"a": [1]}, '{"a":[1]}'),
            ([], "[]"),
            (7, "7"),
            ("a\x00", "a\ufffd"),
            ({"a": "\ud800"}, '{"a": "\\ud800"}'),
        ],
        ids=ascii,
    )
    def test_a_form_is_told_as_it_came_back(self, given, form):
        reply = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": given}}
        assert only_message(type="interactive", interactive=reply).form == form

    def test_a_reply_to_no_form_has_none(self):
        reply = {"type": "nfm_reply", "nfm_reply": {"body": "Sent"}}
        assert only_message(type="interactive", interactive=reply).form is None

    @pytest.mark.parametrize(
        ("reply", "choice"),
        [
            ({"response": "reject"}, "call_permission_reply:reject"),
            ({}, "call_permission_reply:unknown"),
            ({"response": "r" * 9000}, f"call_permission_reply:{'r' * 234}"),
        ],
    )
    def test_a_permission_to_call_is_no_choice_of_ours(self, reply, choice):
        interactive = {"type": "call_permission_reply", "call_permission_reply": reply}
        assert only_message(type="interactive", interactive=interactive).choice == choice

    @pytest.mark.parametrize("absurd", [None, 7, "x", [], {}, {"button_reply": 7}, {"nfm_reply": [7]}])
    def test_an_answer_of_no_shape_chooses_nothing(self, absurd):
        found = only_message(type="interactive", interactive=absurd)
        assert (found.text, found.choice, found.form) == (None, None, None)


class TestCircumstances:
    @pytest.mark.parametrize("absurd", [None, 7, "x", [], {"forwarded": "yes"}, {"forwarded": 1}])
    def test_only_true_means_forwarded(self, absurd):
        found = only_message(context=absurd)
        assert (found.forwarded, found.often_forwarded, found.reply_to) == (False, False, None)

    @pytest.mark.parametrize("absurd", [None, {}, "ad", [], 7, True])
    def test_an_empty_referral_is_no_advertisement(self, absurd):
        assert not only_message(referral=absurd).from_advertisement

    def test_whoever_is_mentioned_is_named_once_and_we_are_not(self):
        told = [
            "919000000102",
            {"wa_id": "+91 90000 00102"},
            {"user_id": "IN.5501000000000103"},
            "911140001000",
            None,
            7.5,
            {},
        ]
        value = {
            "metadata": {"display_phone_number": "+91 1140 001000"},
            "messages": [text_message(mentions=told)],
        }
        found = only(body_of(value))
        assert getattr(found, "mentions", None) == (phone("919000000102"), scoped("IN.5501000000000103"))
        assert only_message(mentions={"wa_id": "919000000102"}).mentions == ()

    def test_cards_of_other_people_stay_where_they_are(self):
        card = {"name": {"formatted_name": "रवि"}, "phones": [{"wa_id": "919000000102"}], "vcard": "x"}
        found = only_message(type="contacts", contacts=[card])
        assert "919000000102" not in str(found)
        assert "रवि" not in str(found)

    def test_a_type_called_like_the_context_is_no_file(self):
        found = only_message(type="context", context={"id": "wamid.EARLIER="})
        assert found.media_id is None

    def test_of_errors_without_end_the_first_are_read(self):
        errors = [{"code": code} for code in (131051, "131051", 10**400, -(10**12), True, None, "")]
        assert only_message(errors=errors).error_codes == (131051, "131051")
        many = only_message(errors=[{"code": 1}] * 50_000).error_codes
        assert 0 < len(many) < 100

    def test_a_text_beyond_all_limits_is_read_and_left_to_the_contract(self):
        assert only_message(text={"body": "क" * (MAX_TEXT + 1)}).text == "क" * (MAX_TEXT + 1)

    def test_a_contact_may_know_the_number_that_stands_nowhere_else(self):
        contact = {"wa_id": "919000000101", "user_id": "IN.5501000000000101"}
        message = text_message(**{"from": "IN.5501000000000101"})
        found = only(body_of({"contacts": [contact], "messages": [message]}))
        assert getattr(found, "sender", None) == (ASHA, scoped("IN.5501000000000101"))

    def test_what_the_message_says_of_its_author_goes_before_what_a_contact_says(self):
        contact = {"wa_id": "919000000999", "user_id": "IN.5501000000000101"}
        message = text_message(from_user_id="IN.5501000000000101")
        found = only(body_of({"contacts": [contact], "messages": [message]}))
        assert getattr(found, "sender", None) == (ASHA, scoped("IN.5501000000000101"))


def test_a_form_nested_without_end_is_survived():
    nested: Any = 1
    for _ in range(900):
        nested = [nested]
    reply = {"type": "nfm_reply", "nfm_reply": {"response_json": nested}}
    body = json.dumps(
        {
            "entry": [
                {
                    "changes": [
                        {
                            "field": "messages",
                            "value": {"messages": [text_message(type="interactive", interactive=reply)]},
                        }
                    ]
                }
            ]
        }
    ).encode()
    found = only(body)
    assert isinstance(found, Unread) or getattr(found, "form", None)
