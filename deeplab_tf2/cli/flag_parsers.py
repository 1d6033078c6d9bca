"""How the text of a flag becomes the value of a field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from absl import flags

flags.disclaim_key_flags()

# What "none" becomes: absl takes None for a flag that was not given.
NONE = object()


class Name(str):
    """Text whose blanks count at its ends too, as those of a file's name with commas do."""


class ListParser(flags.ArgumentParser):
    """Parses "6,12,18", "6" (the flag is then repeated), "none", and words that stand for a list.

    Args:
        element: type of an item.
        words: legal words in place of items.
    """

    def __init__(self, element: type, words: Sequence[str] = ()) -> None:
        self.element = element
        self.words = words
        self.syntactic_help = f"a comma-separated list of {element.__name__}, or the flag repeated"
        if words:
            self.syntactic_help = f"numbers, or one of {', '.join(words)}"

    def flag_type(self) -> str:
        return f"list of {self.element.__name__}"

    def parse(self, argument: Any) -> tuple[Any, ...]:
        if not isinstance(argument, str):
            return tuple(argument)
        if argument.strip().lower() in ("none", ""):
            return ()
        if argument.strip() in self.words:
            return (argument.strip(),)
        try:
            items = argument.split(",")
            return tuple(self.element(item if self.element is Name else item.strip()) for item in items)
        except ValueError as error:
            raise ValueError(f"{argument}: give {self.syntactic_help}") from error


class ValueParser(flags.ArgumentParser):
    """Parses one value.

    Args:
        element: its type.
        optional: whether "none" is legal, and becomes `NONE`.
    """

    def __init__(self, element: type, optional: bool) -> None:
        self.element, self.optional = element, optional
        self.syntactic_help = f"a {element.__name__}"

    def flag_type(self) -> str:
        return self.element.__name__

    def parse(self, argument: Any) -> Any:
        if self.optional and isinstance(argument, str) and argument.strip().lower() == "none":
            return NONE
        return self.element(argument)
