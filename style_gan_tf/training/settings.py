"""Everything that a run can be told, checked before TensorFlow is imported."""

import dataclasses
from typing import Any

from style_gan_tf.data import DIRECTIONS, parse_degradations
from style_gan_tf.data.style_batches import name_styles
from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES
from style_gan_tf.precision import PRECISIONS

SCHEDULES = ("constant", "linear", "cosine")

# May change when a run is resumed; everything else would make it another run.
MAY_CHANGE = frozenset(
    {
        "run_dir",
        "steps",
        "epochs",
        "max_minutes",
        "log_every",
        "sample_every",
        "samples",
        "eval_every",
        "eval_images",
        "extractor",
        "extractor_weights",
        "checkpoint_minutes",
        "keep",
        "cache",
    }
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """One run, each field the flag of the same name (`--help` of the train command lists them)."""

    content_data: str = ""
    style_data: str | tuple[str, ...] = ""
    paired_data: str = ""
    direction: str = "AtoB"
    degrade: str = ""
    run_dir: str = ""
    objective: str = "contrastive"
    generator: str = "fast"
    discriminator: str = "patch"
    set: tuple[str, ...] = ()
    init_from: str = ""

    crop: int = 256
    load_size: int = 0
    flip: bool = True
    color_jitter: float = 0.0
    batch_size: int = 1
    cache: bool = False
    max_pixels: int = 100_000_000

    steps: int = 0
    epochs: float = 0.0
    max_minutes: float = 0.0

    learning_rate: float = 2e-4
    discriminator_learning_rate: float = 0.0
    beta1: float = 0.5
    beta2: float = 0.999
    schedule: str = "constant"
    clip_norm: float = 0.0
    ema: float = 0.999
    precision: str = "auto"
    seed: int = 0
    deterministic: bool = False

    log_every: int = 50
    sample_every: int = 500
    samples: int = 4
    eval_every: int = 500
    eval_images: int = 128
    extractor: str = "squeezenet"
    extractor_weights: str = ""
    checkpoint_minutes: float = 5.0
    keep: int = 2

    def __post_init__(self) -> None:
        _choose("objective", bool(self.objective), "name one")
        _choose("precision", self.precision in PRECISIONS, f"choose one of {_list(PRECISIONS)}")
        _choose("schedule", self.schedule in SCHEDULES, f"choose one of {_list(SCHEDULES)}")
        directions = f"choose one of {_list(DIRECTIONS)}"
        _choose("direction", self.direction in DIRECTIONS, directions, self)
        self._check_degrade()
        for name in ("batch_size", "crop", "log_every", "keep", "max_pixels", "eval_images"):
            _choose(name, getattr(self, name) >= 1, "must be at least 1", self)
        for name in (
            "load_size", "steps", "epochs", "max_minutes", "color_jitter", "clip_norm", "samples",
            "sample_every", "eval_every", "checkpoint_minutes", "seed",
            "discriminator_learning_rate",
        ):  # fmt: skip
            _choose(name, getattr(self, name) >= 0, "must not be negative", self)
        _choose("learning_rate", self.learning_rate > 0, "must be positive", self)
        for name in ("beta1", "beta2", "ema"):
            _choose(name, 0 <= getattr(self, name) < 1, "must lie in [0, 1)", self)
        if self.load_size and self.load_size < self.crop:
            raise UsageError(
                f"--load_size={self.load_size} is smaller than --crop={self.crop}: "
                "a crop must fit into the resized picture"
            )
        if self.schedule != "constant" and not (self.steps or self.epochs):
            raise UsageError(
                f"--schedule={self.schedule} counts steps: set --steps or --epochs as well"
            )
        self.styles  # noqa: B018  (raises likewise)
        self.options  # noqa: B018  (raises for an item without `=`)

    def _check_degrade(self) -> None:
        if not parse_degradations(self.degrade):
            return
        entry = OBJECTIVES.get(self.objective)
        if entry and "paired" not in entry.reads:
            raise UsageError(
                f"--degrade={self.degrade}: objective {self.objective!r} reads no pairs; "
                "give --objective=paired"
            )
        if self.direction != DIRECTIONS[0]:
            raise UsageError(f"--direction={self.direction}: --degrade makes the pairs; leave it")

    @property
    def styles(self) -> dict[str, str]:
        """Of several styles, the dataset specs by name, from `NAME=SPEC` each; else empty.

        Raises:
            UsageError: When an item reads otherwise, or the objective learns more of them.
        """
        if not isinstance(self.style_data, tuple):
            return {}
        entry = OBJECTIVES.get(self.objective)
        return name_styles(self.style_data, entry.fewest_styles if entry else 2)

    @property
    def options(self) -> dict[str, dict[str, str]]:
        """`--set` items by what they are for: `objective`, `generator`, `discriminator`.

        `generator.filters=32` goes to the generator; a name without a dot to the objective.
        """
        groups: dict[str, dict[str, str]] = {
            "objective": {}, "generator": {}, "discriminator": {}
        }  # fmt: skip
        for item in self.set:
            name, separator, value = item.partition("=")
            if not separator or not name:
                raise UsageError(f"--set {item}: expected name=value")
            group, dot, option = name.partition(".")
            if not dot:
                groups["objective"][name] = value
            elif group in groups:
                groups[group][option] = value
            else:
                raise UsageError(f"--set {item}: no {group!r}; use generator. or discriminator.")
        return groups

    def flags(self) -> list[str]:
        """The flags that repeat this run, defaults included."""
        lines = []
        for field in dataclasses.fields(self):
            value: Any = getattr(self, field.name)
            if isinstance(value, tuple):
                lines += [f"--{field.name}={item}" for item in value]
            elif isinstance(value, bool):
                lines.append(f"--{field.name}={str(value).lower()}")
            else:
                lines.append(f"--{field.name}={value}")
        return lines


def _choose(name: str, good: bool, mend: str, settings: Settings | None = None) -> None:
    if not good:
        value = "" if settings is None else f"={getattr(settings, name)}"
        raise UsageError(f"--{name}{value}: {mend}")


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)
