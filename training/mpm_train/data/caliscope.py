"""A caliscope (pyxy3d) session: a folder with config.toml, xy_*.csv and xyz_*.csv. F frames, L = 33 landmarks in MediaPipe's numbering."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.typing import Float

LANDMARKS = 33  # of the body; hands and face, whose numbers are above, are left out


@dataclass(frozen=True, slots=True)
class Session:
    """world_FL3: triangulated, metres. pixels: (F, L, 2) by the camera's port. cameras: its table in the settings. NaN = unknown."""

    rate_hz: float
    world_FL3: Float
    pixels: Mapping[int, Float]
    cameras: Mapping[int, dict[str, Any]]


def read_session(folder: Path) -> Session:
    """Raises what Python does for a file that is missing or other than expected."""
    (pixels_path,), (world_path,) = sorted(folder.rglob("xy_*.csv")), sorted(folder.rglob("xyz_*.csv"))
    settings = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))
    pixels_N5 = np.genfromtxt(pixels_path, delimiter=",", skip_header=1, usecols=(0, 1, 4, 5, 6))
    world_N5 = np.genfromtxt(world_path, delimiter=",", skip_header=1, usecols=(1, 2, 3, 4, 5))
    frames = 1 + int(max(pixels_N5[:, 0].max(), world_N5[:, 0].max()))
    ports = [int(port) for port in np.unique(pixels_N5[:, 1])]
    pixels = {port: _spread(np.delete(pixels_N5[pixels_N5[:, 1] == port], 1, axis=1), frames) for port in ports}
    return Session(float(settings["fps_recording"]), _spread(world_N5, frames), pixels, {port: settings[f"cam_{port}"] for port in ports})


def in_camera(world_FL3: Float, camera: Mapping[str, Any]) -> Float:
    """Positions in the axes of a camera of a session, metres."""
    return np.asarray(world_FL3 @ np.array(camera["rotation"]).T + np.array(camera["translation"]))


def _spread(rows: Float, frames: int) -> Float:
    """(F, L, D) from rows of frame, landmark, coordinates."""
    body = rows[rows[:, 1] < LANDMARKS]
    out: Float = np.full((frames, LANDMARKS, rows.shape[1] - 2), np.nan)
    out[body[:, 0].astype(int), body[:, 1].astype(int)] = body[:, 2:]
    return out
