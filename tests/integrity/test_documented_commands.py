"""What documents tell people to type exists: targets, verbs, options, links; what only reads is run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from customer_health.__main__ import app
from customer_health.core.settings import DEFAULT_CONFIG, PROJECT_ROOT
from tests.commands import run_command
from tests.reading.two_teams import TwoTeams, two_teams

DOCUMENTS = (PROJECT_ROOT / "README.md", *sorted((PROJECT_ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"^ *```(?:sh|bash)?\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:make|customer-health) [^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        lines = [line for block in BLOCK.findall(text) for line in block.splitlines()] + INLINE.findall(text)
        for line in lines:
            command = line.strip().removeprefix(".venv/bin/")
            if command.startswith(("make ", "customer-health ")):
                yield document.relative_to(PROJECT_ROOT).as_posix(), command


COMMANDS = sorted(set(commands()))
VERBS = typer.main.get_command(app).commands


def words_of(command: str) -> list[str]:
    return shlex.split(command.replace("…", "x"), comments=True)


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_a_command_in_a_document_exists(document: str, command: str) -> None:
    words = words_of(command)
    if words[0] == "make":
        makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
        assert words[1] in TARGET.findall(makefile), f"{document}: there is no target {words[1]}"
        offered = re.search(r"^OPTIONS := (.*?)\nunexport", makefile, re.DOTALL | re.MULTILINE)
        known = {*offered.group(1).replace("\\\n", " ").split(), "EVENTS"} if offered else set()
        assert {word.split("=")[0] for word in words[2:] if "=" in word} <= known, document
        return
    if words[1].startswith(("-", "<")):
        return
    assert words[1] in VERBS, f"{document}: there is no verb {words[1]}"
    verb = VERBS[words[1]]
    offered = {option for parameter in verb.params for option in parameter.opts} | {"--help"}
    if not verb.ignore_unknown_options:
        assert {word for word in words[2:] if word.startswith("--")} <= offered, f"{document}: {command}"


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for link in LINK.findall(document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name} leads to {link}"


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> TwoTeams:
    return two_teams(tmp_path_factory.mktemp("documented commands"))


@pytest.mark.parametrize(
    "line",
    [command for command in sorted({command for _, command in COMMANDS}) if command.startswith("customer-health sql ")],
)
def test_a_documented_question_is_answered(line: str, teams: TwoTeams, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(*words_of(line)[1:], "--warehouse", teams.warehouse) == 0, capsys.readouterr().err
    assert "rows; publication" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verb", "options", "said"),
    [
        ("publications", [], "as of 2026-06-29"),
        ("export", ["--mart", "health.dim_accounts", "--out", "{tmp}/accounts.csv"], "rows of health.dim_accounts"),
        ("digest", ["--out", "{tmp}/digest"], "digests in"),
        ("alerts", [], "alerts: "),
    ],
)
def test_reading_verbs_do_what_they_say(
    verb: str, options: list[str], said: str, teams: TwoTeams, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [option.replace("{tmp}", str(tmp_path)) for option in options]
    assert run_command(verb, "--warehouse", teams.warehouse, *options) == 0, capsys.readouterr().err
    assert said in capsys.readouterr().out


def test_the_recipe_of_new_weights_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "our seeds"
    shutil.copytree(DEFAULT_CONFIG, config)
    options = ["--from", "adoption", "--effective-from", "2026-06-01", "--config", config]
    assert run_command("scorecard-version", *options) == 0
    hints = [line.split(". ", 1)[1] for line in capsys.readouterr().out.splitlines() if "customer-health" in line]
    for hint in hints:
        words = shlex.split(hint.removeprefix("release it: "))
        assert run_command(*words[1:]) == 0, f"the hint '{hint}' does not work as printed"
    assert "released scorecard 'adoption' version 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["refesh"], "refresh"),
        (["rollback", "--too", "x"], "--to"),
        (["export", "--out", "x.csv"], "--mart"),
        (["accept", "--as-of", "tomorrow", "--check", "a/b", "--by", "x", "--reason", "y"], "no day like 2026-06-30"),
    ],
)
def test_wrong_words_are_told_with_what_was_meant(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(*arguments) == 2
    assert said in capsys.readouterr().err
