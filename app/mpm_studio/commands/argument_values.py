"""How the words of a command line become values: tyro's rules, without Python's names of types in help and messages."""

from __future__ import annotations

from dataclasses import replace
from types import NoneType, UnionType
from typing import Any, Union, get_args

from tyro.constructors import ConstructorRegistry, PrimitiveConstructorSpec, PrimitiveTypeInfo, UnsupportedTypeAnnotationError

NUMBERS = {float: "a number", int: "a whole number"}


def argument_values() -> ConstructorRegistry:
    """For `tyro.cli`: a value that may be left out has the same choices and errors as one that may not; `None` is not one of its values."""
    rules = ConstructorRegistry()
    rules.primitive_rule(_number)
    rules.primitive_rule(_optional)
    return rules


def _number(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | None:
    kind, name = info.type, NUMBERS.get(info.type)
    if name is None:
        return None

    def parsed(words: list[str]) -> Any:
        try:
            return kind(words[0])
        except ValueError:
            raise ValueError(f"{words[0]!r} is not {name}") from None

    return PrimitiveConstructorSpec(1, kind.__name__.upper(), parsed, lambda value: isinstance(value, kind), lambda value: [str(value)])


def _optional(info: PrimitiveTypeInfo) -> PrimitiveConstructorSpec[Any] | UnsupportedTypeAnnotationError | None:
    kinds = [kind for kind in get_args(info.type) if kind is not NoneType]
    if info.type_origin not in (Union, UnionType) or len(kinds) != 1:
        return None
    given = ConstructorRegistry.get_primitive_spec(PrimitiveTypeInfo.make(kinds[0], info.markers))
    if isinstance(given, UnsupportedTypeAnnotationError):
        return given
    is_instance, words_of = given.is_instance, given.str_from_instance
    return replace(
        given,
        is_instance=lambda value: value is None or is_instance(value),
        str_from_instance=lambda value: ["none"] if value is None else words_of(value),
    )
