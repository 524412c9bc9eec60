"""What one decision of feedback is made on: everything it touches, loaded and stored together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.feedback.domain.community import Community
from services.feedback.domain.member import Member
from services.feedback.domain.post import Post
from services.feedback.domain.reviews.item import Item
from services.feedback.domain.strategies.registered import Reading, Registered
from services.feedback.domain.strategies.tally import Tally
from services.feedback.domain.suggestions.suggestion import Suggestion
from services.feedback.domain.suggestions.voices import Voices
from services.feedback.domain.surveys.panel import Panel
from services.feedback.domain.surveys.survey import Receipts, Responses, Sent, Survey
from shared.chats import DEFAULT_ZONE, Chat


@dataclass(frozen=True, slots=True)
class Scene:
    """The state of a decision."""

    chat: Chat
    community: Community
    member: Member
    """Who acts, or of whom the fact is."""
    homes: Mapping[str, Community] = field(default_factory=dict)
    """Communities of who writes to us directly, by scope: their suggestions may be meant."""
    posts: Mapping[str, Post] = field(default_factory=dict)
    """Messages, by id."""
    suggestions: Mapping[str, Suggestion | None] = field(default_factory=dict)
    """By id; new ones are added."""
    voices: Mapping[str, Voices] = field(default_factory=dict)
    """What members say of them, by the suggestion's id."""
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """Sums of facts, by `tally_key`."""
    strategies: Mapping[str, Registered | None] = field(default_factory=dict)
    """By id; new ones are added."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """The facts by which these are judged, by `reading_key`."""

    people: Mapping[str, Member] = field(default_factory=dict)
    """Whom a survey is sent to, by id."""
    panels: Mapping[str, Panel] = field(default_factory=dict)
    """Among whom these were chosen, by scope."""
    reviews: Mapping[str, Item | None] = field(default_factory=dict)
    """What is to be reviewed, by id; new ones are added."""
    surveys: Mapping[str, Survey | None] = field(default_factory=dict)
    """By id; new ones are added."""
    responses: Mapping[str, Responses] = field(default_factory=dict)
    """To these, by the survey's id."""
    receipts: Mapping[str, Receipts] = field(default_factory=dict)
    """Of links to these, by the survey's id."""
    sends: Mapping[str, Sent | None] = field(default_factory=dict)
    """Invitations, by the id of the command; new ones are added."""

    @property
    def scope(self) -> str:
        """Within what it counts."""
        return self.community.scope

    @property
    def zone(self) -> str:
        """Of the group: its days begin by it."""
        return self.chat.zone or self.community.zone or DEFAULT_ZONE

    @property
    def admin(self) -> bool:
        """Whether who acts is an admin of the chat."""
        return not self.chat.admins.isdisjoint(self.member.ids)

    def with_post(self, post: Post) -> Scene:
        """Return the scene with what is known of that message."""
        return replace(self, posts={**self.posts, post.message_id: post})

    def with_suggestion(self, suggestion: Suggestion) -> Scene:
        """Return the scene with that suggestion."""
        return replace(self, suggestions={**self.suggestions, suggestion.suggestion_id: suggestion})

    def with_voices(self, voices: Voices) -> Scene:
        """Return the scene with what members say of a suggestion, which has as many votes."""
        scene = replace(self, voices={**self.voices, voices.suggestion_id: voices})
        suggestion = scene.suggestions.get(voices.suggestion_id)
        if suggestion is None:
            return scene
        return scene.with_suggestion(replace(suggestion, votes=len(voices.supporters)))

    def with_tally(self, tally: Tally) -> Scene:
        """Return the scene with that sum."""
        return replace(self, tallies={**self.tallies, tally.key: tally})

    def with_strategy(self, registered: Registered) -> Scene:
        """Return the scene with that strategy."""
        return replace(self, strategies={**self.strategies, registered.strategy_id: registered})

    def with_survey(self, survey: Survey) -> Scene:
        """Return the scene with that survey."""
        return replace(self, surveys={**self.surveys, survey.survey_id: survey})

    def with_responses(self, responses: Responses) -> Scene:
        """Return the scene with the answers to a survey."""
        return replace(self, responses={**self.responses, responses.survey_id: responses})

    def with_receipts(self, receipts: Receipts) -> Scene:
        """Return the scene with the receipts of a survey."""
        return replace(self, receipts={**self.receipts, receipts.survey_id: receipts})

    def responses_to(self, survey_id: str) -> Responses:
        """Return the answers to that survey."""
        return self.responses.get(survey_id) or Responses(survey_id)

    def receipts_of(self, survey_id: str) -> Receipts:
        """Return the receipts of that survey."""
        return self.receipts.get(survey_id) or Receipts(survey_id)

    def voices_on(self, suggestion_id: str) -> Voices:
        """Return what members say of that suggestion."""
        return self.voices.get(suggestion_id) or Voices(suggestion_id)
