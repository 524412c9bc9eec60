"""What one decision of moderation is made on: everything it touches, loaded and stored together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.moderation.domain.cases.case import Case
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.document import DEFAULT, Policy
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Community, Room, policy_of
from services.moderation.domain.scopes import version_key


@dataclass(frozen=True, slots=True)
class Scene:
    """The states around something that a member does in a chat, or somebody does to a member."""

    room: Room
    community: Community
    person: Person
    """Who acts."""
    standing: Standing
    """How they stand in the room's scope."""
    judged: Judged | None
    """The message it is about, as it was judged before; None for one never seen."""
    target: Judged | None
    """The message it answers, where that matters: for commands."""
    other: Person | None
    """Whom a command is about: the author of `target`, or who is mentioned."""
    other_standing: Standing | None
    cases: Mapping[str, Case | None]
    """Cases by id that are named, or that belong to `judged` or `target`; new ones are added."""
    steps: Mapping[str, str]
    """The case of each command given to the gateway, by the command's id; new ones are added."""
    siblings: Mapping[str, Case | None] = field(default_factory=dict)
    """The cases behind the strikes of whom a named case is about: undoing one may undo their steps too."""
    reporters: Mapping[str, Standing] = field(default_factory=dict)
    """Of a reported case, how its reporters stand, by `<scope>|<member>`."""
    regressions: Mapping[str, Regression | None] = field(default_factory=dict)
    """What must not be flagged again, by the case's id; new ones are added, None takes one away."""
    versions: Mapping[str, Policy | None] = field(default_factory=dict)
    """The rules the member has accepted, by `<policy scope>|<version>`; published ones are added."""

    earlier: Mapping[str, Judged | None] = field(default_factory=dict)
    """Earlier judgements of an edited message, by `<id>#<edit>`; new ones are added."""
    homes: Mapping[str, Room] = field(default_factory=dict)
    """The chats of named cases that happened elsewhere: in a direct chat, all of them."""
    home_communities: Mapping[str, Community] = field(default_factory=dict)
    """The communities of `homes`, where they are other ones, by scope."""
    examples: Mapping[str, tuple[Regression, ...]] = field(default_factory=dict)
    """All that no policy of the scope should hit again, where a change of the rules may be confirmed."""

    def home_of(self, case: Case) -> Room:
        """Return the chat that a case happened in; where it was not loaded, the one something happens in."""
        return self.homes.get(case.chat_id, self.room)

    def policy_for(self, case: Case) -> Policy:
        """Return the policy in force in the chat that a case happened in."""
        room = self.home_of(case)
        return policy_of(room, self.home_communities.get(room.scope, self.community))

    def rules_of(self, case: Case) -> Policy:
        """Return the rules by which a case was opened, those in force where that version is not loaded."""
        if case.policy_version == DEFAULT.version:
            return DEFAULT
        version = self.versions.get(version_key(case.policy_scope, case.policy_version))
        return version or self.policy_for(case)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return policy_of(self.room, self.community)

    @property
    def admins(self) -> frozenset[str]:
        """Who gives orders here: the admins of the chat at its provider, and those the policy names."""
        return self.room.admins | frozenset(self.policy.document.admins)

    @property
    def admin(self) -> bool:
        """Whether who acts is an admin of the chat."""
        return not self.admins.isdisjoint({self.person.member_id, self.person.now})
