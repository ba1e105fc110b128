"""How fast the real window is with a 60-point, 20,000-frame take: `xvfb-run -a .venv/bin/python -m tests.mpm_studio.bench_window`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_studio.render.surface import prepare
from tests.makers import smooth_take, with_gap

FRAMES, POINTS, SCRUBS, LONGEST_S = 20_000, 60, 120, 60.0


def main() -> None:
    prepare()
    from PySide6.QtWidgets import QApplication

    from mpm_studio import theme
    from mpm_studio.settings import Settings
    from mpm_studio.window import Window

    application = QApplication([])
    theme.apply(application)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.c3d"
        mpm.write(with_gap(smooth_take(FRAMES, POINTS, 200.0), 3, 500, 900), path)
        window = Window(Settings(Path(folder) / "settings.ini"))
        window.resize(1280, 800)
        window.show()
        application.processEvents()
        opened: list[bool] = []
        window.session.opened.connect(lambda: opened.append(True))
        began = time.perf_counter()
        window.open_path(path)
        while not opened and time.perf_counter() - began < LONGEST_S:
            application.processEvents()
        application.processEvents()
        sys.stdout.write(f"open to shown: {time.perf_counter() - began:.2f} s\n")
        steps = []
        for frame in np.linspace(0, FRAMES - 1, SCRUBS).astype(int):
            began = time.perf_counter()
            window.session.set_frame(int(frame))
            application.processEvents()
            steps.append(time.perf_counter() - began)
        sys.stdout.write(
            f"scrubbing the whole window: median {1 / np.median(steps):.0f} frames a second, slowest step {max(steps) * 1000:.0f} ms\n"
        )
        window.close()


if __name__ == "__main__":
    main()
