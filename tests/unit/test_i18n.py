from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.commands import COMMANDS, Command, parse_command
from shared.errors import PermanentError
from shared.i18n import Catalogue, Language, MissingText
from shared.i18n.__main__ import main
from shared.i18n.dates import format_date, format_time
from shared.i18n.lint import check
from shared.i18n.po import PLACEHOLDER, read_entries
from shared.i18n.wording import is_familiar, promises_income

SERVICES = Path(__file__).parents[2] / "services"
MODERATION = SERVICES / "moderation" / "locale"
KOLKATA = ZoneInfo("Asia/Kolkata")

PLAIN = 'msgid "greet"\nmsgstr "{name}, {{0.__class__}} {Name} {name.x} {0}"\n'
PLURAL = (
    'msgid "rules.count"\nmsgid_plural "rules.count"\nmsgstr[0] "{count} one"\nmsgstr[1] "{count} many"\n'
)


def write(directory: Path, text: str, **by_language: str) -> Path:
    for name in ("hi", "en", "hi_Latn"):
        header = f'msgid ""\nmsgstr "Language: {name}\\nContent-Type: text/plain; charset=utf-8\\n"\n\n'
        (directory / f"{name}.po").write_text(header + by_language.get(name, text), "utf-8")
    return directory


@pytest.mark.parametrize("directory", sorted(SERVICES.glob("*/locale")), ids=lambda path: path.parent.name)
def test_x08_every_reply_exists_in_three_languages(directory):
    assert check(directory) == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", [entry.key for entry in read_entries(MODERATION, Language.HI)])
def test_x08_every_moderation_reply_renders(key, language):
    names = {
        each
        for entry in read_entries(MODERATION, language)
        for form in entry.forms
        for each in PLACEHOLDER.findall(form)
    }
    values = {name: f"<{name}>" for name in names}
    text = Catalogue.load(MODERATION).render(key, language, **values)
    assert text == text.strip()
    assert not PLACEHOLDER.search(text)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_x06_each_line_of_the_help_starts_with_a_command_that_works(spec, language):
    line = Catalogue.load(MODERATION).render(f"help.line.{spec.name}", language)
    parsed = parse_command(line)
    assert isinstance(parsed, Command)
    assert parsed.name == spec.name


def test_a_text_without_its_warning_marker_is_a_promise(tmp_path):
    shutil.copytree(MODERATION, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.po"):
        path.write_text(path.read_text("utf-8").replace("#. warns-about-income\n", ""), "utf-8")
    found = check(tmp_path)
    for name in ("hi", "en", "hi_Latn"):
        assert f"{tmp_path / name}.po: rules.default.income promises income" in found


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("hi", Language.HI),
        ("hi-IN", Language.HI),
        ("HI_latn", Language.HI_LATN),
        ("hi-Latn-IN", Language.HI_LATN),
        ("en_US", Language.EN),
        ("eng", Language.HI),
        ("ta", Language.HI),
        ("", Language.HI),
        (None, Language.HI),
    ],
)
def test_a_language_we_do_not_speak_is_answered_in_hindi(tag, language):
    assert Language.of(tag) is language


def test_only_plain_names_in_a_text_are_placeholders(tmp_path):
    catalogue = Catalogue.load(write(tmp_path, PLAIN))
    assert catalogue.render("greet", Language.HI, name="आशा") == "आशा, {{0.__class__}} {Name} {name.x} {0}"


@given(
    st.text(st.characters(exclude_categories=()))
    | st.sampled_from(["{spelled}", "{0.__class__}", r"\g<0>", "%s"])
)
def test_a_value_is_never_read_as_a_text(value):
    reply = CATALOGUE.render("command.unknown", Language.EN, spelled=value, unused=value)
    assert reply == f"There is no such command: !{value}\nWrite !help to see them all. 🙂"


CATALOGUE = Catalogue.load(MODERATION)


@pytest.mark.parametrize(
    ("language", "count", "form"),
    [
        (Language.HI, 0, "0 one"),
        (Language.HI, 1, "1 one"),
        (Language.HI, 2, "2 many"),
        (Language.EN, 0, "0 many"),
        (Language.EN, 1, "1 one"),
        (Language.HI_LATN, 0, "0 one"),
        (Language.HI_LATN, 7, "7 many"),
    ],
)
def test_the_count_chooses_the_plural_form_of_the_language(tmp_path, language, count, form):
    catalogue = Catalogue.load(write(tmp_path, PLURAL))
    assert catalogue.render("rules.count", language, count=count) == form


def test_a_missing_text_or_value_is_a_permanent_error(tmp_path):
    catalogue = Catalogue.load(write(tmp_path, PLAIN + "\n" + PLURAL))
    assert issubclass(MissingText, PermanentError)
    with pytest.raises(MissingText, match=r"'greet\.all' in hi"):
        catalogue.render("greet.all", Language.HI)
    with pytest.raises(MissingText, match="value for 'name'"):
        catalogue.render("greet", Language.HI, nmae="आशा")
    with pytest.raises(MissingText, match="value for 'count'"):
        catalogue.render("rules.count", Language.HI)


def test_a_fuzzy_or_empty_text_is_a_missing_text(tmp_path):
    catalogue = Catalogue.load(write(tmp_path, '#, fuzzy\nmsgid "a"\nmsgstr "x"\n\nmsgid "b"\nmsgstr ""\n'))
    for key in ("a", "b"):
        with pytest.raises(MissingText):
            catalogue.render(key, Language.EN)


def test_a_good_catalogue_has_no_problems(tmp_path):
    assert check(write(tmp_path, 'msgid "a"\nmsgstr "{x}"\n\n' + PLURAL.replace("{count} one", "one"))) == []


@pytest.mark.parametrize(
    ("english", "problem"),
    [
        ("", "a is missing in en"),
        ('msgid "a"\nmsgstr "{y}"\n', "a has different placeholders"),
        ('msgid "a"\nmsgstr ""\n', "a has an empty text"),
        ('#, fuzzy\nmsgid "a"\nmsgstr "{x}"\n', "a is fuzzy"),
        ('msgid "a"\nmsgstr "{x} {Y}"\n', "a has a brace that is no placeholder"),
        ('msgid "a"\nmsgstr "{x} } "\n', "a has a brace that is no placeholder"),
        ('msgid "a"\nmsgstr "{x}: guaranteed income"\n', "a promises income"),
        ('msgid "a"\nmsgstr "{x}"\n\nmsgid "a"\nmsgstr "{x}!"\n', "a is there 2 times"),
        (
            'msgid "a"\nmsgid_plural "a"\nmsgstr[0] "{x}"\nmsgstr[1] "{x}"\n',
            "a has plural forms in one language",
        ),
        ('msgid "a"\nmsgid_plural "a"\nmsgstr[0] "{x}"\n', "a has an empty text"),
        ('msgid "a"\nmsgid_plural "a"\nmsgstr[0] "{x}"\nmsgstr[1] "{z}"\n', "a has different placeholders"),
        ("what is this", "cannot be read"),
    ],
)
def test_the_check_finds_what_is_wrong_with_a_text(tmp_path, english, problem):
    problems = check(write(tmp_path, 'msgid "a"\nmsgstr "{x}"\n', en=english))
    assert any(problem in found for found in problems), problems


def test_the_check_counts_plural_forms(tmp_path):
    directory = write(tmp_path, PLURAL)
    russian = (
        (directory / "en.po")
        .read_text("utf-8")
        .replace("Language: en", "Plural-Forms: nplurals=3; plural=n;")
    )
    (directory / "en.po").write_text(russian + 'msgstr[2] "{count} more"\n', "utf-8")
    assert check(directory) == [f"{directory / 'en.po'}: rules.count needs the plural forms one, other"]


def test_the_check_finds_a_missing_file(tmp_path):
    write(tmp_path, 'msgid "a"\nmsgstr "x"\n')
    (tmp_path / "hi_Latn.po").unlink()
    assert [problem.split(":")[0] for problem in check(tmp_path)] == [str(tmp_path / "hi_Latn.po")]


def test_the_check_wants_respect_and_ordinary_words_pass(tmp_path):
    rude = write(tmp_path, 'msgid "a"\nmsgstr "{x}"\n', hi='msgid "a"\nmsgstr "{x} तुम्हारा"\n')
    assert [problem.partition(": ")[2] for problem in check(rude)] == ["a says तू or तुम where आप belongs"]
    assert is_familiar("Tu bata", Language.HI_LATN)
    assert not is_familiar("आप तुरंत तुलना करें", Language.HI)
    assert not is_familiar("turant statue album", Language.HI_LATN)
    assert not is_familiar("tu quoque", Language.EN)


@pytest.mark.parametrize(
    "text",
    [
        "guaranteed income from day one",
        "Income is 100% guaranteed",
        "Earn ₹500 daily",
        "earn Rs. {amount} every day",
        "₹500 a day",
        "Double your money",
        "earn from home",
        "पक्की कमाई होगी",
        "कमाई की गारंटी",
        "रोज ₹500",
        "रोज़ ₹500 कमाएँ",
        "500 रु. रोज़ाना",
        "हर महीने 10,000 रुपये",
        "घर बैठे कमाएँ",
        "शर्तिया मुनाफ़ा",
        "गारंटीड इनकम",
        "पैसे डबल करें",
        "kamai pakki hai",
        "Pakki kamai",
        "har mahine 10000 rupaye kamao",
        "roz Rs 500",
        "ghar baithe kamaein",
    ],
)
def test_a_promise_of_income_is_found(text):
    assert promises_income(text)


@pytest.mark.parametrize(
    "text",
    [
        "आपने ₹500 कमाए",
        "इस महीने आपका दर्ज लाभ ₹500",
        "SEO और ब्लॉगिंग से कमाई",
        "रोज़ 10 मिनट सीखें",
        "आयोजन निश्चित समय पर",
        "पक्का करें?",
        "har din 10 minute seekhein",
        "You earned ₹{amount}",
        "Our members learn every day",
        "First hours every week",
        "Guaranteed fun. Your recorded income: ₹{amount}",
    ],
)
def test_a_fact_is_no_promise(text):
    assert not promises_income(text)


def test_the_command_line_check_passes_for_the_services_as_they_are(capsys):
    assert main() == 0
    assert capsys.readouterr().out == ""


def test_the_command_line_check_lists_problems_and_fails(tmp_path, capsys):
    directory = tmp_path / "events" / "locale"
    directory.mkdir(parents=True)
    write(directory, 'msgid "a"\nmsgstr "x"\n', en="")
    assert main(tmp_path) == 1
    assert capsys.readouterr().out == f"{directory}: a is missing in en\n"


def test_the_command_line_check_fails_when_there_is_nothing_to_check(tmp_path, capsys):
    assert main(tmp_path) == 1
    assert "no service" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "date", "time"),
    [
        (Language.HI, "मंगलवार, 24 नवंबर 2026", "शाम 7:30 बजे"),
        (Language.EN, "Tuesday, 24 November 2026", "7:30 PM"),
        (Language.HI_LATN, "Mangalwaar, 24 November 2026", "shaam 7:30 baje"),
    ],
)
def test_dates_and_times_are_said_as_people_in_the_zone_say_them(language, date, time):
    at = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)
    assert (format_date(at, KOLKATA, language), format_time(at, KOLKATA, language)) == (date, time)


def test_the_date_is_the_date_in_the_zone():
    late = dt.datetime(2026, 11, 23, 19, 0, tzinfo=dt.UTC)
    assert format_date(late, KOLKATA, Language.HI) == "मंगलवार, 24 नवंबर 2026"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        format_date(dt.datetime(2026, 11, 24, 10, 0), KOLKATA, Language.HI)  # noqa: DTZ001  # the point of the test
