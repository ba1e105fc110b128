"""The action that changes settings."""

from __future__ import annotations

from mpm_studio.operations import networks
from mpm_studio.palette import THEMES
from mpm_studio.views.settings_dialog import EDGES, Choices, ask_settings
from mpm_studio.window_parts import WindowParts


def change_settings(window: WindowParts) -> None:
    """Find the devices, ask the user, and save the answer once its model files are checked."""
    session, settings = window.session, window.settings

    def keep(chosen: Choices) -> None:
        settings.set_networks(chosen.networks)
        settings.set_choice("edges", chosen.edges)
        settings.set_choice("theme", chosen.theme)

    def ask(devices: list[str]) -> None:
        now = Choices(settings.networks(), settings.choice("edges", EDGES), settings.choice("theme", THEMES))
        chosen = ask_settings(window, now, devices)
        if chosen is not None:
            session.run("Checking the settings", networks.check, chosen.networks, lambda _checked: keep(chosen))

    session.run("Settings", networks.devices, None, ask)
