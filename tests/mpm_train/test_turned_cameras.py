"""Real cameras that are mounted on their sides, lifted without a word about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpm_core.lift import lift_take
from mpm_core.world_fit.camera import quarter_turns
from mpm_core.world_fit.options import LiftOptions
from mpm_train.data.calibrated import read_calibrated


@pytest.mark.parametrize("name", ["camera 1", "camera 2"])
def test_a_camera_on_its_side_is_found_to_be(name: str, samples_dir: Path) -> None:
    """Only the upper body is in the picture, so the poses are surer for the turned one by little."""
    session = samples_dir / "paired" / "pyxy3d" / "sessions" / "4_cam_recording"
    if not session.is_dir():
        pytest.skip("the calibrated recording is not here")
    (view,) = (view for view in read_calibrated(session) if view.name == name)
    camera = lift_take(view.recording, LiftOptions(size=view.image_wh)).camera
    assert quarter_turns(camera.turn_33[:, 2]) in (1, 3)
