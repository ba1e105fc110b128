"""The entry in a desktop's menus: written, understood by the desktop's own checkers where they are installed, and deleted again."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mpm_core.resources import resource
from mpm_studio.__main__ import main
from mpm_studio.operations import desktop_entry

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are for Linux")


def entry(folder: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(folder / "applications/mpm-studio.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def test_what_is_written_starts_this_program_and_is_deleted_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "applications").mkdir()
    (tmp_path / "applications/other.desktop").write_text("somebody's")
    assert main(["install-desktop", "--prefix", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("wrote ") == len(desktop_entry.PLACES)
    found = entry(tmp_path)
    words = shlex.split(found["Exec"])
    assert words[-1] == "%f" and Path(words[0]).is_absolute() and words[0] == found["TryExec"]
    done = subprocess.run([*words[:-1], "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("mpm-studio ")
    assert (tmp_path / "icons/hicolor/scalable/apps/mpm-studio.svg").read_bytes() == resource("icons/app.svg").read_bytes()
    types = {each.attrib["type"] for each in ElementTree.parse(tmp_path / "mime/packages/mpm-studio.xml").getroot()}
    assert types == set(found["MimeType"].strip(";").split(";"))
    assert ElementTree.parse(tmp_path / "metainfo/mpm-studio.metainfo.xml").getroot().findtext("launchable") == "mpm-studio.desktop"
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", tmp_path / "applications/mpm-studio.desktop"], check=True)
    assert main(["install-desktop", "--prefix", str(tmp_path), "--remove"]) == 0
    left = {path.name for path in tmp_path.rglob("*") if path.is_file() and "mpm" in path.name}
    assert left == set() and (tmp_path / "applications/other.desktop").read_text() == "somebody's"
    assert main(["install-desktop", "--prefix", str(tmp_path), "--remove"]) == 0


def test_the_description_keeps_the_rules_of_appstream(tmp_path: Path) -> None:
    desktop_entry.install(tmp_path)
    path = tmp_path / "metainfo/mpm-studio.metainfo.xml"
    component = ElementTree.parse(path).getroot()
    parts = (component.findtext("id") or "").split(".")
    assert len(parts) >= 3 and all(re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", part) for part in parts), "a reversed domain, without hyphens"
    assert not (component.findtext("summary") or ".").endswith(".")
    assert {each.text for each in component.iterfind("categories/category")} == set(entry(tmp_path)["Categories"].strip(";").split(";"))
    assert {each.text for each in component.iterfind("provides/mediatype")} == set(entry(tmp_path)["MimeType"].strip(";").split(";"))
    if shutil.which("appstreamcli"):
        done = subprocess.run(["appstreamcli", "validate", "--no-net", path], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["plain", "with a space", 'quote"and$dollar', "back\\slash", "per%cent"])
def test_a_path_of_any_signs_is_escaped_in_the_exec_line(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = str(tmp_path / name / "mpm-studio")
    monkeypatch.setattr(desktop_entry, "launcher", lambda: [program])
    desktop_entry.install(tmp_path / "data")
    line = entry(tmp_path / "data")["Exec"]
    assert line.endswith(" %f")
    unescaped = line.removesuffix(" %f").replace("\\\\", "\\")  # what a desktop does with any value of the file
    quoted = re.fullmatch(r'"(.*)"', unescaped)
    word = unescaped if quoted is None else re.sub(r'\\(["`$\\])', r"\1", quoted[1])
    assert word.replace("%%", "%") == program and (quoted is not None or name == "plain")


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["install-desktop", "--prefix", str(tmp_path / "file")]) == 1
    told = capsys.readouterr().err
    assert str(tmp_path / "file") in told and told.count("\n") == 1


def test_the_users_data_folder_is_the_one_that_the_desktop_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert desktop_entry.data_folder() == tmp_path
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert desktop_entry.data_folder() == tmp_path / ".local/share"


@pytest.mark.skipif(shutil.which("update-mime-database") is None, reason="update-mime-database is not installed")
def test_a_desktop_knows_the_files_by_their_content(tmp_path: Path) -> None:
    desktop_entry.install(tmp_path / "data")
    names = {"a": "sample/walk_reach_sit.c3d", "b": "sample/walk_reach_sit.bvh"}
    for name, sample in names.items():
        (tmp_path / name).write_bytes(resource(sample).read_bytes())
    (tmp_path / "c").write_text("PathFileType\t4\t(X/Y/Z)\tc.trc\n")
    (tmp_path / "d.mpm").touch()
    code = "import sys; from PySide6.QtCore import QMimeDatabase as D; print(*(D().mimeTypeForFile(p).name() for p in sys.argv[1:]))"
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    command = [sys.executable, "-c", code, *(str(tmp_path / name) for name in ("a", "b", "c", "d.mpm"))]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert found == ["application/x-c3d", "application/x-bvh", "application/x-opensim-trc", "application/x-mpm-studio-project"]
