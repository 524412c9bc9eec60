"""`python -m services dlq …`: what an operator does about dead letters, from beside the running services."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from shared.clock import SystemClock
from shared.errors import ChaupalError, Invalid
from shared.log.backend import Backend
from shared.log.kafka import KafkaLog
from shared.log.local import local_log
from shared.observability.health import Health
from shared.observability.logs import configure
from shared.replay.actions import Actions, Choice
from shared.replay.letter import is_letter_id
from shared.replay.query import MAX_RATE, Query, instant
from shared.replay.screen import Screen
from shared.service import Platform, Recipe
from shared.settings import SharedSettings, load
from shared.store.client import Mongo, connect, database, ping
from shared.store.log import MongoLogStorage

DONE, NOTHING_OR_PARTLY, USAGE = 0, 1, 2
"""What the command exits with; 2 is also what argparse does."""

PROGRAM: Final = "python -m services dlq"
LISTED, PLANNED, SHOWN, ACTED_ON = 50, 100, 20, 10_000

_RATE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?)(?:/s)?")

_EXAMPLES = """\
examples:
  %(prog)s list moderation                            what there is, with a summary
  %(prog)s show moderation --id 0-17                  one letter with its headers
  %(prog)s plan moderation --since 2h                 what a replay would come to
  %(prog)s run moderation --since 2h --rate 5/s       replay, five a second
  %(prog)s drop moderation --id 0-17                  give one up
"""


def main(
    arguments: Sequence[str],
    recipes: Mapping[str, Recipe[Any]],
    *,
    dotenv: Path = Path(".env"),
    ask: Callable[[str], str] | None = None,
) -> int:
    """Do what `arguments` say and return the exit status.

    Args:
        arguments: what stands behind `dlq` on the command line.
        recipes: the services whose letters may be asked for, by name.
        dotenv: where settings are read from below the environment.
        ask: shows a question and returns the answer.
    """
    parser = _parser(sorted(recipes))
    given = parser.parse_args(arguments)
    screen = Screen(as_json=given.json)
    try:
        choice = _choice(given, SystemClock().now())
    except Invalid as error:
        parser.error(error.sentence)
    try:
        return asyncio.run(_run(given, choice, recipes, screen, dotenv=dotenv, ask=ask or _ask))
    except ChaupalError as error:
        screen.complain(error.sentence)
        return NOTHING_OR_PARTLY
    except KeyboardInterrupt:
        screen.complain("Stopped. What was done before is done; the rest is as it was.")
        return 130


async def _run(
    given: argparse.Namespace,
    choice: Choice,
    recipes: Mapping[str, Recipe[Any]],
    screen: Screen,
    *,
    dotenv: Path,
    ask: Callable[[str], str],
) -> int:
    wanted = [recipe.settings for recipe in recipes.values()]
    settings = load(SharedSettings, *wanted, dotenv=dotenv)
    # The output is the command's own; what is logged is for whoever keeps an account of it.
    configure("warning", settings.log_format, sys.stderr)
    async with _platform(settings) as platform:
        actions = Actions(platform, recipes[given.service], choice, screen, dotenv=dotenv, ask=ask)
        action = {
            "list": actions.list,
            "show": actions.show,
            "plan": actions.plan,
            "run": actions.run,
            "drop": actions.drop,
        }[given.action]
        return DONE if await action() else NOTHING_OR_PARTLY


@contextlib.asynccontextmanager
async def _platform(settings: SharedSettings) -> AsyncIterator[Platform]:
    clock = SystemClock()
    mongo = connect(settings.mongo_url.get_secret_value(), application="chaupal-dlq")
    try:
        await ping(mongo)
        # Neither started nor opened: browsing needs neither, and the log belongs to the running service.
        yield Platform(settings, clock, mongo, _backend(settings, mongo, clock), Health())
    finally:
        await mongo.close()


def _backend(settings: SharedSettings, mongo: Mongo, clock: SystemClock) -> Backend:
    if settings.kafka_bootstrap_servers:
        return KafkaLog(settings.kafka_bootstrap_servers, "chaupal-dlq")
    return local_log(MongoLogStorage(database(mongo, f"{settings.mongo_database_prefix}_log"), clock))


def _ask(question: str) -> str:
    # Not `input`, which writes to the standard output: that may be read by a program.
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def _choice(given: argparse.Namespace, now: dt.datetime) -> Choice:
    query = Query(
        since=instant(given.since, now) if given.since else None,
        until=instant(given.until, now) if given.until else None,
        reasons=frozenset(given.reason),
        consumers=frozenset(given.consumer),
        types=frozenset(given.type),
        ids=frozenset(given.id),
        again=given.again,
        any_state=given.action in {"list", "show"} and (given.all or bool(given.id)),
    )
    if given.action in {"show", "run", "drop"} and query.everything and not given.all:
        raise Invalid("Say which letters: --id, a filter, or --all.")
    return Choice(query, given.limit, rate=given.rate, body=given.body, yes=given.yes)


def _parser(services: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Dead letters: records that a consumer could not handle, kept with the reason.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    which = _which(services)
    _add(actions, which, "list", "the letters, oldest first, and a summary of all", LISTED)
    _add(actions, which, "show", "letters with their headers", SHOWN, body=True)
    _add(actions, which, "plan", "what a replay would come to, without doing it", PLANNED, body=True)
    run = _add(actions, which, "run", "replay: their consumers handle them again", ACTED_ON)
    run.add_argument("--rate", type=_rate, metavar="N/s", help="at most so many a second")
    drop = _add(actions, which, "drop", "give letters up; on the log they stay", ACTED_ON)
    drop.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _which(services: Sequence[str]) -> argparse.ArgumentParser:
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("service", choices=services, help="whose letters: %(choices)s", metavar="SERVICE")
    which.add_argument("--since", metavar="TIME", help="set aside then or later: 2h, 3d, or 2026-11-05T06:30")
    which.add_argument("--until", metavar="TIME", help="set aside before then")
    for name, example in (("reason", "undecodable"), ("consumer", "moderation"), ("type", "message.send")):
        which.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="WORD",
            help=f"such as {example}; may be repeated",
        )
    which.add_argument("--id", action="extend", nargs="+", default=[], type=_id, help="letters by id")
    which.add_argument("--json", action="store_true", help="print JSON")
    which.set_defaults(rate=None, yes=False, body=False, again=False)
    return which


def _add(
    actions: Any, which: argparse.ArgumentParser, name: str, does: str, limit: int, *, body: bool = False
) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=does, description=does, parents=[which])
    looks = name in {"list", "show"}
    action.add_argument("--limit", type=_count, default=limit, metavar="N", help=f"at most so many ({limit})")
    action.add_argument(
        "--all",
        action="store_true",
        help="replayed and dropped ones too" if looks else "every open letter, without a filter",
    )
    if not looks:
        again = "replayed ones too; dropped ones where they are named by --id"
        action.add_argument("--again", action="store_true", help=again)
    if body:
        action.add_argument("--body", action="store_true", help="with what members wrote; private")
    return action


def _id(text: str) -> str:
    if not is_letter_id(text):
        raise argparse.ArgumentTypeError("an id is written 0-17 or outbox-<row>")
    return text


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):  # noqa: PLR2004 - ample
        raise argparse.ArgumentTypeError("a limit is a number from 1 to 999999")
    return int(text)


def _rate(text: str) -> float:
    found = _RATE.fullmatch(text)
    if found is None or not 0 < float(found[1]) <= MAX_RATE:
        raise argparse.ArgumentTypeError(f"a rate is written 5/s or 0.5/s, and is at most {MAX_RATE:.0f}/s")
    return float(found[1])
