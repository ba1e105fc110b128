"""`mpm-studio install-desktop`: the program in the desktop's menus, and its file types."""

from __future__ import annotations

from mpm_studio.commands.arguments import InstallDesktop
from mpm_studio.commands.console import say
from mpm_studio.operations.desktop_entry import data_folder, install, remove


def run(args: InstallDesktop) -> int:
    """Write the files, or delete them, and list them. Returns 0."""
    folder = args.prefix or data_folder()
    for path in remove(folder) if args.remove else install(folder):
        say(f"{'deleted' if args.remove else 'wrote'} {path}")
    if args.remove:
        say(f"nothing of mpm-studio is left in {folder}")
    return 0
