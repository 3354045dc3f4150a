"""What `stylize` can do: for each mode the settings that it uses, and what runs.

A setting that a mode does not use is an error, never dropped: `mode_of` looks at every one that was
given. A new setting is a field of `StylizeSettings` and a word in the rows below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from style_gan_tf.errors import UsageError
from style_gan_tf.inference.video import is_video
from style_gan_tf.stylize import runs
from style_gan_tf.stylize.settings import OPTIONS, StylizeSettings

Names = frozenset[str]


@dataclass(frozen=True)
class Mode:
    """One thing to do.

    Attributes:
        name: As errors call it.
        run: Does it, and gives the exit status.
        needs: Settings that it cannot do without.
        uses: Settings that it takes besides.
        uses_with: Those that it takes once another one is given, by that one's name.
        refusal: What an error says of a setting that it has no use for; may name {option}, {mode}
            and {input}.
        refusals: The same for some of them, by their names with spaces between.
    """

    name: str
    run: Callable[[StylizeSettings], int]
    needs: Names
    uses: Names
    uses_with: Mapping[str, Names] = field(default_factory=dict)
    refusal: str = "--{option} and {mode}: give one of them"
    refusals: Mapping[str, str] = field(default_factory=dict)

    def used(self, given: Names) -> Names:
        """The settings that it uses beside those that are given."""
        more = (names for other, names in self.uses_with.items() if other in given)
        return self.needs | self.uses.union(*more)


def _names(text: str) -> Names:
    return frozenset(text.split())


_BY_MODEL = _names("model input output")
_FILES = _names("overwrite skip_existing shard quality")
_STYLE = _names("strength style style_image saved_styles")
_COLORS = _names("preserve_color match_color")
_TILES = _names("paint_size tile tile_statistics memory seamless")
_PAINTING = _FILES | _STYLE | _COLORS | _TILES | {"save_style", "precision"}
_OPTIMIZING = _names("optimize_steps optimize_style optimize_style_size feature_weights download")

PICTURES = Mode("--model with pictures", runs.paint, _BY_MODEL, _PAINTING)
VIDEO = Mode(
    "--model with a video",
    runs.paint_video,
    _BY_MODEL,
    _PAINTING - {"shard", "seamless"} | {"temporal"},
    refusal="--{option} is for pictures: --input={input} is a video",
)
SAMPLES = Mode("--samples", runs.paint_samples, _BY_MODEL, _PAINTING | {"samples", "seed"})
SHEET = Mode(
    "--sheet",
    runs.draw_sheets,
    _BY_MODEL,
    _FILES | _TILES | {"sheet", "style_image", "save_style", "precision"},
    uses_with={"save_style": _names("strength saved_styles")},
    refusal="--sheet and --{option}: a sheet shows all styles as they are, of --input by --model",
)
SERVER = Mode(
    "--server",
    runs.paint_at_server,
    _names("server input output"),
    _FILES | _STYLE | _COLORS | {"save_style", "server_requests"},
)
OPTIMIZE = Mode(
    "--optimize",
    runs.optimize_pixels,
    _names("optimize input output"),
    _FILES | _COLORS | _OPTIMIZING | {"strength", "paint_size", "precision"},
    refusals={
        "style style_image saved_styles save_style samples": "--{option} and {mode}: its paintings "
        "are the style; leave --{option} out"
    },
)
GENERATE = Mode(
    "--generate",
    runs.generate,
    _names("generate noise_model output"),
    _names("model seed overwrite precision"),
    uses_with={"model": _STYLE | _COLORS | _TILES},
    refusals={
        "save_style samples quality shard skip_existing": "--{option} and {mode}: its pictures are "
        "painted once, as they come, and are PNG; leave --{option} out",
        " ".join(_STYLE | _COLORS | _TILES): "--{option} and {mode}: nothing is stylized without "
        "--model; leave --{option} out",
    },
)
_NOTHING = "--{option}: there is nothing to paint; name it by --input beside --save_style"
SAVE_STYLE = Mode(
    "--save_style without --input",
    runs.keep_style_of_model,
    _names("save_style model"),
    _STYLE | {"precision"},
    refusal=_NOTHING,
)
SAVE_STYLE_OF_SERVER = Mode(
    "--save_style by --server",
    runs.keep_style_of_server,
    _names("save_style server"),
    _STYLE,
    refusal=_NOTHING,
    refusals={"model precision": SERVER.refusal},
)

_OF_MODEL = (PICTURES, VIDEO, SAMPLES, SHEET)
MODES = (*_OF_MODEL, SERVER, OPTIMIZE, GENERATE, SAVE_STYLE, SAVE_STYLE_OF_SERVER)
# An error calls none of them another mode's own setting: which mode is meant is what they decide.
_CHOOSING = _names("model server optimize generate samples sheet save_style input output")


def mode_of(settings: StylizeSettings) -> Mode:
    """What is to be done.

    Raises:
        UsageError: For a setting that it does not use, and for one that is missing.
    """
    mode = _chosen(settings)
    used = mode.used(settings.given)
    for option in OPTIONS:
        if option in settings.given and option not in used:
            raise UsageError(_refused(mode, option, settings))
    if mode is not VIDEO and is_video(settings.input):
        raise UsageError(f"{mode.name}: takes pictures, not videos: --input={settings.input}")
    for option in OPTIONS:
        if option in mode.needs and not getattr(settings, option):
            raise UsageError(f"--{option} is missing (--help lists the flags)")
    return mode


def _chosen(settings: StylizeSettings) -> Mode:
    if settings.generate:
        return GENERATE
    if settings.optimize:
        return OPTIMIZE
    if settings.save_style and not settings.input:
        return SAVE_STYLE_OF_SERVER if settings.server else SAVE_STYLE
    if settings.sheet:
        return SHEET
    if settings.server:
        return SERVER
    if settings.samples:
        return SAMPLES
    if settings.noise_model and not settings.input:
        raise UsageError("--generate is missing: say how many pictures --noise_model shall make")
    return VIDEO if is_video(settings.input) else PICTURES


def _refused(mode: Mode, option: str, settings: StylizeSettings) -> str:
    words = {"option": option, "mode": mode.name, "input": settings.input}
    for names, text in mode.refusals.items():
        if option in names.split():
            return text.format(**words)
    owners = [other.name for other in MODES if option in other.used(frozenset(OPTIONS))]
    if option not in _CHOOSING and len(owners) <= 2:
        owned = f"it is for {' and '.join(owners)}; leave it out"
        return f"--{option} and {mode.name}: {owned}"
    return mode.refusal.format(**words)
