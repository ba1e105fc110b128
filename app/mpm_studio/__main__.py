"""mpm-studio: a command, or a file to open in the window. What a start does not need is imported where it is needed."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

DESCRIPTION = """Repair motion capture: complete missing 3D joints, lift 2D keypoints to 3D.

`mpm-studio [FILE]` opens the window, with FILE in it. `mpm-studio COMMAND --help` says more about a command.

Exit codes: 0 done; 1 an error, in one line; 2 wrong arguments; 3 written, but gaps remain; 4 `verify`: something measured changed;
130 stopped by Ctrl-C, 143 by SIGTERM, nothing half-written."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program. Returns the exit code: 0 done, 1 error, 2 wrong arguments, 3 done but gaps remain, 130 Ctrl-C."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return _run(words)
    except KeyboardInterrupt as stop:
        return _stopped(words, stop)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the last door: everything is reported in one line, with its traceback under --debug
        return _report(error, words)


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        from importlib.metadata import version

        sys.stdout.write(f"mpm-studio {version('mpm-studio')}\n")
        return 0
    from mpm_studio.commands.arguments import COMMANDS

    if not words or (not words[0].startswith("-") and words[0] not in COMMANDS):
        return _window(words)
    if words[0] == "clean":
        from mpm_studio.clean_recipe import spelled_out

        words = spelled_out(words)
    arguments = _parse(words)
    if isinstance(arguments, int):
        return arguments
    from importlib import import_module

    from mpm_studio.command_signals import orderly_end

    with orderly_end():
        code: int = import_module(f"mpm_studio.commands.{words[0].replace('-', '_')}").run(arguments)
    sys.stdout.flush()
    return code


def _parse(words: list[str]) -> Any:
    """The command's dataclass, or an exit code when tyro has printed help or what is wrong."""
    import tyro

    from mpm_studio.commands.argument_values import argument_values
    from mpm_studio.commands.arguments import Arguments

    try:
        return tyro.cli(
            Arguments,
            prog="mpm-studio",
            description=DESCRIPTION,
            args=words,
            registry=argument_values(),
            config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitSubcommandPrefixes),
        )
    except SystemExit as end:
        if end.code:
            from mpm_studio.commands.suggestions import advice

            for line in advice(words):
                _warn(line)
        return end.code if isinstance(end.code, int) else 2


def _window(words: list[str]) -> int:
    from difflib import get_close_matches
    from pathlib import Path

    from mpm_studio.commands.arguments import COMMANDS
    from mpm_studio.usage_error import UsageError

    path = Path(words[0]) if words else None
    if path is not None and (len(words) > 1 or not path.exists()):
        near = get_close_matches(words[0], COMMANDS, 1)
        hint = f"did you mean the command {near[0]}?" if near else f"commands: {', '.join(COMMANDS)}"
        if path.suffix and not near:
            hint = "check the path; a name with blanks needs quotes"
        if len(words) > 1:
            raise UsageError(f"{words[0]!r} is not a command, and only one file can be opened at a time ({hint})")
        from mpm_core import FormatError

        raise FormatError("there is no such file", where=words[0], hint=hint)
    from mpm_studio import display

    problem = display.problem()
    if problem:
        from mpm_core import MpmError

        raise MpmError(problem, hint=f"the commands need none: {', '.join(COMMANDS)}")
    from mpm_studio.start import run

    return run(path)


def _stopped(words: list[str], stop: BaseException | None = None) -> int:
    """What is finished stays: the demo and a batch write many files, every other command one."""
    from mpm_studio.command_signals import TERMINATED, Terminated

    _warn(str(stop) if stop is not None and str(stop) else "stopped" if words[:1] == ["demo"] else "stopped; nothing was written")
    return TERMINATED if isinstance(stop, Terminated) else 130


def _report(error: Exception, words: list[str]) -> int:
    from mpm_core import Cancelled, MpmError
    from mpm_studio.usage_error import UsageError

    if "--debug" in words:
        traceback.print_exception(error)
    if isinstance(error, Cancelled):
        return _stopped(words)
    if isinstance(error, UsageError):
        _warn(str(error))
        return 2
    if isinstance(error, MpmError):
        _warn(str(error))
    elif isinstance(error, OSError):
        _warn(f"{error.filename or 'the system'}: {error.strerror or error}")
    else:
        _warn(f"an error in the program itself, {type(error).__name__}: {error} (run it again with --debug for where it happened)")
    return 1


def _warn(line: str) -> None:
    """One line on stderr, with the program's name before it."""
    from mpm_core.errors import printable

    sys.stderr.write(f"mpm-studio: {printable(' '.join(line.split()))}\n")


if __name__ == "__main__":
    sys.exit(main())
