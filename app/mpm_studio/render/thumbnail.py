"""A small picture of a file: `python -m mpm_studio.render.thumbnail FILE OUT.png THEME`, in a process of its own, of low priority."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from mpm_studio import palette

SIZE = (480, 300)


def main(source: str, out: str, theme: str) -> None:
    """Read a file and draw some of its poses. Raises MpmError."""
    with suppress(OSError, AttributeError):  # a system without priorities
        os.nice(10)
    palette.use(theme)
    import mpm_core as mpm
    from mpm_core.errors import DataError
    from mpm_studio.render.picture import render_picture

    rec = mpm.read(Path(source))
    share_F = rec.visible_FP.mean(axis=1) if rec.frames else []
    if not rec.frames or not max(share_F):
        raise DataError("there is nothing to draw in this take", where=source)
    best = [frame for frame, share in enumerate(share_F) if share >= max(share_F)]
    render_picture([(rec, None, best[len(best) // 2], "")], out, SIZE, words=False, theme=theme)


if __name__ == "__main__":
    from mpm_core.errors import MpmError

    try:
        main(*sys.argv[1:])
    except MpmError as error:
        sys.exit(str(error))
