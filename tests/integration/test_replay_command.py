"""The command as an operator runs it: beside a running service that owns the log."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from services.__main__ import CONSUMING
from services.__main__ import main as services_main
from shared.contracts.topics import OUTBOUND, replay_topic
from shared.errors import Undecodable, UnknownVersion
from shared.log.record import NewRecord, Record
from shared.replay.command import main
from shared.replay.letters import Letters
from shared.replay.query import Query
from shared.stream.dead_letter import dead_letter
from tests.support import events
from tests.support.events import NOW
from tests.support.keys import ADDRESS_KEY
from tests.support.streams import Bench, bench, lost_connections

NOWHERE = Path("/nonexistent/.env")
PRIVATE = "Asha ने जो लिखा"
ACCOUNTS = {
    "demo": {"phone_number_id": "1", "app_secrets": ["s"], "verify_token": "v", "access_token": "t"},
}


@pytest.fixture
async def place(mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    async with bench(mongo_url, "local") as made:
        for name in ("KAFKA_BOOTSTRAP_SERVERS", "SIMULATOR_WEBHOOK_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("MONGO_URL", mongo_url)
        monkeypatch.setenv("MONGO_DATABASE_PREFIX", made.database.name.removesuffix("_moderation"))
        monkeypatch.setenv("GATEWAY_ACCOUNTS", json.dumps(ACCOUNTS))
        monkeypatch.setenv("GATEWAY_ADDRESS_KEYS", ADDRESS_KEY)
        monkeypatch.setenv("COLUMNS", "140")
        yield made


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Put back what the command sets for its own process."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


class Command:
    """Runs the command beside the test's own loop, and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = ""
        self.err = ""

    async def __call__(self, *arguments: str, answer: str = "") -> int:
        try:
            return await asyncio.to_thread(
                main, arguments, CONSUMING, dotenv=NOWHERE, ask=lambda _: f"{answer}\n"
            )
        except SystemExit as ended:
            return int(str(ended.code))
        finally:
            self.out, self.err = self._capsys.readouterr()

    async def json(self, *arguments: str) -> Any:
        await self(*arguments, "--json")
        return json.loads(self.out)


@pytest.fixture
def dlq(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def aside(number: int, *, text: str = PRIVATE, error: Exception | None = None, **headers: bytes) -> NewRecord:
    new = events.record(events.received(number, chat=events.chat_id(number), text=text))
    record = Record(new.topic, 3, 4711 + number, new.key, new.value, {**new.headers, **headers})
    return dead_letter(record, "moderation", "moderation", error or Undecodable("No."), now=NOW)


async def letters(place: Bench) -> list[str]:
    found = await Letters(place.runtime(), place.database).find(Query(), limit=100)
    return [each.id for each in found.letters]


async def rows(place: Bench) -> list[dict[str, Any]]:
    return await place.database["_outbox"].find().sort("_id", 1).to_list()


async def leases(place: Bench) -> list[dict[str, Any]]:
    log = place.mongo.get_database(place.database.name.removesuffix("_moderation") + "_log")
    return [{**each, "expires": None} for each in await log["leases"].find().to_list()]


class TestList:
    async def test_letters_and_a_summary(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(0), aside(1, error=UnknownVersion("New."))])
        assert await dlq("list", "moderation") == 0
        lines = dlq.out.splitlines()
        assert lines[0].split() == [
            *("Letter", "Set", "aside", "Tries", "Bytes", "Reason", "Consumer", "Type", "Origin", "Key")
        ]
        assert "0-0" in dlq.out
        assert "gateway.inbound.v1/3/4712" in dlq.out
        assert "2 in all" in lines
        assert re.search("^by reason +undecodable 1, unknown_version 1 *$", dlq.out, re.MULTILINE)
        assert re.search("^by type +message.received 2 *$", dlq.out, re.MULTILINE)
        assert PRIVATE not in dlq.out

    @pytest.mark.parametrize("columns", [80, 140])
    async def test_at_any_width_ids_are_whole_and_no_line_is_broken(
        self, place: Bench, dlq: Command, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        long = aside(1, error=UnknownVersion("New."), ce_type=b"delivery.reported.in.a.very.long.name")
        await place.log.append([aside(0), long])
        await self.refuse(place)
        assert await dlq("list", "moderation") == 0
        assert all(len(line) <= columns for line in dlq.out.splitlines())
        assert re.search(r"^0-0 .*undecodable.*moderation.*message.received", dlq.out, re.MULTILINE)
        assert re.search(r"^0-1 .*unknown_version", dlq.out, re.MULTILINE)
        (row,) = await rows(place)
        assert re.search(
            rf"^outbox-{row['_id']} .*permanent.*message.send$", dlq.out.replace(" \n", "\n"), re.MULTILINE
        )

    @pytest.mark.parametrize("columns", [80, 140])
    async def test_a_plan_is_as_readable(
        self, place: Bench, dlq: Command, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        await place.log.append(
            [aside(0, text="!niyam"), aside(1, ce_dataschema=b"urn:chaupal:message.received:2")]
        )
        await self.refuse(place)
        assert await dlq("plan", "moderation") == 0
        assert all(len(line) <= columns for line in dlq.out.splitlines())
        for line in (
            r"0-0 +applied +message.send → gateway.outbound.v1",
            f" +{events.chat_id(0)}",
            "0-1 +dead_lettered:unknown_version +–",
            rf"outbox-{(await rows(place))[0]['_id']} +would_publish +message.send → .*",
        ):
            assert re.search(f"^{line} *$", dlq.out, re.MULTILINE)

    async def refuse(self, place: Bench) -> None:
        runtime = place.runtime()

        async def write(session: Any) -> None:
            await runtime.outbox.add(session, [events.record(events.send(1))])

        await runtime.unit_of_work.run(write)
        (row,) = await runtime.outbox.next(1)
        await runtime.outbox.refuse(row.id, "permanent")

    async def test_filters_and_limits(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(0), aside(1, error=UnknownVersion("New.")), aside(2)])
        page = await dlq.json("list", "moderation", "--reason", "undecodable", "--limit", "1")
        assert [each["id"] for each in page["letters"]] == ["0-0"]
        assert (page["next"], page["summary"]["total"]) == ("0-0", 2)
        assert await dlq("list", "moderation", "--reason", "undecodable", "--limit", "1") == 0
        assert "1 more; --limit shows them." in dlq.out
        for nothing in (
            ["--since", "2026-11-05T06:31"],
            ["--until", "2026-11-05T06:30"],
            ["--type", "message.send"],
        ):
            assert await dlq("list", "moderation", *nothing) == 1
            assert dlq.out == "moderation has no such letters.\n"
        assert await dlq("list", "moderation", "--since", "2026-11-05", "--consumer", "moderation") == 0

    async def test_hostile_headers_steer_no_terminal(self, place: Bench, dlq: Command) -> None:
        bad = {"x-dlq-reason": b"\x1b[2J[red]", "x-dlq-consumer": "\u202e[bold]".encode(), "ce_type": b"a\nb"}
        record = aside(0)
        await place.log.append([NewRecord(record.topic, b"\x1b]0;x\x07", b"\xff", {**record.headers, **bad})])
        assert await dlq("list", "moderation") == 0
        assert not {"\x1b", "\u202e", "\x07"} & set(dlq.out)
        assert "[red]" in dlq.out
        assert await dlq("show", "moderation", "--id", "0-0", "--body") == 0
        assert not {"\x1b", "\u202e", "\x07"} & set(dlq.out)


class TestShow:
    async def test_what_members_wrote_only_on_request(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(0)])
        assert await dlq("show", "moderation", "--id", "0-0") == 0
        assert "error      Undecodable: No." in dlq.out
        assert "x-dlq-reason" in dlq.out
        assert "ce_type" in dlq.out
        assert re.search(r"body  \d+ bytes, fields .*chat_id.*text", dlq.out, flags=re.DOTALL)
        assert PRIVATE not in dlq.out
        assert await dlq("show", "moderation", "--id", "0-0", "--body") == 0
        assert f'  "text": "{PRIVATE}"' in dlq.out
        (shown,) = await dlq.json("show", "moderation", "--id", "0-0")
        assert shown["body"]["content"] is None

    async def test_what_is_not_there_is_told(self, place: Bench, dlq: Command) -> None:
        assert await dlq("show", "moderation", "--id", "0-7") == 1
        assert dlq.err == "0-7: there is no such letter\n"


class TestPlanAndRun:
    async def test_the_plan_shows_what_would_be_said_and_the_run_lets_it_happen(
        self, place: Bench, dlq: Command
    ) -> None:
        await place.log.append([aside(0, text="!niyam"), aside(1, text="hello")])
        before = await leases(place)
        assert await dlq("plan", "moderation") == 0
        assert f"message.send → {OUTBOUND.name}" in dlq.out
        assert events.chat_id(0) in dlq.out
        assert "2 letters: applied 2" in dlq.out
        assert "1 to publish: message.send 1" in dlq.out
        assert "नियम" not in dlq.out
        assert await dlq("plan", "moderation", "--body") == 0
        assert "नियम" in dlq.out
        plan = await dlq.json("plan", "moderation", "--id", "0-0")
        assert plan["letters"][0]["emits"][0]["text"] is None
        assert await rows(place) == []
        assert await letters(place) == ["0-0", "0-1"]

        assert await dlq("run", "moderation", "--all") == 0
        assert dlq.out == "2 replayed.\n"
        assert [row["topic"] for row in await rows(place)] == [replay_topic("moderation").name] * 2
        assert await leases(place) == before
        assert await dlq("run", "moderation", "--all") == 1
        assert dlq.out == "moderation has no such letters.\n"
        assert len(await rows(place)) == 2
        assert await dlq("run", "moderation", "--all", "--again", "--rate", "0.5/s") == 0
        assert re.fullmatch(
            r"2 replayed\.\nThe last is handled at \d{4}-\d\d-\d\d \d\d:\d\d UTC or soon after\.\n", dlq.out
        )
        page = await dlq.json("list", "moderation", "--all")
        assert {each["mark"]["times"] for each in page["letters"]} == {2}
        assert page["letters"][0]["mark"]["by"].startswith("cli:")
        assert await dlq("list", "moderation", "--all") == 0
        assert "replayed 2×" in dlq.out

    async def test_part_of_it_is_not_all_of_it(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(0)])
        assert await dlq("run", "moderation", "--id", "0-0", "0-9") == 1
        assert dlq.out == "1 replayed, 1 not.\n"
        assert dlq.err == "0-9: there is no such letter\n"
        assert await dlq("run", "moderation", "--id", "0-0") == 1
        assert dlq.err == "0-0: replayed before; --again takes it\n"

    async def test_a_limit_leaves_the_rest_to_the_next_run(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(number) for number in range(3)])
        assert await dlq("run", "moderation", "--all", "--limit", "2") == 0
        assert dlq.out == "2 replayed.\nThere are more; the same command takes the next ones.\n"
        report = await dlq.json("run", "moderation", "--all", "--limit", "2")
        assert report == {
            "service": "moderation",
            "done": 1,
            "failed": {},
            "more": False,
            "last_not_before": None,
        }

    async def test_every_consuming_service_can_be_asked(self, place: Bench, dlq: Command) -> None:
        assert set(CONSUMING) == {"gateway", "moderation", "events", "rewards", "feedback"}
        assert await dlq("plan", "gateway") == 1
        assert dlq.out == "gateway has no such letters.\n"

    async def test_a_plan_for_the_gateway_knows_its_sender(self, place: Bench, dlq: Command) -> None:
        new = events.record(events.send(1))
        record = Record(new.topic, 0, 1, new.key, new.value, new.headers)
        sent = dead_letter(record, "gateway", "gateway.sender", KeyError("bug"), now=NOW)
        await place.log.append([sent])
        assert (await dlq.json("plan", "gateway"))["outcomes"] == {"would_act": 1}
        assert await dlq("run", "gateway", "--reason", "domain_error") == 0


class TestDrop:
    async def test_it_asks_first(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(0), aside(1)])
        for answer in ("", "y", "drop", "drop 1", "DROP 2"):
            assert await dlq("drop", "moderation", "--all", answer=answer) == 1
            assert re.search("^by reason +undecodable 2 *$", dlq.err, re.MULTILINE)
            assert dlq.err.endswith("Nothing was dropped.\n")
        assert await letters(place) == ["0-0", "0-1"]
        assert await dlq("drop", "moderation", "--all", answer="drop 2") == 0
        assert dlq.out == "2 dropped.\n"
        line = next(line for line in dlq.err.splitlines() if "letters.dropped" in line)
        told = json.loads(line)
        assert (told["count"], told["reason"], told["service"]) == (2, "undecodable", "moderation")
        assert told["actor"].startswith("cli:")
        assert await letters(place) == []

    async def test_yes_is_an_answer_too(self, place: Bench, dlq: Command) -> None:
        await place.log.append([aside(0), aside(1)])
        assert await dlq("drop", "moderation", "--id", "0-1", "--yes") == 0
        assert await letters(place) == ["0-0"]
        assert await dlq("run", "moderation", "--id", "0-1") == 1
        assert dlq.err == "0-1: dropped before; --again takes it where it is named by --id\n"

    async def test_nobody_at_the_keyboard_is_a_no(
        self, place: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        await place.log.append([aside(0)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        status = await asyncio.to_thread(main, ["drop", "moderation", "--all"], CONSUMING, dotenv=NOWHERE)
        assert status == 1
        assert await letters(place) == ["0-0"]
        assert 'Type "drop 1" to go on: Nothing was dropped.' in capsys.readouterr().err


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ([], "ACTION"),
            (["list"], "SERVICE"),
            (["list", "simulator"], "invalid choice: 'simulator'"),
            (["burn", "moderation"], "invalid choice: 'burn'"),
            (["run", "moderation"], "Say which letters: --id, a filter, or --all."),
            (["drop", "moderation", "--yes"], "Say which letters"),
            (["show", "moderation"], "Say which letters"),
            (["list", "moderation", "--since", "soon"], "A time is written like 2h"),
            (["list", "moderation", "--since", "2026-11-05", "--until", "2026-11-04"], "lies behind"),
            (["list", "moderation", "--id", "seven"], "an id is written 0-17"),
            (["list", "moderation", "--limit", "0"], "a limit is a number"),
            (["list", "moderation", "--again"], "unrecognized arguments: --again"),
            (["run", "moderation", "--all", "--rate", "fast"], "a rate is written 5/s"),
            (["run", "moderation", "--all", "--rate", "0"], "a rate is written 5/s"),
            (["run", "moderation", "--all", "--rate", "9" * 400], "a rate is written 5/s"),
        ],
    )
    async def test_what_makes_no_sense_is_told_and_changes_nothing(
        self, dlq: Command, arguments: list[str], why: str
    ) -> None:
        assert await dlq(*arguments) == 2
        assert why in dlq.err
        assert not dlq.out

    async def test_a_misspelt_setting_is_one_sentence(
        self, place: Bench, dlq: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MONGO_URI", "mongodb://secret@db")
        assert await dlq("list", "moderation") == 1
        assert dlq.err == "MONGO_URI is not a setting of this process. Did you mean MONGO_URL?\n"

    async def test_a_database_that_is_away_is_one_sentence(
        self, place: Bench, dlq: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shared.store.client.SELECTION_SECONDS", 0.2)
        monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:9/?replicaSet=rs0")
        with lost_connections():
            assert await dlq("list", "moderation") == 1
        assert dlq.err == "The database does not answer: ServerSelectionTimeoutError.\n"

    def test_the_command_of_all_services_explains_itself(self, capsys: pytest.CaptureFixture[str]) -> None:
        for arguments in (["--help"], ["dlq", "--help"], ["dlq", "run", "--help"]):
            with pytest.raises(SystemExit) as ended:
                services_main(arguments)
            assert ended.value.code == 0
            assert "usage: python -m services" in capsys.readouterr().out

    def test_what_the_services_do_not_know_starts_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            services_main(["serve"])
        assert ended.value.code == 2
        assert "invalid choice: 'serve'" in capsys.readouterr().err
