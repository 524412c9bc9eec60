"""Run all services in one process, as a small installation does, or look after their dead letters.

`python -m services` runs the services. The simulator takes part only where `SIMULATOR_WEBHOOK_URL` is set,
for it has no place in production. `python -m services dlq` lists, replays and drops dead letters.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from services.events.app import RECIPE as EVENTS
from services.feedback.app import RECIPE as FEEDBACK
from services.gateway.app import RECIPE as GATEWAY
from services.moderation.app import RECIPE as MODERATION
from services.rewards.app import RECIPE as REWARDS
from services.simulator.app import RECIPE as SIMULATOR
from shared.process import main as run
from shared.replay.command import main as dead_letters
from shared.settings import is_set

DEAD_LETTERS = "dlq"
CONSUMING = {recipe.name: recipe for recipe in (GATEWAY, MODERATION, EVENTS, REWARDS, FEEDBACK)}


def main(arguments: Sequence[str]) -> int:
    """Do what `arguments` say and return the exit status; running the services ends the process itself."""
    # Handed on whole: what stands behind the word is the other command's, `--help` included.
    if arguments and arguments[0] == DEAD_LETTERS:
        return dead_letters(arguments[1:], CONSUMING)
    parser = argparse.ArgumentParser(
        prog="python -m services",
        description="Run all services in one process until SIGTERM or Ctrl-C. "
        "Settings come from the environment and .env; docs/configuration.md lists them.",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=[DEAD_LETTERS],
        metavar=DEAD_LETTERS,
        help=f"list, show, plan, run or drop dead letters instead; `{DEAD_LETTERS} --help` tells more",
    )
    parser.parse_args(arguments)
    simulated = [SIMULATOR] if is_set("SIMULATOR_WEBHOOK_URL") else []
    run("chaupal", GATEWAY, MODERATION, EVENTS, REWARDS, FEEDBACK, *simulated)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
