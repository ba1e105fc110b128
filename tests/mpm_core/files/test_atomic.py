"""Either the old file or the new one: on a full disk, without permission, after a kill; and nothing half-written is left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mpm_core.errors import FormatError
from mpm_core.files import leftovers
from mpm_core.files.atomic import atomic_write, backup, write_bytes
from mpm_core.files.staged import staged

posix = pytest.mark.skipif(os.name != "posix", reason="limits, permissions and process numbers of POSIX")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def in_child(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[3])


FULL = """
import resource, signal, sys
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.files.staged import staged
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
out = __import__("pathlib").Path(sys.argv[1])
for write in (write_bytes, lambda path, data: staged(path).__enter__().write_bytes(data)):
    try:
        write(out, b"new" * 10_000)
    except (FormatError, OSError) as error:
        print(type(error).__name__, error)
"""


@posix
def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "take.mpm"
    out.write_bytes(b"old")
    done = in_child(FULL, str(out))
    assert "FormatError" in done.stdout and "File too large" in done.stdout and str(out) in done.stdout, done
    assert out.read_bytes() == b"old"
    assert names(tmp_path) == ["take.mpm"]


@posix
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """On a real small disk, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        out = disk / "take.mpm"
        write_bytes(out, b"old" * 1000)
        with pytest.raises(FormatError, match="No space left") as caught:
            write_bytes(out, b"new" * 40_000)
        assert "free some space" in caught.value.hint
        with pytest.raises(OSError, match="No space left"), staged(out) as path:
            path.write_bytes(b"new" * 40_000)
        assert out.read_bytes() == b"old" * 1000
        assert names(disk) == ["take.mpm"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


NO_RIGHT = """
import os, sys
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_bytes
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    write_bytes(sys.argv[1], b"new")
except FormatError as error:
    print(error.what, "|", error.where, "|", error.hint)
"""


@posix
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    out = folder / "take.mpm"
    out.write_bytes(b"old")
    for parent in [folder, *folder.parents]:
        if parent.stat().st_uid == os.getuid() and parent != folder and parent.stat().st_mode & 0o777 == 0o700:
            parent.chmod(0o755)  # pytest's own folders: the child is another user
    folder.chmod(0o555)
    try:
        done = in_child(NO_RIGHT, str(out))
        assert done.stdout.strip() == f"cannot write here: Permission denied | {out} | you may not write here; choose another folder", done
        assert out.read_bytes() == b"old"
    finally:
        folder.chmod(0o755)


def test_a_write_protected_file_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "take.mpm"
    out.write_bytes(b"old")
    out.chmod(0o444)
    for write in (lambda: write_bytes(out, b"new"), lambda: staged(out).__enter__()):
        with pytest.raises(FormatError, match="write-protected"):
            write()
    assert out.read_bytes() == b"old"
    assert names(tmp_path) == ["take.mpm"]
    out.chmod(0o644)


@posix
def test_a_link_stays_a_link_and_a_private_file_private(tmp_path: Path) -> None:
    real, link = tmp_path / "real.mpm", tmp_path / "link.mpm"
    real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to(real)
    write_bytes(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    with staged(link) as path:
        path.write_bytes(b"newer")
    assert link.is_symlink() and real.read_bytes() == b"newer"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_an_error_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "take.mpm"
    out.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), atomic_write(out) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert out.read_bytes() == b"old"
    assert names(tmp_path) == ["take.mpm"]


def test_what_is_replaced_is_kept_on_request_under_a_free_name(tmp_path: Path) -> None:
    out = tmp_path / "take.c3d"
    for number in range(3):
        with staged(out, keep_old=True) as path:
            path.write_bytes(b"%d" % number)
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == {
        "take.c3d": b"2",
        "take.c3d.bak": b"0",
        "take.c3d.bak2": b"1",
    }
    assert backup(out).name == "take.c3d.bak3"


KILLED = """
import os, signal, sys
from pathlib import Path
from mpm_core.files.atomic import atomic_write
from mpm_core.files.staged import staged
out = Path(sys.argv[1])
with staged(out) as path, atomic_write(out.with_name("other")) as file:
    path.write_bytes(b"half")
    file.write(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@posix
def test_what_a_killed_process_left_is_cleared_by_the_next_writer_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "take.mpm"
    out.write_bytes(b"old")
    assert in_child(KILLED, str(out)).returncode == -signal.SIGKILL
    assert out.read_bytes() == b"old" and len(names(tmp_path)) == 3
    alive = tmp_path / f"{leftovers.owned(leftovers.PREFIX)}x"
    elsewhere = tmp_path / f"{leftovers.PREFIX}00000000-1-x"
    theirs = tmp_path / ".mpm-studio-settings"
    for path in (alive, elsewhere, theirs):
        path.mkdir()
    write_bytes(out, b"new")
    assert names(tmp_path) == sorted(["take.mpm", alive.name, elsewhere.name, theirs.name])


TERMINATED = """
import os, signal, sys
from mpm_studio.__main__ import main
import mpm_core as mpm
def interrupted(*words, **more):
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
mpm.write = interrupted
import mpm_studio.operations.writable
mpm_studio.operations.writable.write = interrupted
sys.exit(main(["clean", sys.argv[1], "-o", sys.argv[2]]))
"""


@posix
def test_sigterm_leaves_nothing_behind(tmp_path: Path) -> None:
    import mpm_core as mpm
    from tests.makers import smooth_take, with_gap

    mpm.write(with_gap(smooth_take(), 1, 30, 40), tmp_path / "in.npz")
    done = in_child(TERMINATED, str(tmp_path / "in.npz"), str(tmp_path / "out.npz"))
    assert done.returncode == 143 and "stopped" in done.stderr, done
    assert names(tmp_path) == ["in.npz"]
