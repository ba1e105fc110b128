"""One reader under atheris, until its processor time is over or something is found. Started by tests/fuzz.py, never by hand.

    python -m tests.fuzz_child JOB.json

The second opinion on C3D files is not asked: it runs in a limited process of its own, and would be most of the time.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import random
import re
import resource
import signal
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import atheris

from tests.guarded import HANG, SECONDS, SPARE, WAIT, vm

NUMBER = re.compile(rb"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")
NASTY = (
    b"0",
    b"-1",
    b"1e999",
    b"nan",
    b"4294967296",
    b"65535",
    b"-0",
    b"1e-320",
    b"2147483648",
    b"",
    b"9" * 400,
    b"1_0",
    b"NaN",
    b"0x1",
    b"3.5",
)
WORDS = tuple(
    bytes.fromhex(text) for text in ("0000", "ffff", "ff7f", "0080", "0100", "00000000", "ffffffff", "ffffff7f", "0000c07f", "0000807f")
)
MOST_BYTES = 64 << 10


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """A changed copy, at most `most` bytes: bits, blocks, numbers, lines or words; within a zip one member. The same for the same seed."""
    rng = random.Random(seed)
    if data.startswith(b"PK") and rng.random() < 0.7:
        return _in_zip(data, most, rng)[:most]
    return rng.choice((_bits, _blocks, _numbers, _lines, _words))(data, rng)[:most]


def _bits(data: bytes, rng: random.Random) -> bytes:
    """Up to eight flipped."""
    out = bytearray(data or b"\0")
    for _ in range(rng.randint(1, 8)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _blocks(data: bytes, rng: random.Random) -> bytes:
    """A block copied over, put in, or taken out."""
    size = rng.choice((1, 2, 4, 16, 64, 512))
    at, to = (rng.randrange(max(1, len(data) - size)) for _ in range(2))
    block = data[at : at + size]
    return rng.choice(
        (data[:to] + block + data[to + size :], data[:to] + block * rng.choice((1, 50)) + data[to:], data[:to] + data[to + size :])
    )


def _numbers(data: bytes, rng: random.Random) -> bytes:
    found = [match.span() for match in NUMBER.finditer(data[: 64 << 10])]
    for start, stop in sorted(rng.sample(found, min(len(found), rng.randint(1, 3))), reverse=True):
        data = data[:start] + rng.choice(NASTY) + data[stop:]
    return data


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    way = rng.randrange(4)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines[at:at] = [lines[other]] * rng.choice((1, 2, 200))
    elif way == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
    return b"\n".join(lines)


def _words(data: bytes, rng: random.Random) -> bytes:
    word = rng.choice(WORDS)
    at = rng.randrange(max(1, len(data) // 2)) * 2
    return data[:at] + word + data[at + len(word) :]


def _in_zip(data: bytes, most: int, rng: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, KeyError):
        return _bits(data, rng)
    if not members or sum(map(len, members.values())) > 4 * most:
        return _bits(data, rng)
    name = rng.choice(sorted(members))
    members[name] = mutated(members[name], most, rng.randrange(1 << 30))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return out.getvalue()


def place_of(error: BaseException) -> str:
    """What tells one finding from another: the kind of exception, and the last line of ours that it came through."""
    at, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "mpm_core" in file or not at:
            at = f"{Path(file).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {at}"


def watch(read: Callable[[], Any], file: Path, known: frozenset[str], told: Path, seconds: float) -> Callable[[bytes], None]:
    """What atheris calls with each input: write the file and read it; what is not a refusal a user can act on, and not known, is told.

    After so many seconds of processor time it ends the process by the signal at which the library tells what it did.
    """
    from mpm_core.errors import MpmError

    until = time.process_time() + seconds

    def one(data: bytes) -> None:
        began = time.process_time()
        if began > until:
            os.kill(os.getpid(), signal.SIGTERM)
        file.write_bytes(data)
        faulthandler.dump_traceback_later(SECONDS * WAIT - 1, exit=False)
        allow(vm("VmSize") + 2 * MOST_BYTES + SPARE)
        try:
            read()
        except MpmError as error:
            key = "" if error.where and error.hint else f"no place or hint: {error.what[:60]}"
            if key and key not in known:
                told.write_text(key)
                raise
        except Exception as error:
            key = place_of(error)
            if key not in known:
                told.write_text(key)
                raise
        finally:
            allow(None)  # the library's own tables grow without end
            faulthandler.cancel_dump_traceback_later()
        if time.process_time() - began > SECONDS and HANG not in known:
            told.write_text(HANG)
            raise TimeoutError(HANG)

    return one


def allow(size: int | None) -> None:
    """So much address space for this process, None = what there was at its start."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard if size is None else size, hard))


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    module, _, name = job["reader"].partition(":")
    with atheris.instrument_imports(include=["mpm_core"]):
        import mpm_core.io.c3d.second_opinion
        from mpm_core.io.registry import FORMATS, open_options

        for fmt in FORMATS:
            open_options(fmt)  # which imports its module
        read = getattr(import_module(module), name)
    mpm_core.io.c3d.second_opinion.LARGEST = -1
    reads = Path(job["reads"])
    one = watch(lambda: read(reads), Path(job["file"]), frozenset(job["known"]), Path(job["told"]), job["seconds"])
    flags = [f"-{flag}={value}" for flag, value in job["flags"].items()]
    more = {"custom_mutator": mutated} if job["ours"] else {}
    atheris.Setup([sys.argv[0], job["corpus"], *flags], one, **more)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
