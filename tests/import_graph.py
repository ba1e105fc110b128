"""How the modules of a package import each other, and in which circles: python -m tests.import_graph PACKAGE...

Imports within functions and for type checking count.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import grimp

Imports = Mapping[str, frozenset[str]]  # module -> what it imports


def imports_within(package: str) -> Imports:
    """Each module of a package, and those modules of the same package that it imports."""
    graph = grimp.build_graph(package, cache_dir=None)
    return {module: frozenset(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def circles(imports: Imports) -> list[list[str]]:
    """Modules that reach each other through imports, as sorted lists of two and more; empty when there is no circle.

    >>> circles({"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("b")})
    [['b', 'c']]
    """
    reached = {module: _reached_from(module, imports) for module in imports}
    together = {frozenset({module, *(other for other in reached[module] if module in reached[other])}) for module in imports}
    return sorted(sorted(group) for group in together if len(group) > 1)


def _reached_from(start: str, imports: Imports) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = imports[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def rooms(package: str, imports: Imports) -> Imports:
    """What stands directly in a package, files and folders, and what of these each imports; the package's own face is left out."""
    room = {module: ".".join(module.split(".")[: package.count(".") + 2]) for module in imports if module != package}
    found: dict[str, frozenset[str]] = {name: frozenset() for name in room.values()}
    for module, name in room.items():
        found[name] |= {room[other] for other in imports[module] if other in room} - {name}
    return found


def main(packages: list[str]) -> int:
    """Print the figures of each package. Returns 1 when there is a circle."""
    code = 0
    for package in packages:
        imports = imports_within(package)
        found = circles(imports)
        print(f"{package}: {len(imports)} modules, {sum(map(len, imports.values()))} imports between them, {len(found)} circles")  # noqa: T201
        top = rooms(package, imports)
        print(f"  {len(top)} files and folders at its root, {sum(map(len, top.values()))} imports between them")  # noqa: T201
        for group in found:
            print("  " + ", ".join(group))  # noqa: T201
        code = code or int(bool(found))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
