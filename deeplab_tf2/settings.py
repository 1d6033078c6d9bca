"""What every group of settings is made of: fields with help, strict dictionaries, one kind of error."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Self


class InputError(ValueError):
    """Input that cannot be used: the message says what was found, what is legal and how to mend it."""


def leaf(default: Any, help: str) -> Any:
    """A configuration field with its help text."""
    return dataclasses.field(default=default, metadata={"help": help})


def check(condition: bool, message: str) -> None:
    """Raises an `InputError` with `message` unless `condition` holds."""
    if not condition:
        raise InputError(message)


def check_choices(config: Config) -> None:
    """Refuses words that are no choice of their field, in the fields whose words are a `Literal`."""
    for name, hint in typing.get_type_hints(type(config)).items():
        legal = words(hint) or (typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else ())
        value = getattr(config, name)
        check(
            not legal or not isinstance(value, str) or value in legal,
            f"{name} is {value!r}; legal are {', '.join(legal)}",
        )


class Config:
    """What every configuration can do: become a dictionary, and come back from one strictly."""

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON-ready values."""
        return json.loads(json.dumps(dataclasses.asdict(self)))  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The configuration that `to_dict` described.

        Raises:
            InputError: a key is unknown or missing, or a value is not legal for its field.
        """
        hints = typing.get_type_hints(cls)
        check(isinstance(values, Mapping), f"{cls.__name__} is {_cut(values)}; legal is an object of named values")
        unknown = sorted(set(values) - set(hints))
        check(
            not unknown,
            f"{cls.__name__} has no field {', '.join(unknown)}; it has {', '.join(sorted(hints))}",
        )
        needed = [field.name for field in dataclasses.fields(cls) if _is_needed(field)]  # type: ignore[arg-type]
        missing = [name for name in needed if name not in values]
        check(not missing, f"{cls.__name__} has no {', '.join(missing)}")
        restored = {name: _restore(hints[name], value) for name, value in values.items()}
        for name, value in restored.items():
            check(_fits(hints[name], value), f"{cls.__name__}: {name} is {_cut(value)}; legal is {_told(hints[name])}")
        return cls(**restored)


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _cut(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]} ..."


def _told(hint: Any) -> str:
    text = str(hint) if typing.get_origin(hint) else getattr(hint, "__name__", str(hint))
    return text.replace("typing.", "").replace("NoneType", "null").replace("None", "null")


def _fits(hint: Any, value: Any) -> bool:
    """Whether a value has the type of its field; parts may be lists for tuples, and objects for configurations."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(option, value) for option in parts)
    if origin is typing.Literal:
        return value in parts
    if origin is tuple:
        if not isinstance(value, list | tuple):
            return False
        kinds = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
        return len(kinds) == len(value) and all(map(_fits, kinds, value))
    if origin is dict:
        return isinstance(value, dict) and all(_fits(parts[0], key) for key in value)
    if hint in (int, float):
        # Python counts True as 1.
        return isinstance(value, int if hint is int else int | float) and not isinstance(value, bool)
    return isinstance(value, hint)


def _restore(hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, Config):
        return hint.from_dict(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(value)
    if hasattr(value, "tolist"):
        # NumPy's arrays and scalars.
        return _restore(hint, value.tolist())
    if hint is not None and isinstance(value, int | float) and element_type(hint)[1]:
        return (value,)
    return value


def element_type(hint: Any) -> tuple[type, bool]:
    """The scalar type of a field, and whether the field holds a tuple of them.

    Example: `tuple[int, ...] | None` gives `(int, True)`; `float` gives `(float, False)`.
    """
    options = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
    if typing.get_origin(options[0]) is tuple:
        return typing.get_args(options[0])[0], True
    if typing.get_origin(options[0]) is typing.Literal:
        return str, False
    return options[0], False


def words(hint: Any) -> tuple[str, ...]:
    """The words that a field of a list may hold in its place.

    Example: `tuple[float, ...] | Literal["auto"] | None` gives `("auto",)`.
    """
    options = typing.get_args(hint)
    return tuple(word for option in options if typing.get_origin(option) is typing.Literal for word in option.__args__)
