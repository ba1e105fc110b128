"""The actions that change settings and choose models."""

from __future__ import annotations

from mpm_studio.operations import networks
from mpm_studio.palette import THEMES
from mpm_studio.settings import SHORT_GAPS_S
from mpm_studio.views.models_dialog import ask_models
from mpm_studio.views.settings_dialog import EDGES, Choices, ask_settings
from mpm_studio.window_parts import WindowParts


def choose_models(window: WindowParts) -> None:
    """Show the models and their cards, and use those that the user chose, once they are checked."""
    session, settings = window.session, window.settings
    chosen = ask_models(window, settings.networks(), settings.added_models())
    if chosen is None:
        return
    using, added = chosen

    def keep(checked: networks.Networks) -> None:
        settings.set_networks(checked)
        settings.set_added_models(added)

    session.run("Checking the models", networks.check, using, keep)


def change_settings(window: WindowParts) -> None:
    """Find the devices, ask the user, and save the answer once its model files are checked."""
    session, settings = window.session, window.settings

    def keep(chosen: Choices) -> None:
        settings.set_networks(chosen.networks)
        settings.set_choice("edges", chosen.edges)
        settings.set_choice("theme", chosen.theme)
        settings.set_switch("thumbnails", chosen.pictures)
        settings.set_choice("short_gap", chosen.short_gap)

    def ask(devices: list[str]) -> None:
        theme, pictures = settings.choice("theme", THEMES), settings.switch("thumbnails", True)
        short = settings.choice("short_gap", SHORT_GAPS_S)
        now = Choices(settings.networks(), settings.choice("edges", EDGES), theme, pictures, short)
        chosen = ask_settings(window, now, devices)
        if chosen is not None:
            session.run("Checking the settings", networks.check, chosen.networks, lambda _checked: keep(chosen))

    session.run("Settings", networks.devices, None, ask)
