"""A program of its own: reads one C3D file through ezc3d, which can kill or freeze its process. Run by second_opinion.py, never imported.

    python ezc3d_process.py FILE FOLDER MEGABYTES SECONDS

leaves FOLDER/points.npy (3, columns, frames) float32 in file units and FOLDER/rate.txt.
"""

import sys
from pathlib import Path


def limit(megabytes: int, seconds: int) -> None:
    """Cap memory, processor time and core dumps where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Write points.npy (3, P, F) and rate.txt of a file into a folder. Arguments: file, folder, limits in megabytes and in seconds."""
    path, folder, megabytes, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    limit(megabytes, seconds)
    import ezc3d
    import numpy as np

    c3d = ezc3d.c3d(path)
    np.save(folder / "points.npy", c3d["data"]["points"][:3].astype(np.float32))
    (folder / "rate.txt").write_text(repr(float(c3d["header"]["points"]["frame_rate"])), encoding="ascii")


if __name__ == "__main__":
    main()
