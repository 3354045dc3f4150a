"""How much does a stylized film flicker? A still picture, panned, through one model or several.

    python -m benchmarks.flicker --model=runs/stable,runs/plain --content_data=photos/

Each photo is panned by fractions of a pixel, each frame is stylized by itself, and the outputs are
moved back to where the first one lies. Nothing moves then: what still differs between one frame
and the next is flicker. The photo itself is measured the same way, for resampling alone is not
free. The last lines are the ratios to the first model. docs/benchmarks.md says how to read it.
"""

import sys

import numpy as np
from absl import flags
from PIL import Image

from style_gan_tf import command_line, data
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Tiling, find_model, load_model
from style_gan_tf.precision import PRECISIONS

# A frame is four times as fine while it is moved; so a step is 1/4 pixel down and 3/4 across.
_FINE = 4
_STEP = (1, 3)
_BORDER = 16  # pixels of each output that are not compared: there something new comes in


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    flags.DEFINE_list("model", [], "Models to compare, separated by commas.", flag_values=values)
    flags.DEFINE_string("content_data", "", "Dataset spec of the photos.", flag_values=values)
    flags.DEFINE_integer("images", 12, "How many photos, spread evenly.", 1, flag_values=values)
    flags.DEFINE_integer("frames", 9, "Frames of each pan.", 2, flag_values=values)
    flags.DEFINE_integer("size", 256, "Height and width of the frames.", 64, flag_values=values)
    flags.DEFINE_enum(
        "precision", "float32", PRECISIONS, "What .keras models compute in.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    for flag in ("model", "content_data"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    found = {name: find_model(name) for name in values.model}
    reach = -(-max(_STEP) * (values.frames - 1) // _FINE)
    if 2 * (_BORDER + reach) >= values.size:
        raise UsageError(f"--frames={values.frames}: too many for --size={values.size}")
    source = data.open_source(values.content_data)
    photos = data.whole_pictures(source, values.images, values.size + reach)

    command_line.load_tensorflow()
    pans = [pan(photo, values.size, values.frames) for photo in photos]
    measured = {"the photos themselves": [flicker(frames) for frames in pans]}
    for name, model_file in found.items():
        model = load_model(model_file, values.precision, Tiling(paint_size=0))
        measured[name] = [flicker(np.concatenate([model.stylize(f[None]) for f in frames]))
                          for frames in pans]  # fmt: skip
    print(f"{len(pans)} photos, {values.frames} frames each: mean absolute difference of")
    print("consecutive frames in 8-bit grey levels, and its standard error over the photos")
    for name, figures in measured.items():
        error = np.std(figures, ddof=1) / np.sqrt(len(figures)) if len(figures) > 1 else np.nan
        print(f"{name}: {np.mean(figures):.2f} +- {error:.2f}")
    first, *others = found
    for name in others:
        ratio = np.mean(measured[name]) / np.mean(measured[first])
        print(f"ratio: {name} flickers {ratio:.2f} times as much as {first}")


def pan(photo: np.ndarray, size: int, frames: int) -> np.ndarray:
    """A film of a still picture, moved by a fraction of a pixel from frame to frame.

    Args:
        photo: float32 `[height, width, 3]` in [-1, 1], larger than the frames by the way of the
            pan.
        size: Height and width of the frames.
        frames: How many.

    Returns:
        float32 `[frames, size, size, 3]` in [-1, 1].
    """
    reach = [-(-step * (frames - 1) // _FINE) for step in _STEP]
    top, left = ((length - size - r) // 2 for length, r in zip(photo.shape, reach, strict=False))
    fine = _finer(photo[top : top + size + reach[0], left : left + size + reach[1]])
    return np.stack([_window(fine, 0, size, number) for number in range(frames)])


def flicker(outputs: np.ndarray) -> float:
    """Mean absolute difference of consecutive frames of a pan, moved back, in 8-bit grey levels.

    Args:
        outputs: `[frames, size, size, 3]` in [-1, 1], one for each frame that `pan` gave.
    """
    frames, size = outputs.shape[:2]
    border = _BORDER + -(-max(_STEP) * (frames - 1) // _FINE)
    inner = size - 2 * border
    still = [
        _window(_finer(output), border, inner, -number) for number, output in enumerate(outputs)
    ]
    return 127.5 * float(np.abs(np.diff(still, axis=0)).mean())


def _finer(picture: np.ndarray) -> np.ndarray:
    """Four times as many pixels down and across, bicubic."""
    size = (picture.shape[1] * _FINE, picture.shape[0] * _FINE)
    channels = [
        Image.fromarray(np.ascontiguousarray(picture[..., channel])).resize(
            size, Image.Resampling.BICUBIC
        )
        for channel in range(picture.shape[-1])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def _window(fine: np.ndarray, border: int, size: int, number: int) -> np.ndarray:
    """The window of a frame's number, each pixel the mean of the finer ones in it."""
    top, left = (border * _FINE + number * step for step in _STEP)
    window = fine[top : top + size * _FINE, left : left + size * _FINE]
    return window.reshape(size, _FINE, size, _FINE, -1).mean(axis=(1, 3))


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.flicker", __doc__ or "", define_flags, main))
