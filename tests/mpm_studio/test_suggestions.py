"""Arguments that cannot be parsed are followed by what they were most likely meant to be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mpm_studio.__main__ import main
from mpm_studio.commands.arguments import COMMANDS
from mpm_studio.commands.suggestions import advice


def test_a_path_broken_at_its_blanks_is_told_to_need_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Tag 1").mkdir()
    (tmp_path / "Tag 1" / "Läufer 3 b.c3d").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert main(["info", "Tag", "1/Läufer", "3", "b.c3d"]) == 2
    assert capsys.readouterr().err.endswith("mpm-studio: a path with blanks needs quotes: 'Tag 1/Läufer 3 b.c3d'\n")


@pytest.mark.parametrize(
    ("option", "word", "said"),
    [
        ("--max-gap", "2s", "2s: a number without its unit is needed: 2"),
        ("--max-sigma", "20mm", "20mm: a number without its unit is needed: 20"),
        ("--max-gap", "1,75", "1,75: a decimal point is needed: 1.75"),
    ],
)
def test_a_number_with_its_unit_or_a_decimal_comma(option: str, word: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "a.c3d", "-o", "b.c3d", option, word]) == 2
    assert capsys.readouterr().err.endswith(f"mpm-studio: {said}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("info", "a.c3d", "--fps", "fast"), "Error parsing --fps: 'fast' is not a number"),
        (("clean", "a.c3d", "-o", "b.c3d", "--jobs", "1.5"), "Error parsing --jobs: '1.5' is not a whole number"),
        (("info", "a.c3d", "--zero-is-missing", "None"), "('yes', 'no')"),
        (("info", "a.c3d", "--fps", "None"), "'None' is not a number"),
    ],
)
def test_messages_name_no_types_of_python(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert said in told and "<class" not in told


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_no_types_of_python(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert re.search(r"\bNone\b|<class|\bFLOAT\b|\bSTR\b", capsys.readouterr().out) is None


def test_words_that_mean_nothing_else_get_no_advice() -> None:
    assert (
        advice(["clean", "a.c3d", "-o", "b.c3d", "--mark", "LFRM,LWRA:1-20", "--donors", "A,B", "--method", "magic", "--max-gap", "inf"])
        == []
    )
