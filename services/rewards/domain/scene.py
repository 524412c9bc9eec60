"""What one decision of rewards is made on: everything it touches, loaded and stored together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.rewards.domain.account import Account, account_key
from services.rewards.domain.board import Board, Place
from services.rewards.domain.community import Community
from services.rewards.domain.contests.contest import Ballots, Contest
from services.rewards.domain.entry import Entry
from services.rewards.domain.member import Member
from services.rewards.domain.post import Post
from services.rewards.domain.prizes.prize import Prize
from services.rewards.domain.standing import Standing
from services.rewards.domain.week import Week
from shared.chats import DEFAULT_ZONE, Chat


@dataclass(frozen=True, slots=True)
class Scene:
    """The state of a decision."""

    chat: Chat
    community: Community
    member: Member
    """Who acts, or of whom the fact is."""
    people: Mapping[str, Member] = field(default_factory=dict)
    """Others of whom the decision is, by id."""
    posts: Mapping[str, Post] = field(default_factory=dict)
    """Messages, by id."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """By `account_key`."""
    weeks: Mapping[str, Week] = field(default_factory=dict)
    """By `week_key`."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """Of everybody whose weeks these are, by `standing_key`."""
    entries: Mapping[str, Entry | None] = field(default_factory=dict)
    """New lines of the ledger, by id; those there are already are not looked at."""
    boards: Mapping[str, Board] = field(default_factory=dict)
    """Boards that are asked for, by `board_key`; only read."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where who acts stands, by `standing_key`; only read."""
    homes: Mapping[str, Community] = field(default_factory=dict)
    """Communities of who writes to us directly, by scope: their contests and prizes may be meant."""
    contests: Mapping[str, Contest | None] = field(default_factory=dict)
    """By id; new ones are added."""
    ballots: Mapping[str, Ballots] = field(default_factory=dict)
    """Of contests that are voted on, by their ids."""
    prizes: Mapping[str, Prize | None] = field(default_factory=dict)
    """By id; new ones are added."""

    @property
    def scope(self) -> str:
        """Within what it counts."""
        return self.community.scope

    @property
    def zone(self) -> str:
        """Of the group: its days and weeks begin by it."""
        return self.chat.zone or self.community.zone or DEFAULT_ZONE

    @property
    def admin(self) -> bool:
        """Whether who acts is an admin of the chat."""
        return not self.chat.admins.isdisjoint(self.member.ids)

    def account(self, member_id: str, scope: str | None = None) -> Account:
        """Return a member's account here, or in that scope."""
        key = account_key(scope or self.scope, member_id)
        return self.accounts.get(key) or Account(key)

    def with_account(self, account: Account) -> Scene:
        """Return the scene with that account."""
        return replace(self, accounts={**self.accounts, account.key: account})

    def with_week(self, week: Week) -> Scene:
        """Return the scene with that week."""
        return replace(self, weeks={**self.weeks, week.key: week})

    def with_post(self, post: Post) -> Scene:
        """Return the scene with what is known of that message."""
        return replace(self, posts={**self.posts, post.message_id: post})

    def with_contest(self, contest: Contest) -> Scene:
        """Return the scene with that contest."""
        return replace(self, contests={**self.contests, contest.contest_id: contest})

    def with_prize(self, prize: Prize) -> Scene:
        """Return the scene with that prize."""
        return replace(self, prizes={**self.prizes, prize.prize_id: prize})

    def person(self, member_id: str) -> Member:
        """Return who is known by that id, as far as it is known who that is."""
        known = self.people.get(member_id)
        if known is not None:
            return known
        return self.member if member_id in self.member.ids else Member(member_id)
