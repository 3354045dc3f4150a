"""A video, stylized: decoding, the network and encoding run at the same time."""

import contextlib
import dataclasses
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from style_gan_tf.images import Picture
from style_gan_tf.images.optical_flow import Flow, optical_flow
from style_gan_tf.inference.color import ColorControl
from style_gan_tf.inference.pictures import Stylizes, at_strength, check_strength, finish, prepare
from style_gan_tf.inference.video.background import in_background
from style_gan_tf.inference.video.flow_blending import FlowBlending
from style_gan_tf.inference.video.frames import Clip, Frame, Sound
from style_gan_tf.inference.video.reading import VideoReader
from style_gan_tf.inference.video.scene_cuts import SceneCuts
from style_gan_tf.inference.video.shared_statistics import StylizeFrame, frame_stylizer
from style_gan_tf.inference.video.steady_color import SteadyMatchColor, steady
from style_gan_tf.inference.video.writing import writing_video

# Frames that wait between two stages: with those at work they bound the memory.
_AHEAD = 2


@dataclass(frozen=True)
class VideoReport:
    """What became of a video.

    Attributes:
        frames: That were written.
        repeated: Those of them that stand for broken ones.
    """

    frames: int
    repeated: int


@dataclass(frozen=True)
class _Shot:
    """A frame on its way."""

    frame: Frame
    cut: bool = False
    images: np.ndarray | None = None
    flow: Flow | None = None
    stylized: np.ndarray | None = None


_Items = Generator[_Shot | Sound, None, None]


def stylize_video(
    model: Stylizes,
    source: Path,
    target: Path,
    *,
    strength: float = 1.0,
    quality: int = 95,
    color: ColorControl | None = None,
    flow: bool = False,
    shared: bool = True,
    on_clip: Callable[[Clip], None] = lambda clip: None,
    on_frame: Callable[[Frame], None] = lambda frame: None,
    on_warning: Callable[[str], None] = lambda text: None,
) -> VideoReport:
    """Stylize a video, in memory that does not grow with its length.

    Frame times, rotation and sound stay. A frame that cannot be decoded is replaced by the one
    before.

    Args:
        model: What `load_model` gives.
        source: The file.
        target: Another one, see `writing_video`; it is there when all went well. Its folder is
            made.
        strength: 0 (the photo) to 1 (fully stylized).
        quality: 1 to 100.
        color: Changes the colours of what the network gives.
        flow: Blend each frame with the one before along the optical flow.
        shared: Share normalization statistics among the frames of a scene.
        on_clip: Told what the file says of itself, before any work.
        on_frame: Told of each frame that was written.
        on_warning: Told in a line what is wrong with the file.

    Raises:
        UsageError: When strength lies outside [0, 1].
        UserError: When the file cannot be read or written, or a package is missing.
    """
    check_strength(strength)
    frames = repeated = 0
    blending = FlowBlending()
    color = steady(color)
    model, blended = at_strength(model, strength)
    with VideoReader(source, on_warning) as reader:
        on_clip(reader.clip)
        target.parent.mkdir(parents=True, exist_ok=True)
        with writing_video(target, reader.clip, quality) as writer:
            items = in_background(_prepared(reader, flow), _AHEAD)
            if flow:
                items = in_background(_with_flow(items), _AHEAD)
            if strength > 0.0:
                items = in_background(_painted(items, frame_stylizer(model, shared)), _AHEAD)
            last: np.ndarray | None = None
            try:
                for item in items:
                    if isinstance(item, Sound):
                        writer.hand_on(item)
                        continue
                    frame = item.frame
                    if item.cut and isinstance(color, SteadyMatchColor):
                        color.begin_scene()
                    if not frame.repeated or last is None:
                        last = _finished(item, strength, color, blended)
                        if flow:
                            last = blending.blend(frame.rgb, last, item.flow)
                    writer.write(dataclasses.replace(frame, rgb=last))
                    frames += 1
                    repeated += frame.repeated
                    on_frame(frame)
            finally:
                # Ctrl-C, or a full disk: the other threads end too.
                items.close()
    return VideoReport(frames, repeated)


def _prepared(reader: Iterable[Frame | Sound], flow: bool) -> _Items:
    cuts = SceneCuts()
    for item in reader:
        if isinstance(item, Sound):
            yield item
        elif item.repeated:
            yield _Shot(item)
        else:
            yield _Shot(item, cuts.is_cut(item.rgb), prepare(Picture(item.rgb)))


def _with_flow(items: _Items) -> _Items:
    before: np.ndarray | None = None
    with contextlib.closing(items):
        for item in items:
            if isinstance(item, _Shot) and not item.frame.repeated:
                if before is not None and not item.cut:
                    flow = optical_flow(before, item.frame.rgb)
                    item = dataclasses.replace(item, flow=flow)
                before = item.frame.rgb
            yield item


def _painted(items: _Items, stylize: StylizeFrame) -> _Items:
    with contextlib.closing(items):
        for item in items:
            if isinstance(item, _Shot) and item.images is not None:
                stylized = stylize(item.images, item.cut)[0]
                item = dataclasses.replace(item, images=None, stylized=stylized)
            yield item


def _finished(
    shot: _Shot, strength: float, color: ColorControl | None, blended: bool
) -> np.ndarray:
    if shot.stylized is None:
        return shot.frame.rgb
    photo = Picture(shot.frame.rgb)
    return finish(photo, shot.stylized, strength, color, blended=blended).rgb
