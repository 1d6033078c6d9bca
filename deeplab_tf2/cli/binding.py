"""Configuration fields as absl flags, and flags as configuration: the only DEFINE in the tree.

A flag has the name, type, default and help of its field. Only what the user typed comes back, so that a
command can tell a choice from a default.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from absl import app, flags

from deeplab_tf2.cli.flag_parsers import NONE, ListParser, ValueParser
from deeplab_tf2.cli.official import RETIRED_SWITCHES
from deeplab_tf2.cli.quiet import quiet_tensorflow
from deeplab_tf2.config import Config, InputError, element_type, words

flags.disclaim_key_flags()

Given = Mapping[type[Config], Mapping[str, Any]]

# What shells report of a process that Ctrl-C ended.
INTERRUPTED = 130


@dataclasses.dataclass(frozen=True)
class Official:
    """Official flags that a command knows without a field of its own, see `cli.official`."""

    retired: Mapping[str, str] = dataclasses.field(default_factory=dict)
    fixed: Mapping[str, str] = dataclasses.field(default_factory=dict)


def define(configs: Sequence[type[Config]], flag_values: flags.FlagValues, official: Official = Official()) -> None:
    """Defines one flag for every field of `configs`, and the official ones without a field."""
    for config in configs:
        hints = typing.get_type_hints(config)
        for field in dataclasses.fields(config):  # type: ignore[arg-type]
            _define_field(field, hints[field.name], flag_values)
    for name, advice in official.retired.items():
        kind = flags.DEFINE_boolean if name in RETIRED_SWITCHES else flags.DEFINE_string
        kind(name, None, f"Accepted and without effect: {advice}", flag_values=flag_values)
    for name, value in official.fixed.items():
        text = f"Official flag; only {value or 'empty'!r} is supported."
        if value in ("true", "false"):
            flags.DEFINE_boolean(name, None, text, flag_values=flag_values)
        else:
            flags.DEFINE_string(name, None, text, flag_values=flag_values)


def check_official(official: Official, flag_values: flags.FlagValues) -> list[str]:
    """Lines about official flags that were given without effect.

    Raises:
        InputError: a fixed flag was given another value.
    """
    for name, value in official.fixed.items():
        given = flag_values[name].value
        if given is not None and str(given).lower().strip("()[] ") not in (value, value.removesuffix(".0")):
            raise InputError(f"--{name}={given} is not supported; leave it out (it is {value or 'empty'!r} here)")
    return [
        f"--{name} has no effect: {advice}"
        for name, advice in official.retired.items()
        if flag_values[name].value is not None
    ]


def _define_field(field: dataclasses.Field[Any], hint: Any, flag_values: flags.FlagValues) -> None:
    element, many = element_type(hint)
    text = f"{field.metadata['help']} (default: {_shown(field.default)})"
    if many:
        serializer: flags.ArgumentSerializer[Any] = flags.ArgumentSerializer()
        flags.DEFINE_multi(
            ListParser(element, words(hint)), serializer, field.name, None, text, flag_values=flag_values
        )
    elif element is bool:
        flags.DEFINE_boolean(field.name, None, text, flag_values=flag_values)
    else:
        value = ValueParser(element, optional=type(None) in typing.get_args(hint))
        flags.DEFINE(value, field.name, None, text, flag_values=flag_values)


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(map(str, default)) or "none"
    return "unset" if default in (None, "") else str(default)


def collect(configs: Sequence[type[Config]], flag_values: flags.FlagValues) -> Given:
    """What the user gave for the fields of each configuration."""
    return {config: dict(_given(config, flag_values)) for config in configs}


def _given(config: type[Config], flag_values: flags.FlagValues) -> typing.Iterator[tuple[str, Any]]:
    hints = typing.get_type_hints(config)
    for name, hint in hints.items():
        value = flag_values[name].value
        if value is None:
            continue
        if element_type(hint)[1]:
            value = _one_word(name, tuple(item for group in value for item in group), words(hint))
        yield name, None if value is NONE else value


def _one_word(name: str, items: tuple[Any, ...], words: Sequence[str]) -> Any:
    """A word that stands for a list comes alone."""
    if not any(item in words for item in items):
        return items
    if len(items) > 1:
        raise InputError(f"--{name} is {','.join(map(str, items))}: give numbers, or one of {', '.join(words)}")
    return items[0]


def parse(argv: Sequence[str], configs: Sequence[type[Config]], official: Official = Official()) -> Given:
    """Reads a command line without its program name, touching no global flag.

    Raises:
        InputError: a flag is unknown, has an illegal value, or something is no flag at all.
    """
    flag_values = flags.FlagValues()
    define(configs, flag_values, official)
    refuse_spaced_flags(argv)
    try:
        rest = flag_values(["", *argv])[1:]
    except flags.Error as error:
        raise InputError(str(error)) from error
    refuse_leftovers(rest)
    check_official(official, flag_values)
    return collect(configs, flag_values)


def refuse_spaced_flags(argv: Sequence[str]) -> None:
    """Refuses `--flag = value`, which a flag parser would read as `--flag` and two stray words."""
    for before, word, after in zip(argv, argv[1:], [*argv[2:], "VALUE"], strict=False):
        if word == "=" or (word.startswith("=") and before.startswith("--")):
            name = before if before.startswith("--") else "--FLAG"
            raise InputError(f"{before} {word} {after}: write {name}=VALUE without spaces around '='")


def refuse_leftovers(words: Sequence[str]) -> None:
    """Refuses words on the command line that belong to no flag."""
    if words:
        raise InputError(f"not understood: {' '.join(words)}; every setting is a flag, --name=value (see --help)")


def run(command: Callable[[Given], Any], *configs: type[Config], official: Official = Official()) -> None:
    """Runs `command` with the flags of `configs`: the body of every console script.

    What the user can mend ends in one plain line and exit status 2, and so does Ctrl-C, with status 130; only defects
    of ours end in a traceback. A `KeyboardInterrupt` may say how to go on.
    """
    define(configs, flags.FLAGS, official)

    def main(argv: Sequence[str]) -> int:
        try:
            refuse_leftovers(argv[1:])
            for line in check_official(official, flags.FLAGS):
                print(line, file=sys.stderr)
            given = collect(configs, flags.FLAGS)
            quiet_tensorflow()
            return command(given) or 0
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt as interrupt:
            print("\n" + ": ".join(("interrupted", *map(str, interrupt.args))), file=sys.stderr)
            return INTERRUPTED

    app.run(main, flags_parser=_parsed)


def _parsed(argv: Sequence[str]) -> list[str]:
    """Reads the global flags, and returns the program name and what is no flag."""
    try:
        refuse_spaced_flags(argv[1:])
        return list(flags.FLAGS(argv))
    except (InputError, flags.Error) as error:
        print(f"error: {error}{'; see --help' * isinstance(error, flags.Error)}", file=sys.stderr)
        sys.exit(2)
