"""`python -m mpm_core.sample [FOLDER]`: write the bundled sample (in resources/sample, unless a folder is given)."""

from __future__ import annotations

import sys
from pathlib import Path

from mpm_core.resources import resource
from mpm_core.sample.write import write_sample

if __name__ == "__main__":
    write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else resource("sample"))
