"""Every action in one table: its name, icon and keys, why it may not be used now, and what it does (action.py)."""

from __future__ import annotations

from mpm_studio.actions.action import Action
from mpm_studio.actions.edit_menu import EDIT
from mpm_studio.actions.file_menu import FILE
from mpm_studio.actions.gaps_menu import GAPS
from mpm_studio.actions.play_menu import PLAY
from mpm_studio.actions.repair_menu import REPAIR
from mpm_studio.actions.take_menu import TAKE
from mpm_studio.actions.view_menu import HELP, VIEW

LINE = None  # a separator
ACTIONS: tuple[Action | None, ...] = (*FILE, *EDIT, *TAKE, *REPAIR, *GAPS, *PLAY, *VIEW, *HELP)
