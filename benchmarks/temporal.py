"""How much of a video's flicker is left by each way of `stylize --temporal`, and what it costs.

    python -m benchmarks.temporal --model=runs/monet --input=clip.mp4 --extractor_weights=FILE
    python -m benchmarks.temporal --model=runs/monet --input=photo.png --extractor_weights=FILE

The warp error of stylized frames along the optical flow of the input (Lai et al. 2018), for each
way and for the input itself, whose own is what motion and noise leave unexplained. A picture is
panned three pixels a frame. The distance is the perceptual one from the frames stylized each for
itself: how much the look suffers. docs/benchmarks.md says how to read the figures.
"""

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError
from style_gan_tf.images import Picture, decode
from style_gan_tf.images.optical_flow import Flow, open_cv, optical_flow
from style_gan_tf.inference import Model, Tiling, find_model, load_model
from style_gan_tf.inference.pictures import finish, prepare
from style_gan_tf.inference.video import Frame, VideoReader, is_video
from style_gan_tf.inference.video.flow_blending import FlowBlending
from style_gan_tf.inference.video.scene_cuts import SceneCuts
from style_gan_tf.inference.video.shared_statistics import frame_stylizer
from style_gan_tf.precision import PRECISIONS

_STEP = 3  # pixels a frame
_PAN = 0.6  # of a picture's sides: a frame of its pan
_SETTLED = 4  # frames, after which each way does what it does
_DISTANCES = 5  # frames that the perceptual distance is the mean of


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("model", "", "A run folder, a .keras file, a SavedModel or a shipped model's name."),
        ("input", "", "A video, or a picture, which is panned."),
        ("extractor", "squeezenet", "Network whose features measure the distance."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
        ("linear", "", "LPIPS's linear layers as .npz, to weigh the features."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_integer("first", 0, "The first frame of a video.", 0, flag_values=values)
    flags.DEFINE_integer("frames", 40, "How many, at most.", 2 * _SETTLED, flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What a .keras model computes in.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    for flag in ("model", "input"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    found = find_model(values.model)
    open_cv()
    photos = _frames(Path(values.input), values.first, values.frames)
    command_line.load_tensorflow()
    distance = _distance(values.extractor, values.extractor_weights, values.linear)
    model = load_model(found, values.precision, Tiling(paint_size=0))
    cuts = SceneCuts()
    is_cut = [cuts.is_cut(photo) for photo in photos]
    flows = [
        None if cut else optical_flow(before, photo)
        for before, photo, cut in zip([photos[0], *photos], photos, is_cut, strict=False)
    ]
    ways = {"frame by frame": stylized(model, photos, is_cut, shared=False)}
    ways["statistics"] = stylized(model, photos, is_cut, shared=True)
    ways["flow"] = blended(photos, ways["statistics"], flows)
    base, plain = errors(ways["frame by frame"], flows), ways["frame by frame"]
    height, width = photos[0].shape[:2]
    print(f"{len(photos)} frames of {width}x{height}, {sum(is_cut)} scenes")
    print(f"{'':16}warp error   of frame by frame   perceptual distance ({values.extractor})")
    print(f"{'the input':16}{errors(photos, flows).mean():10.6f}")
    for name, frames in ways.items():
        error = errors(frames, flows)
        far = distance(frames, plain)
        share = error.mean() / base.mean()
        print(f"{name:16}{error.mean():10.6f}{share:19.3f}{far:22.4f}")
    halved = np.mean(errors(ways["flow"], flows) <= 0.5 * base)
    print(f"flow at least halves the error of {100 * halved:.0f} % of the frames")


def stylized(model: Model, photos: list[np.ndarray], cuts: list[bool], shared: bool) -> list:
    """The frames as the command writes them, but for the encoder: uint8."""
    stylize = frame_stylizer(model, shared)
    pictures = [Picture(photo) for photo in photos]
    return [
        finish(picture, stylize(prepare(picture), cut)[0]).rgb
        for picture, cut in zip(pictures, cuts, strict=True)
    ]


def blended(photos: list, frames: list, flows: list[Flow | None]) -> list[np.ndarray]:
    """Frames blended along the flow."""
    blending = FlowBlending()
    return [blending.blend(*given) for given in zip(photos, frames, flows, strict=True)]


def errors(frames: list[np.ndarray], flows: list[Flow | None]) -> np.ndarray:
    """The warp error of each frame but the first few and those that begin a scene."""
    from style_gan_tf.metrics import warp_error

    scaled = [frame.astype(np.float32) / 127.5 - 1.0 for frame in frames]
    pairs = itertools.islice(itertools.pairwise(scaled), _SETTLED, None)
    found = [
        warp_error(before, after, flow)
        for (before, after), flow in zip(pairs, flows[_SETTLED + 1 :], strict=True)
        if flow is not None
    ]
    return np.array(found)


def _distance(
    extractor: str, weights: str, linear: str
) -> Callable[[list[np.ndarray], list[np.ndarray]], float]:
    """The mean perceptual distance of some frames to others."""
    from style_gan_tf.metrics import PerceptualDistance
    from style_gan_tf.networks.extractors import load_extractor

    layers = None
    if linear:
        with np.load(linear, allow_pickle=False) as file:
            layers = tuple(file[f"lin{i}"].reshape(-1) for i in range(len(file.files)))
    perceptual = PerceptualDistance(load_extractor(extractor, weights), layers)

    def mean(frames: list[np.ndarray], others: list[np.ndarray]) -> float:
        chosen = np.linspace(_SETTLED, len(frames) - 1, _DISTANCES).astype(int)
        pairs = [[x[i][np.newaxis] / 127.5 - 1.0 for x in (frames, others)] for i in chosen]
        scaled = [[np.float32(side) for side in pair] for pair in pairs]
        return float(np.mean([perceptual(*pair).numpy()[0] for pair in scaled]))

    return mean


def _frames(path: Path, first: int, count: int) -> list[np.ndarray]:
    if not path.is_file():
        raise UsageError(f"--input={path}: no such file")
    if is_video(path):
        with VideoReader(path) as reader:
            frames: Iterator[np.ndarray] = (i.rgb for i in reader if isinstance(i, Frame))
            photos = list(itertools.islice(frames, first, first + count))
    else:
        photos = panned(decode(path.read_bytes(), name=str(path)).rgb, count)
    if len(photos) < 2 * _SETTLED:
        raise UsageError(f"--input={path}: {len(photos)} frames are too few")
    return photos


def panned(photo: np.ndarray, count: int) -> list[np.ndarray]:
    """Windows of a picture, each three pixels to the right of the one before."""
    height, width = (int(side * _PAN) for side in photo.shape[:2])
    top = (photo.shape[0] - height) // 2
    count = min(count, (photo.shape[1] - width) // _STEP + 1)
    return [
        np.ascontiguousarray(photo[top : top + height, left : left + width])
        for left in range(0, count * _STEP, _STEP)
    ]


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.temporal", __doc__ or "", define_flags, main))
