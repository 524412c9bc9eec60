"""What is known of a message that somebody may be thanked for: not its words."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Post:
    """A message."""

    message_id: str
    author: str | None = None
    """None until it was heard of."""
    chat_id: str | None = None
    weeks: frozenset[str] = frozenset()
    """Weeks with claims about it."""
    void: frozenset[str] = frozenset()
    """Why it earns nothing: cases, and that it was deleted."""
    lifted: frozenset[str] = frozenset()
    """Which of these were mistakes."""
    entered: str | None = None
    """The contest in which it hands something in."""
    announces: str | None = None
    """The contest of which it tells, where it is ours; known by the id of its command too."""

    def claimed_in(self, week: str) -> Post:
        """Return the message about which there is a claim in that week."""
        return self if week in self.weeks else replace(self, weeks=self.weeks | {week})
