"""From a verdict to a case: its effect, what it wanted and what was achieved."""
