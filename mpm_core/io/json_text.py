"""JSON read with care: errors name file and line, and long lists become arrays item by item."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mpm_core.errors import DAMAGED, FormatError, reason
from mpm_core.files.read import read_bytes

MAX_BYTES = 1 << 30
HOLLOW_BYTES, SPARE_BYTES = 5, 5 << 20  # a large file has at least so much text for each list or object: keypoints have ten times as much
BLANK = re.compile(r"[ \t\n\r]*")


class NotJson(json.JSONDecodeError):
    """As json.loads raises it, in our own words."""


def load_json(path: Path, parse: Callable[[str], Any] = json.loads) -> Any:
    """The value in a JSON file (UTF-8, a byte order mark is skipped). Raises FormatError naming file and line.

    parse: what makes a value of the text; raises what json.loads does.
    """
    where = str(path)
    try:
        text = read_bytes(path, MAX_BYTES).decode("utf-8-sig")
        if (text.count("[") + text.count("{")) * HOLLOW_BYTES > len(text) + SPARE_BYTES:
            raise FormatError("the file is little but brackets", where=where, hint=DAMAGED)
        return parse(text)
    except json.JSONDecodeError as error:
        detail = error.msg if isinstance(error, NotJson) else f"column {error.colno} is not as it should be"
        what = f"this is not valid JSON: {detail}"
        raise FormatError(what, where=f"{where}, line {error.lineno}", hint="it was cut off, or written by two programs at once") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"this is not UTF-8 text (byte {error.start})", where=where, hint=DAMAGED) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is not JSON that can be read ({reason(error)})", where=where, hint=DAMAGED) from error


def by_rows(text: str, by_key: Mapping[str, Callable[[Any], Any]], by_item: Callable[[Any], Any] | None = None) -> Any:
    """A JSON value as json.loads gives it, with the items of long lists converted as soon as each is read.

    by_key: in an object, what converts the items of the list with that key. by_item: in a list, what converts each item (None = nothing).
    So a long list never exists as Python's own numbers, which need many times the text's memory.

    >>> by_rows('{"xyz": [[1, 2], [3]], "unit": "m"}', {"xyz": sum})
    {'xyz': [3, 3], 'unit': 'm'}
    """
    decode = json.JSONDecoder().raw_decode

    def past(at: int, signs: str) -> tuple[str, int]:
        """The one of these signs that comes next, and the position after it and the blanks behind it."""
        if text[at : at + 1] not in tuple(signs):
            raise NotJson(f"expecting {' or '.join(signs)}", text, at)
        return text[at], blank(at + 1)

    def blank(at: int) -> int:
        return BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too

    def converted(at: int, convert: Callable[[Any], Any]) -> tuple[list[Any], int]:
        """A list with its items converted, and the position after it."""
        items = list[Any]()
        sign, at = past(at, "[")
        if text[at : at + 1] == "]":
            sign, at = past(at, "]")
        while sign != "]":
            item, at = decode(text, at)
            items.append(convert(item))
            sign, at = past(blank(at), ",]")
        return items, at

    def table(at: int) -> tuple[dict[str, Any], int]:
        """An object with the items of its lists converted, and the position after it."""
        pairs = dict[str, Any]()
        sign, at = past(at, "{")
        if text[at : at + 1] == "}":
            sign, at = past(at, "}")
        while sign != "}":
            key, at = decode(text, at)
            _, at = past(blank(at), ":")
            pairs[key], at = converted(at, by_key[key]) if key in by_key and text[at : at + 1] == "[" else decode(text, at)
            sign, at = past(blank(at), ",}")
        return pairs, at

    value: Any
    at = blank(0)
    if text[at : at + 1] == "{":
        value, at = table(at)
    elif text[at : at + 1] == "[" and by_item is not None:
        value, at = converted(at, by_item)
    else:
        return json.loads(text)
    if at < len(text):
        raise NotJson("extra text", text, at)
    return value
