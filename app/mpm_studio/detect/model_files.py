"""Where the networks come from: a wheel of MediaPipe, its `.task` file, a folder, or MediaPipe where it is installed. None is shipped."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mpm_core.errors import FormatError, ModelError
from mpm_core.io.zip_members import open_archive, read_member

PERSON, LANDMARKS = "pose_detect", "pose_landmark"  # in the names of the networks' files
MOST_MB = 64  # of a network
WHEEL = "mediapipe==0.10.21"  # carries both, under the Apache licence 2.0; later ones carry none
GET = f"`pip download --no-deps {WHEEL}` brings a wheel that carries them; name it with --model"


@dataclass(frozen=True, slots=True)
class PoseModels:
    """The bytes of the network that finds a person, and of the one that finds its landmarks. source: what the user is told."""

    person: bytes
    landmarks: bytes
    source: str


def load_models(path: Path | None) -> PoseModels:
    """Raises ModelError when they are not there."""
    if path is None:
        spec = find_spec("mediapipe")
        path = None if spec is None or spec.origin is None else Path(spec.origin).parent
        if path is None:
            raise ModelError("no networks to find people with", hint=GET)
    if not path.exists():
        raise ModelError("there is no such file", where=str(path), hint=GET)
    found = _in_folder(path) if path.is_dir() else _in_archive(path)
    missing = [kind for kind in (PERSON, LANDMARKS) if kind not in found]
    if missing:
        raise ModelError(f"there is no {' and no '.join(f'{kind}*.tflite' for kind in missing)} in it", where=str(path), hint=GET)
    return PoseModels(found[PERSON], found[LANDMARKS], str(path))


def _in_folder(path: Path) -> dict[str, bytes]:
    files = {str(file): file for file in sorted(path.rglob("*.tflite"))}
    chosen = _chosen(list(files))
    for kind, name in chosen.items():
        if files[name].stat().st_size > MOST_MB << 20:
            raise ModelError(f"the network {kind} has more than {MOST_MB} MB", where=name, hint=GET)
    return {kind: files[name].read_bytes() for kind, name in chosen.items()}


def _in_archive(path: Path) -> dict[str, bytes]:
    try:
        with open_archive(path) as archive:
            chosen = _chosen([name for name in archive.namelist() if name.endswith(".tflite")])
            for kind, name in chosen.items():
                if archive.getinfo(name).file_size > MOST_MB << 20:
                    raise ModelError(f"the network {kind} has more than {MOST_MB} MB", where=str(path), hint=GET)
            return {kind: read_member(archive, name, str(path)) for kind, name in chosen.items()}
    except FormatError as error:
        raise ModelError("this is not a wheel, a .task file or a folder of networks", where=str(path), hint=GET) from error


def _chosen(names: list[str]) -> dict[str, str]:
    """The file of each kind; of several the largest by name: heavy, full, lite."""
    found: dict[str, str] = {}
    for name in sorted(names, key=_size_rank):
        kind = next((kind for kind in (PERSON, LANDMARKS) if kind in Path(name).name), None)
        if kind is not None:
            found.setdefault(kind, name)
    return found


def _size_rank(name: str) -> int:
    return next((rank for rank, word in enumerate(("heavy", "full", "lite")) if word in Path(name).name), 3)
