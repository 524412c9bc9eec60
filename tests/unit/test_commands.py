from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.commands import COMMANDS, MAX_ARGS, Command, CommandSpec, UnknownCommand, parse_command

EVERY_SPELLING = [(spec.name, alias) for spec in COMMANDS for alias in spec.aliases]

JOIN = CommandSpec("join", ("शामिल", "shamil", "join"), harmless=False, owner="events")
HERE = CommandSpec("here", ("हाज़िर", "hazir", "here"), harmless=True, owner="events")
VALUE = CommandSpec("value", ("लाभ", "labh", "value"), harmless=True, owner="feedback")
FORGET = CommandSpec("forget", ("भूलजाओ", "bhooljao", "forgetme"), harmless=False, owner="members")


def name_of(text: str, *commands: CommandSpec) -> str | None:
    parsed = parse_command(text, commands or COMMANDS)
    return parsed.name if isinstance(parsed, Command) else None


@pytest.mark.parametrize("prefix", ["!", "/", "！", "／"])
@pytest.mark.parametrize(("name", "alias"), EVERY_SPELLING)
def test_x06_a_command_is_the_same_in_each_of_its_names(name, alias, prefix):
    assert parse_command(f"{prefix}{alias} 12 seo") == Command(name, "12 seo", alias)


def test_x06_no_two_commands_share_a_name():
    aliases = [parse_command(f"!{alias}") for _, alias in EVERY_SPELLING]
    assert [parsed.name for parsed in aliases if isinstance(parsed, Command)] == [
        n for n, _ in EVERY_SPELLING
    ]


@pytest.mark.parametrize(
    "text",
    [
        "!!! सुनो",
        "!",
        "! नियम",
        "",
        "   \n ",
        "/home/user/x",
        "/home/",
        "!?",
        "!123",
        "!१२",
        "/s",
        "!जी",
        "!_rules_",
        "!😂😂",
        "/https://example.com",
        "!example.com",
        "hello !niyam",
        "नमस्ते सबको\n!नियम",
        "नियम",
        "!" + "अ" * 65,
        "!\u200b नियम",
        "!niyam\x00",
        "!\ud800help",
    ],
)
def test_x06_ordinary_text_gets_no_answer(text):
    assert parse_command(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "!NIYAM",
        "!Rules",
        "  \n\t!rules",
        "!नियम।",
        "!rules?!",
        "!नियम🙏🏽",
        "!नियम ❤️",
        "!𝗿𝘂𝗹𝗲𝘀",
        "!rules",
        "\u200e!नियम",
        "\ufeff!rules",
        "!नि\u200dयम\u200c",
        "!rules\ufe0f",
        "!rules\u3000please",
        "!rules\nplease",
    ],
)
def test_x06_a_command_survives_how_phones_write_it(text):
    assert name_of(text) == "rules"


@pytest.mark.parametrize("spelled", ["हाज\u093cिर", "हाजिर", "हा\u095bिर"])
def test_x06_a_nukta_makes_no_difference(spelled):
    assert name_of(f"!{spelled} 4821", HERE) == "here"


@pytest.mark.parametrize("spelled", ["अँक", "अंक"])
def test_x06_chandrabindu_and_anusvara_make_no_difference(spelled):
    points = CommandSpec("points", ("अंक", "ank", "points"), harmless=True, owner="rewards")
    assert name_of(f"!{spelled}", points) == "points"


def test_x06_devanagari_digits_are_digits():
    parsed = parse_command("!शामिल १२  कल ७:३०", (JOIN,))
    assert isinstance(parsed, Command)
    assert parsed.args == "12  कल 7:30"
    assert parsed.words == ("12", "कल", "7:30")


def test_x06_the_lines_after_a_command_belong_to_it():
    assert parse_command("!rules\nपहली\nदूसरी ") == Command("rules", "पहली\nदूसरी", "rules")


@pytest.mark.parametrize("slip", ["rulse", "ruls", "ruless", "rulez", "niyem", "niayam"])
def test_x06_one_slip_in_a_long_harmless_name_is_forgiven(slip):
    assert parse_command(f"!{slip}") == Command("rules", "", slip)


@pytest.mark.parametrize(
    ("slip", "suggestion"),
    [
        ("halp", "help"),
        ("नीयम", "नियम"),
        ("niyaaam", "niyam"),
        ("seo", None),
        ("कहानी", None),
    ],
)
def test_x06_a_short_name_is_suggested_but_not_guessed(slip, suggestion):
    assert parse_command(f"!{slip}") == UnknownCommand(slip, suggestion)


def test_x06_a_command_with_consequences_is_never_guessed():
    assert parse_command("!forgetm", (FORGET,)) == UnknownCommand("forgetm", "forgetme")


def test_x06_a_slip_between_two_commands_is_never_guessed():
    valve = CommandSpec("valve", ("वाल्व", "valv", "valve"), harmless=False, owner="events")
    assert parse_command("!valxe", (VALUE, valve)) == UnknownCommand("valxe", "value")
    assert name_of("!valxe", VALUE) == "value"


def test_x06_the_hint_repeats_only_what_is_safe_to_repeat():
    assert parse_command("!Foo\u202e!?😂 *bold*") == UnknownCommand("Foo", None)


def test_x06_without_any_command_nothing_is_suggested():
    assert parse_command("!rules", ()) == UnknownCommand("rules", None)


@pytest.mark.parametrize(
    "text",
    [
        "!" * 2**20,
        "!" + "a" * 2**20,
        " " * 2**20,
        "\u200b" * 2**20 + "!",
        "!rules " + "य" * 2**20,
        "!rules" + "?" * 2**20,
    ],
    ids=["prefixes", "letters", "spaces", "invisible", "arguments", "punctuation"],
)
def test_a_megabyte_costs_what_a_line_costs(text):
    started = time.perf_counter()
    for _ in range(20):
        parsed = parse_command(text)
    assert time.perf_counter() - started < 0.2
    assert not isinstance(parsed, Command) or len(parsed.args) <= MAX_ARGS


ANY_TEXT = st.text(st.characters(exclude_categories=()))
COMMAND_LIKE = st.builds(
    "{}{}{}{}".format, st.sampled_from(["", " ", "\ufeff"]), st.sampled_from("!/！"), ANY_TEXT, ANY_TEXT
)


@given(ANY_TEXT | COMMAND_LIKE)
@example("!\ud800\udfff")
@example("!rules \ud800\x00")
@example("!\x00")
@example("!ﷺﷺ")
@example("!" + "ﷺ" * 64)
def test_no_text_makes_the_parser_fail(text):
    parsed = parse_command(text)
    if parsed is not None:
        assert 2 <= len(parsed.spelled) <= 64
        assert not set("*_~`@/.:\n ") & set(parsed.spelled)


@given(st.sampled_from(EVERY_SPELLING), ANY_TEXT)
def test_whatever_follows_a_command_is_its_arguments(spelling, rest):
    name, alias = spelling
    parsed = parse_command(f"!{alias} {rest}")
    assert isinstance(parsed, Command)
    assert parsed.name == name
    assert parsed.args.split() == list(parsed.words)
    assert not set("०१२३४५६७८९") & set(parsed.args)
