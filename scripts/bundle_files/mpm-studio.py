"""The bundle's start. Its children are started as `mpm-studio -m MODULE ...`, as Python would be: a bundle has no other interpreter."""

import multiprocessing
import os
import runpy
import sys

# The loader has read it, and programs of the system that are started from here (a browser, say) must not find the bundle's libraries.
before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
os.environ.pop("LD_LIBRARY_PATH", None)
if before is not None:
    os.environ["LD_LIBRARY_PATH"] = before

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["-m"]:
        sys.argv = sys.argv[2:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        from mpm_studio.__main__ import main

        sys.exit(main())
