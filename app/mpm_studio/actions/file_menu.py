"""The File menu."""

from __future__ import annotations

from mpm_studio.actions.action import Action, always, idle, loaded_3d, pictured, ready, ready_3d
from mpm_studio.flows import file, pictures, recipes, settings, video
from mpm_studio.session import Session


def _drawn(session: Session) -> str:
    return loaded_3d(session) or ("a job is running" if session.jobs.busy else "")


def _several_people(session: Session) -> str:
    if (problem := ready(session)) or file.people_source(session) is not None:
        return problem
    if session.project_path is not None and session.document is not None and session.document.original.dims == 2:
        return "this project does not say who else is in its keypoint file: open that to choose"
    return "the file that is open shows no second person"


FILE: tuple[Action | None, ...] = (
    Action("open", "&File", "&Open…", "open", ("Ctrl+O",), always, file.open_file, "Open a motion file"),
    Action(
        "open_folder",
        "&File",
        "Open &folder…",
        "folder",
        ("Ctrl+Shift+O",),
        always,
        file.open_folder,
        "Open a folder of keypoint files",
    ),
    Action("open_as", "&File", "Open &with options…", "", (), always, file.open_as, "Give a file's unit, up axis, columns or 2D points"),
    Action("read_again", "&File", "&How it was read…", "", (), ready, file.read_again, "Show and overrule what was detected"),
    Action(
        "person",
        "&File",
        "Choose the &person…",
        "",
        (),
        _several_people,
        file.choose_person,
        "See who is in the keypoints, and read another person",
    ),
    Action("video", "&File", "Choose &video…", "", (), pictured, video.choose, "Show the video behind the keypoints"),
    Action("video_offset", "&File", "Vi&deo offset…", "", (), pictured, video.ask_offset, "Say where in the video the take begins"),
    Action("no_video", "&File", "Take the video awa&y", "", (), pictured, lambda window: window.video.close()),
    None,
    Action("save", "&File", "&Save project", "save", ("Ctrl+S",), ready, file.save, "Save the project, with marks and fills"),
    Action("save_as", "&File", "Save project &as…", "save", ("Ctrl+Shift+S",), ready, file.save_as),
    Action("recipe", "&File", "Re&cipe…", "", (), ready, recipes.ask_recipe, "What was done here as a recipe for other takes"),
    Action("queue", "&File", "Clean other &takes…", "", ("Ctrl+B",), always, recipes.show_queue, "Clean many files by a recipe"),
    Action(
        "picture",
        "&File",
        "Save a p&icture…",
        "",
        ("Ctrl+Shift+P",),
        _drawn,
        pictures.save_picture,
        "Save what the 3D view shows as PNG",
    ),
    Action(
        "turntable",
        "&File",
        "&Make a turntable film…",
        "",
        (),
        ready_3d,
        pictures.make_turntable,
        "Save an MP4 with the camera turning around the body once",
    ),
    Action("export", "&File", "&Export…", "export", ("Ctrl+E",), ready, file.export, "Write a motion file for the next program"),
    None,
    Action("models", "&File", "Mode&ls…", "", (), idle, settings.choose_models, "Model files with their cards, and which are used"),
    Action(
        "settings",
        "&File",
        "Settin&gs…",
        "",
        ("Ctrl+,",),
        idle,
        settings.change_settings,
        "Device, model files, and edges in the 3D view",
    ),
    None,
    Action("quit", "&File", "&Quit", "close", ("Ctrl+Q",), always, lambda window: window.close()),
)
