"""Many takes: past bad ones, gone on with, stopped, by a recipe, on a Dask cluster with the same bytes."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import mpm_core as mpm
from mpm_core.errors import FormatError
from mpm_studio.__main__ import main
from mpm_studio.batch import work
from mpm_studio.batch.pool import through_processes
from mpm_studio.batch.takes import outputs, takes
from mpm_studio.clean_recipe import Recipe, load_recipe, save_recipe, spelled_out
from mpm_studio.commands import clean_many
from mpm_studio.operations.mapping import remember
from tests.makers import person_bvh, smooth_take, with_gap
from tests.wholes import person

ROOT = Path(__file__).parents[2]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """3 takes with gaps of 10, 11 and 12 samples, one whole BVH, one damaged file, and what is not a take."""
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    for number, name in enumerate(("one.npz", "b/one.npz", "b/two.csv")):
        mpm.write(with_gap(smooth_take(frames=80, seed=number), 1, 30, 40 + number), folder / name)
    (folder / "walk.bvh").write_bytes(person_bvh(frames=8))
    (folder / "broken.c3d").write_bytes(b"\x02P" + bytes(600))
    (folder / "notes.txt").write_text("not a take")
    (folder / "table.json").write_text("[1, 2]")
    return folder


@pytest.fixture(scope="module")
def twelve_takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough work to be stopped in."""
    folder = tmp_path_factory.mktemp("twelve")
    mpm.write(with_gap(smooth_take(frames=1500, points=12), 1, 30, 60), folder / "take00.csv")
    for take in range(1, 12):
        shutil.copy(folder / "take00.csv", folder / f"take{take:02}.csv")
    return folder


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work of a batch is done here: what is written and told is the same, and no process has to start."""

    def through_this(jobs: Sequence[work.Job], _count: int) -> Iterator[tuple[int, dict[str, Any]]]:
        yield from ((number, work.work(job)) for number, job in enumerate(jobs))

    monkeypatch.setattr(clean_many, "through_processes", through_this)


def results(folder: Path) -> dict[str, bytes]:
    made = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".proof.json") and path.stem != "summary")
    return {str(path.relative_to(folder)): path.read_bytes() for path in made}


def clean(archive: Path, out: Path, *more: str) -> int:
    return main(["clean", str(archive), "-o", str(out), "--method", "hermite", *more])


def test_a_batch_goes_past_what_is_broken_sums_up_and_is_the_same_in_one_process(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    out = tmp_path / "out"
    assert clean(archive, out, "--jobs", "2") == 1
    assert sorted(results(out)) == ["b/one.npz", "b/two.csv", "one.npz", "walk.bvh"]
    summary = json.loads((out / "summary.json").read_text())
    totals = summary["totals"]
    assert (totals["takes"], totals["failed"], totals["done"]) == (5, 1, 4)
    assert (totals["filled"], totals["changed"], totals["gaps_remaining"]) == (33, 0, 0)
    by_name = {Path(row["source"]).name: row for row in summary["takes"]}
    assert by_name["broken.c3d"]["status"] == "failed" and by_name["broken.c3d"]["hint"]
    assert by_name["walk.bvh"]["measured"] == mpm.read(archive / "walk.bvh").measured_FP.sum()
    page = (out / "summary.html").read_text()
    assert "broken.c3d" in page and "http" not in page and "<script" not in page and "4 of 5" in page
    assert "failed: " in capsys.readouterr().out
    assert main(["verify", str(archive / "b/two.csv"), str(out / "b/two.csv")]) == 0
    request.getfixturevalue("in_this_process")
    clean(archive, tmp_path / "one")
    assert results(tmp_path / "one") == results(out) != {}


@pytest.mark.usefixtures("in_this_process")
def test_what_is_finished_is_not_done_again_unless_something_changed(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    (archive / "broken.c3d").unlink()
    assert clean(archive, out) == 0
    when = {name: (out / name).stat().st_mtime_ns for name in results(out)}

    def redone(*more: str) -> set[str]:
        assert clean(archive, out, *more) == 0
        now = {name: (out / name).stat().st_mtime_ns for name in when}
        changed = {name for name in when if now[name] != when[name]}
        when.update(now)
        totals = json.loads((out / "summary.json").read_text())["totals"]
        assert totals.get("done before", 0) == 4 - len(changed) and totals["filled"] == 33 + ("one.npz" in changed)
        return changed

    assert redone() == set()
    (out / "b/one.npz").write_bytes((out / "b/one.npz").read_bytes() + b"x")  # a damaged result
    assert clean(archive, out) == 1
    rows = json.loads((out / "summary.json").read_text())["takes"]
    (failed,) = [row for row in rows if row["status"] == "failed"]
    assert "of this name already" in failed["what"] and "--force" in failed["hint"]
    assert redone("--force") == {"b/one.npz"} and (out / "b/one.npz.bak").read_bytes().endswith(b"x")
    (out / "b/one.npz").unlink()  # and its proof is still there
    when["b/one.npz"] = 0
    assert redone() == {"b/one.npz"} and (out / "b/one.npz.proof.json.bak").exists()
    (out / "walk.bvh.proof.json").write_text("{}")
    (out / "walk.bvh").rename(tmp_path / "walk.bvh")
    capsys.readouterr()
    assert clean(archive, out) == 1 and (out / "walk.bvh.proof.json").read_text() == "{}" and not (out / "walk.bvh").exists()
    assert f"failed: {archive / 'walk.bvh'}: {out / 'walk.bvh.proof.json'}: there is a file" in capsys.readouterr().out
    (tmp_path / "walk.bvh").rename(out / "walk.bvh")
    assert redone("--force") == {"walk.bvh"}
    mpm.write(with_gap(smooth_take(frames=80), 1, 30, 41), archive / "one.npz")  # another source
    assert redone() == {"one.npz"}
    assert clean(archive, out, "--up", "z") == 0
    assert not any(row["status"] == "done before" for row in json.loads((out / "summary.json").read_text())["takes"])


@pytest.mark.slow
def test_one_process_and_several_write_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    clean(archive, tmp_path / "one", "--jobs", "1")
    clean(archive, tmp_path / "two", "--jobs", "2")
    assert results(tmp_path / "one") == results(tmp_path / "two") != {}


@pytest.mark.slow
@pytest.mark.usefixtures("in_this_process")
def test_a_dask_cluster_writes_the_same_bytes(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    clean(archive, tmp_path / "one")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        assert clean(archive, tmp_path / "two", "--scheduler", address) == 1
    assert results(tmp_path / "one") == results(tmp_path / "two") != {}
    totals = [json.loads((tmp_path / name / "summary.json").read_text())["totals"] for name in ("one", "two")]
    assert totals[0] == totals[1]
    capsys.readouterr()


@pytest.mark.slow
def test_no_scheduler_is_reported_in_one_line(archive: Path, tmp_path: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("mpm_studio.batch.pool.CONNECT_S", 1)
    assert clean(archive, tmp_path / "out", "--scheduler", "dask://127.0.0.1:9") == 1
    assert "no Dask scheduler" in capsys.readouterr().err
    assert clean(archive, tmp_path / "out", "--scheduler", "http://x") == 2


def dying(pipe: Any) -> None:
    """A worker that its second job kills."""
    while True:
        job = pipe.recv()
        if job.source == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        pipe.send({"source": job.source, "status": "done"})


def test_a_process_that_is_killed_fails_its_own_take_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpm_studio.batch.pool._serve", dying)
    jobs = [work.Job(name, "", {}) for name in ("a", "deadly", "b", "c", "d")]
    rows = dict(through_processes(jobs, 2))
    assert [rows[number]["status"] for number in range(5)] == ["done", "failed", "done", "done", "done"]
    assert "signal 9" in rows[1]["what"] and rows[1]["hint"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)])
def test_a_stopped_batch_leaves_nothing_half_written_and_goes_on(twelve_takes: Path, tmp_path: Path, number: int, code: int) -> None:
    folder, out = twelve_takes, tmp_path / "out"
    words = [sys.executable, "-m", "mpm_studio", "clean", str(folder), "-o", str(out), "--method", "linear"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    until = time.monotonic() + 300  # a loaded machine takes its time to start
    while not list(out.glob("take*.csv")) and time.monotonic() < until:
        time.sleep(0.05)
    child.send_signal(number)
    _, error = child.communicate(timeout=300)
    assert child.returncode == code and "goes on from there" in error, error
    done = sorted(path.name for path in out.glob("take*.csv"))
    assert 0 < len(done) < 12
    assert not list(out.glob(".*"))
    summary = json.loads((out / "summary.json").read_text())
    assert summary["stopped"] and len(summary["takes"]) <= len(done)
    assert all(main(["verify", str(folder / name), str(out / name)]) == 0 for name in done[:1])


def test_takes_and_places(archive: Path, tmp_path: Path) -> None:
    (archive / "loop").symlink_to(archive)
    keypoint_clip(archive / "clip_json")
    out = archive / "out"
    out.mkdir()
    (out / "old.npz").write_bytes(b"x")
    found = takes([archive], out)
    names = ["b/one.npz", "b/two.csv", "broken.c3d", "clip_json", "one.npz", "walk.bvh"]
    assert [place.as_posix() for _, place in found] == names
    assert [path.relative_to(out).as_posix() for path in outputs(found, out, None)][3] == "clip_json.npz"
    twice = takes([archive / "b", archive / "one.npz", archive / "b"], out)
    places = [path.relative_to(out).as_posix() for path in outputs(twice, out, "npz")]
    assert places == ["b/one.npz", "b/two.npz", "one.npz", "b/one.npz.npz", "b/two.csv.npz"]
    with pytest.raises(FormatError, match="no such file"):
        takes([tmp_path / "none"], out)


def keypoint_clip(folder: Path) -> Path:
    folder.mkdir()
    for number in range(3):
        frame = {"people": [{"pose_keypoints_2d": person("BODY_25", number)}]}
        (folder / f"clip_{number:012d}_keypoints.json").write_text(json.dumps(frame))
    return folder


@pytest.mark.parametrize("link", [False, True])
def test_no_result_takes_the_place_of_another_source(archive: Path, tmp_path: Path, link: bool, capsys: pytest.CaptureFixture[str]) -> None:
    out = archive
    if link:
        (out := tmp_path / "out").mkdir()
        os.link(archive / "b/two.csv", out / "one.csv")
    before = results(archive) | results(out)
    assert clean(archive, out, "--to", "csv" if link else "npz") == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert results(archive) | results(out) == before


@pytest.mark.usefixtures("in_this_process")
def test_a_folder_that_is_one_take_keeps_its_name(tmp_path: Path) -> None:
    clip, out = keypoint_clip(tmp_path / "clip.json"), tmp_path / "out"
    assert main(["clean", str(clip), "-o", str(out), "--method", "linear"]) == 0
    assert list(results(out)) == ["clip.json.npz"]


WITHOUT_RIGHTS = """
import os, sys
from pathlib import Path
import mpm_core as mpm
from mpm_studio.batch.takes import takes
from mpm_core.io.registry import FORMATS, open_options
for fmt in FORMATS:
    open_options(fmt)
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for path, _ in takes([Path(sys.argv[1])], Path("/nowhere")):
    try:
        mpm.read(path)
    except mpm.FormatError as error:
        print(path.name, "|", error.what, "|", error.hint)
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_folders_and_files_that_may_not_be_opened_are_reported(tmp_path: Path) -> None:
    locked, file = keypoint_clip(tmp_path / "locked"), tmp_path / "take.npz"
    mpm.write(smooth_take(), file)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.getuid() and parent.stat().st_mode & 0o777 == 0o700:
            parent.chmod(0o755)  # pytest's own folders: the child is another user
    tmp_path.chmod(0o755)
    locked.chmod(0)
    file.chmod(0)
    try:
        done = subprocess.run([sys.executable, "-c", WITHOUT_RIGHTS, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False)
    finally:
        locked.chmod(0o755)
    said = "this cannot be opened: Permission denied | check its permissions"
    assert done.stdout.splitlines() == [f"locked | {said}", f"take.npz | {said}"], done


@pytest.mark.parametrize("name", ["studio.toml", "studio.json"])
def test_a_recipe_comes_back_as_it_was_saved(name: str, tmp_path: Path) -> None:
    model = tmp_path / "models" / "own.safetensors"
    recipe = Recipe(
        {"method": "rigid", "model": str(model), "donors": ["LFHD", 'odd "name"'], "only_marked": False, "max_gap": 1.5, "max_sigma": 50},
        {"unit": "mm", "zero_is_missing": True, "fps": 59.94},
        {"left_wrist": "Ünüsual\tpoint", "hip": "[x]"},
    )
    save_recipe(recipe, tmp_path / name)
    assert load_recipe(tmp_path / name) == recipe
    assert "models/own" in (tmp_path / name).read_text(encoding="utf-8") and str(tmp_path) not in (tmp_path / name).read_text()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("method = 'auto'", "recipe = 1"),
        ("recipe = 2", "recipe = 1"),
        ("recipe = 1\nmehtod = 'auto'", "'mehtod'"),
        ("recipe = 1\nmethod = 3", "of the wrong kind"),
        ("recipe = 1\n[read]\nfps = true", "of the wrong kind"),
        ("recipe = 1\n[read]\nside = 'left'", "'side'"),
        ("recipe = 1\n[body]\nhip = 3", "joint = point"),
        ("recipe = ", "not whole"),
    ],
)
def test_a_recipe_that_is_not_understood_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(FormatError, match=expected) as caught:
        load_recipe(tmp_path / "r.toml")
    assert caught.value.where and caught.value.hint


def test_clean_follows_a_recipe_and_what_is_said_besides_counts_more(archive: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.toml"
    save_recipe(Recipe({"method": "linear"}, {"up": "x"}, {}), recipe)
    assert spelled_out(["clean", "a", "--recipe", str(recipe)])[:3] == ["clean", "--method=linear", "--up=x"]
    out = tmp_path / "out.npz"
    for words, method in (([], "linear"), (["--method", "pchip"], "pchip")):
        assert main(["clean", str(archive / "walk.bvh"), "-o", str(out), "--recipe", str(recipe), "--force", *words]) == 0
        proof = json.loads((tmp_path / "out.npz.proof.json").read_text())
        assert proof["method"] == method and proof["settings"]["read"]["up"] == "x"


def test_one_takes_options_and_many_takes_options_are_distinguished(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = str(archive / "one.npz")
    assert main(["clean", one, "-o", str(tmp_path / "o.npz"), "--jobs", "2"]) == 2
    assert clean(archive, tmp_path / "out", "--to", "docx") == 2
    assert clean(archive, tmp_path / "out", "--jobs", "0") == 2
    assert main(["clean", one, str(archive / "b/one.npz"), "-o", one]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("in_this_process")
def test_the_saved_map_that_a_take_is_cleaned_by_is_recorded_and_another_cleans_it_again(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    out = tmp_path / "out"

    def cleaned() -> tuple[str, dict[str, str]]:
        """The status of one.npz, and the body that its proof records."""
        assert clean(archive, out) == 1
        rows = json.loads((out / "summary.json").read_text())["takes"]
        (status,) = [row["status"] for row in rows if row["output"] == str(out / "one.npz")]
        return status, json.loads((out / "one.npz.proof.json").read_text())["settings"]["body"]

    assert cleaned() == ("done", {})
    remember("mine", {"c7": "P0", "t10": "P1", "clavicle": "P2"}, {})
    body = {"c7": "P0", "t10": "P1", "clavicle": "P2"}
    assert cleaned() == ("done", body)
    assert cleaned() == ("done before", body)
