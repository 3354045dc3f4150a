"""All that `stylize` can be told: its flags, and what they say as one frozen value."""

import dataclasses
import math
from pathlib import Path
from typing import Any

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Tiling
from style_gan_tf.inference.pictures import check_strength
from style_gan_tf.inference.saved_styles import check_name
from style_gan_tf.inference.shard import parse_shard
from style_gan_tf.inference.tiles import STATISTICS
from style_gan_tf.precision import PRECISIONS

_ONE_OF_TWO = (("overwrite", "skip_existing"), ("preserve_color", "match_color"))


def _flag(default: Any, text: str, **limits: Any) -> Any:
    """A field with its flag's help text, and what absl shall hold its value against."""
    return dataclasses.field(default=default, metadata={"help": text, "limits": limits})


@dataclasses.dataclass(frozen=True)
class StylizeSettings:
    """What one call is told, each field the flag of the same name.

    Attributes:
        given: The flags that ask for something: named by the user, and not to say "off" or
            "nothing" where that is the default.

    Raises:
        UsageError: For values that cannot be, whatever is done with them.
    """

    # fmt: off
    model: str = _flag("", "A run folder, a .keras file, a SavedModel, a folder of versions or a "
        "shipped model's name. Loading runs what is inside: use models that you trust.")
    server: str = _flag("", "Instead of --model: http://HOST:PORT/v1/models/NAME of TF Serving or "
        "style_gan_tf.serve.")
    optimize: str = _flag("", "Instead of --model: optimize the pixels towards these paintings, "
        "named as --style_data of the train command; at most 16 are looked at.")
    generate: int = _flag(0, "Instead of --input: make so many pictures by --noise_model; --model, "
        "where it is given, stylizes them.", lower_bound=0)
    noise_model: str = _flag("", "The model that --generate takes, named as --model.")
    samples: int = _flag(0, "So many renderings of each picture in the style, by the noise of "
        "--seed, as NAME_1 and on; for a model with a mapping network.", lower_bound=0)
    sheet: bool = _flag(False, "Instead of each picture a labelled grid: every style at every "
        "strength, and mixtures.")
    save_style: str = _flag("", "Keep the style, of a picture or a mixture, at --strength, under "
        "this name for --style. Needs no --input.")

    input: str = _flag("", "A picture, a folder, a quoted glob such as 'a/**/*.jpg', or a video.")
    output: str = _flag("", "For one picture or a video a file or a folder, else a folder.")
    overwrite: bool = _flag(False, "Replace files that exist.")
    skip_existing: bool = _flag(False, "Leave out pictures that are there already: after a stop, "
        "the same command with it goes on.")
    shard: str = _flag("", "i/n, from 1/n to n/n: stylize one of n shares of the pictures, on one "
        "of n machines.")
    quality: int = _flag(95, "Of JPEG, WebP and videos, from 1 to 100.",
        lower_bound=1, upper_bound=100)

    strength: float = _flag(1.0, "From 0 (the photo) to 1 (fully stylized); multiplies --style's "
        "weights where a model has several styles, and blends pixels elsewhere.")
    style: str = _flag("", "Of a model of several styles: NAME, or a mixture NAME:0.4,NAME:0.6; "
        "default the first. The picture of --style_image is called reference.")
    style_image: str = _flag("", "A picture whose style is wanted, for a model that "
        "--objective=reference trained.")
    saved_styles: str = _flag("styles", "The folder of saved styles.")
    preserve_color: bool = _flag(False, "Take only the lightness from what the model paints, and "
        "the colours from the photo.")
    match_color: str = _flag("", "A picture whose colours the results shall have: their mean and "
        "how they vary.")

    paint_size: int | None = _flag(None, "Pixels of the longer side at which larger pictures and "
        "videos are painted, for broader strokes in less time; edges stay as sharp as the photo's. "
        "0: their own size. Default: what the model's card says, else 0. A --server paints as its "
        "model was exported.", lower_bound=0)
    tile: int = _flag(0, "Pixels a side of the tiles that large pictures are cut into; 0: what the "
        "memory holds, and pictures that it holds whole are not cut.", lower_bound=0)
    tile_statistics: str = _flag(STATISTICS[0], "What tiles are normalized by: exact, the whole "
        "picture's statistics (as one pass over it would, at several times the time); thumbnail, "
        "those of a small copy (another look, but no seam either).", enum_values=STATISTICS)
    memory: float = _flag(0.0, "GiB to work in, the program itself aside; 0: half of what is free.",
        lower_bound=0.0)
    seamless: bool = _flag(False, "Textures: what leaves the picture on one side comes in on the "
        "other, so that the result can be laid side by side.")
    temporal: str = _flag("statistics", "Of videos: statistics, frames share their normalization "
        "statistics, against pumping colours; flow, that and each frame is blended with the one "
        "before along the optical flow, against flicker; none, each frame for itself.",
        enum_values=("statistics", "flow", "none"))
    precision: str = _flag("auto", "What a .keras model computes in; auto looks at the machine.",
        enum_values=PRECISIONS)

    seed: int = _flag(0, "Of --generate and --samples: the same gives the same pictures.",
        lower_bound=0)
    server_requests: int = _flag(4, "Requests to --server on their way at once.", lower_bound=1)
    optimize_steps: int = _flag(300, "Steps of --optimize for each picture.", lower_bound=1)
    optimize_style: float = _flag(10.0, "Style against content for --optimize.", lower_bound=0.0)
    optimize_style_size: int = _flag(0, "Short side that --optimize resizes the paintings to: the "
        "larger, the broader the strokes; 0: the picture's.", lower_bound=0)
    feature_weights: str = _flag("", "VGG19's weights for --optimize: a file, or imagenet for what "
        "--download=vgg19 fetched; default: the package's own, to relu3_1.")
    # fmt: on
    download: tuple[str, ...] = ()  # Its flag is one of several commands.

    given: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_strength(self.strength)
        for one, other in _ONE_OF_TWO:
            if getattr(self, one) and getattr(self, other):
                raise UsageError(f"--{one} and --{other}: give one of them")
        if self.save_style:
            check_name(self.save_style)
        parse_shard(self.shard)
        self.tiling  # noqa: B018  (raises for sizes that cannot be)
        for name in ("style_image", "match_color"):
            path = getattr(self, name)
            if path and not Path(path).expanduser().is_file():
                raise UsageError(f"--{name}={path}: no such file")
        weights = self.feature_weights
        if weights not in ("", "imagenet") and not Path(weights).is_file():
            raise UsageError(f"--feature_weights={weights}: no such file; name one, or imagenet")

    @property
    def tiling(self) -> Tiling:
        """At what size pictures are painted, and how large ones are cut.

        Raises:
            UsageError: For memory that is no number, or a texture with a paint size.
        """
        if not math.isfinite(self.memory):
            raise UsageError(f"--memory={self.memory}: expected GiB, such as 1.5")
        return Tiling(
            tile=self.tile,
            statistics=self.tile_statistics,
            memory=int(self.memory * 2**30),
            seamless=self.seamless,
            paint_size=self.paint_size,
        )

    @property
    def wanted_style(self) -> dict[str, Any]:
        """Which style is wanted, as `load_model` and `connect` take it."""
        return {
            "style": self.style,
            "style_image": self.style_image or None,
            "saved_styles": self.saved_styles,
        }


OPTIONS = tuple(f.name for f in dataclasses.fields(StylizeSettings) if f.name != "given")

_DEFINE: dict[Any, Any] = {
    bool: flags.DEFINE_bool,
    int: flags.DEFINE_integer,
    int | None: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
}


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags; their defaults are those of `StylizeSettings`."""
    for field in dataclasses.fields(StylizeSettings):
        if not field.metadata:
            continue
        limits = field.metadata["limits"]
        define = flags.DEFINE_enum if "enum_values" in limits else _DEFINE[field.type]
        about = {"default": field.default, "help": field.metadata["help"], **limits}
        define(field.name, flag_values=values, module_name=__name__, **about)
    command_line.define_download(values)


def settings_of(values: flags.FlagValues) -> StylizeSettings:
    """The flags as settings.

    Raises:
        UsageError: See `StylizeSettings`.
    """
    told: dict[str, Any] = {name: values[name].value for name in OPTIONS}
    told["download"] = tuple(told["download"])
    given = {
        name
        for name, value in told.items()
        if values[name].present and (value or value != values[name].default)
    }
    return StylizeSettings(**told, given=frozenset(given))
