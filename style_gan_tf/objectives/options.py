"""Options of an objective: checked numbers, and how `--set name=value` becomes them."""

import dataclasses
from typing import Any

from style_gan_tf.errors import UsageError
from style_gan_tf.options import at_least, read_value


@dataclasses.dataclass(frozen=True)
class ObjectiveOptions:
    """What the options of every objective are made of; they, and parts of them, are subclasses.

    Every field has a default, whose type says how a text is read. A number must be finite and at
    least 0, or at least what `number` says.

    Raises:
        UsageError: For a number out of range; it names the option.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                at_least(field.name, value, field.metadata.get("least", 0))


def number(default: float, least: float) -> Any:
    """A field of `ObjectiveOptions` whose smallest value is not 0."""
    return dataclasses.field(default=default, metadata={"least": least})


def read_options(options_class: type, given: dict[str, Any], objective: str) -> Any:
    """Make an objective's options from names and values, texts read by the field's type.

    Args:
        options_class: A dataclass whose fields have defaults.
        given: Names to values.
        objective: Its name, for messages.

    Raises:
        UsageError: For an unknown name or a value that does not read.
    """
    fields = {field.name: field for field in dataclasses.fields(options_class)}
    values = {}
    for name, value in given.items():
        if name not in fields:
            raise UsageError(
                f"--set {name}: objective {objective!r} has no such option; it has "
                f"{', '.join(fields)}, generator.NAME and discriminator.NAME"
            )
        values[name] = read_value(name, value, type(fields[name].default))
    return options_class(**values)
