"""Which states a decision about a survey is made on."""

from __future__ import annotations

from collections.abc import Collection

from services.feedback.domain.scene import Scene
from services.feedback.domain.subjects import OpeningSubject
from services.feedback.domain.suggestions.suggestion import scope_in
from services.feedback.domain.surveys.panel import chosen
from services.feedback.domain.surveys.survey import survey_id
from services.feedback.scenes import Stores, surveyed
from shared.stream import keys
from shared.stream.keys import SoFar
from shared.stream.subscription import Bundle, Part


def around_opening(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a survey that a REST client opens; see `OpeningSubject`."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.nobody),
            "surveys": Part(stores.surveys, _opened_before, many=True),
            "panels": Part(stores.panels, _panel, many=True),
            "people": Part(stores.members, _chosen, many=True),
            "sends": Part(stores.sends, keys.none, many=True),
        },
    )


def around_survey(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a survey; its subject has its id."""
    return Bundle(
        Scene,
        {
            "surveys": Part(stores.surveys, lambda subject, _: (subject.survey_id,), many=True),
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, lambda subject, _: (scope_in(subject.survey_id),)),
            "member": Part(stores.members, keys.nobody),
            "responses": Part(stores.responses, surveyed, many=True),
            "receipts": Part(stores.receipts, surveyed, many=True),
        },
    )


def around_failure(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of something that could not be sent; its subject is the event that says so."""
    return Bundle(
        Scene,
        {
            "sends": Part(stores.sends, lambda subject, _: (subject.send_id,), many=True),
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, keys.nobody),
            "member": Part(stores.members, keys.nobody),
            "surveys": Part(stores.surveys, _of_sends, many=True),
        },
    )


def _opened_before(subject: OpeningSubject, so_far: SoFar) -> Collection[str]:
    made = so_far["community"].surveyed.get(subject.request)
    return (made.item_id,) if made is not None else ()


def _panel(subject: OpeningSubject, so_far: SoFar) -> Collection[str]:
    # Where the request is known, nobody is asked again.
    return () if subject.request in so_far["community"].surveyed else (so_far["community"].scope,)


def _chosen(subject: OpeningSubject, so_far: SoFar) -> Collection[str]:
    community = so_far["community"]
    survey = survey_id(community.scope, community.next_survey)
    return tuple(
        name
        for panel in so_far["panels"].values()
        for name in chosen(panel, survey, subject.most, subject.at)
    )


def _of_sends(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.survey_id for each in so_far["sends"].values() if each is not None)
