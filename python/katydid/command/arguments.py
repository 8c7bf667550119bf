"""Arguments that a test adds to the command line: `@events.init_command_line_parser.add_listener`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .. import _native


class ArgumentParser:
    """As much of Locust's parser as listeners use: `add_argument` in its words."""

    def __init__(self) -> None:
        self.added: list[_native.AddedArgument] = []
        self._types: dict[str, Callable[[str], Any]] = {}
        self._defaults: dict[str, Any] = {}

    def add_argument(
        self,
        *names: str,
        type: Callable[[str], Any] | None = None,
        default: Any = None,
        help: str = "",
        env_var: str = "",
        choices: Iterable[Any] | None = None,
        action: str = "store",
        required: bool = False,
        is_required: bool = False,
        is_secret: bool = False,
        include_in_web_ui: bool = True,
        **_others: Any,
    ) -> None:
        """Users find the value in `environment.parsed_options`, under the long name with `_` for `-`."""
        if action not in ("store", "store_true"):
            raise ValueError(f"add_argument({names[0]!r}): the action is store or store_true, not {action}")
        key = names[-1].lstrip("-").replace("-", "_")
        flag = action == "store_true"
        if type is not None:
            self._types[key] = type
        self._defaults[key] = False if flag and default is None else default
        shown = [str(each) for each in choices or ()]
        in_form = (is_required, is_secret, include_in_web_ui)
        self.added.append((",".join(names), flag, help, env_var, shown, required, *in_form))

    def add_argument_group(self, *_arguments: Any, **_keywords: Any) -> ArgumentParser:
        """There is one group for all."""
        return self

    def typed(self, options: dict[str, Any]) -> dict[str, Any]:
        """Texts become what `type` makes of them, and what was not given its default."""
        for key, default in self._defaults.items():
            value = options.get(key)
            if value is None:
                options[key] = default
            elif isinstance(value, str) and key in self._types:
                options[key] = self._types[key](value)
        return options


parser = ArgumentParser()
"""Of this process."""


class ParsedOptions(dict[str, Any]):
    """The command line: `options.my_argument`, as in Locust, or `options["my_argument"]`."""

    def __getattribute__(self, name: str) -> Any:
        """An argument comes before a method of dict: one may be called `items`."""
        if not name.startswith("__") and name in self:
            return self[name]
        return super().__getattribute__(name)
