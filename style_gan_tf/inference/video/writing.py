"""Encoding a video file: the input's times, rotation and sound stay."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from style_gan_tf.errors import UserError
from style_gan_tf.images import whole_file
from style_gan_tf.inference.video.frames import Clip, Frame, Sound
from style_gan_tf.inference.video.reading import CONVERSION, open_av, turned

# Encoders by the file's suffix, fast enough to keep up with a network on a CPU.
_X264 = ("libx264", {"preset": "veryfast"})
_VP9 = ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "b": "0"})
_ENCODERS = {".mp4": _X264, ".m4v": _X264, ".mov": _X264, ".mkv": _X264, ".webm": _VP9}
WRITTEN_SUFFIXES = tuple(_ENCODERS)
# Sound that can be handed on into a file. The other formats say by themselves what they cannot
# hold; this one only when all is written.
_MP4_SOUNDS = ("aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus")
_SOUNDS = {".mp4": _MP4_SOUNDS, ".m4v": _MP4_SOUNDS}


class VideoWriter:
    """A video file that is being written; `writing_video` gives one."""

    def __init__(self, container: Any, clip: Clip, suffix: str, quality: int) -> None:
        if suffix in _SOUNDS and not set(_sounds(clip)) <= set(_SOUNDS[suffix]):
            raise ValueError(f"{suffix} takes no such sound")
        self._av = open_av()
        self._container = container
        self._clip = clip
        height, width = clip.size[::-1] if clip.rotation % 180 == 90 else clip.size
        codec, options = _ENCODERS[suffix]
        stream = container.add_stream(
            codec, rate=clip.rate, options={**options, "crf": str(_crf(quality))}
        )
        stream.width, stream.height = width, height
        # Colours at half the resolution need even sides.
        self._format = "yuv444p" if width % 2 or height % 2 else "yuv420p"
        stream.pix_fmt = self._format
        context = stream.codec_context
        context.time_base = stream.time_base = clip.time_base
        if clip.pixel_aspect:
            context.sample_aspect_ratio = clip.pixel_aspect
        context.color_range = 1  # of television, 16 to 235
        context.colorspace = clip.matrix
        context.color_primaries = clip.primaries
        context.color_trc = clip.transfer
        context.thread_count = 0
        if clip.rotation:
            stream.set_display_rotation(clip.rotation)
        self._stream = stream
        self._sounds = {
            sound.index: container.add_stream_from_template(sound, opaque=True)
            for sound in clip.sounds
        }
        container.metadata.update(clip.metadata)
        container.start_encoding()

    def write(self, frame: Frame) -> None:
        """Encode a frame; they come in the order of their times."""
        rgb = turned(frame.rgb, -self._clip.rotation)
        picture = self._av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
            format=self._format,
            dst_colorspace=self._clip.matrix,
            dst_color_range=1,
            interpolation=CONVERSION,
        )
        picture.pts = frame.time
        picture.time_base = self._clip.time_base
        picture.duration = frame.duration
        self._container.mux(self._stream.encode(picture))

    def hand_on(self, sound: Sound) -> None:
        """Write a packet of sound."""
        packet = sound.packet
        packet.stream = self._sounds[packet.stream.index]
        self._container.mux(packet)

    def finish(self) -> None:
        """Encode what is still held back."""
        self._container.mux(self._stream.encode(None))


@contextlib.contextmanager
def writing_video(path: Path, clip: Clip, quality: int = 95) -> Iterator[VideoWriter]:
    """Write a video; the file is there, whole, when the block ends without an error.

    H.264 in `.mp4`, `.m4v`, `.mov` and `.mkv`, VP9 in `.webm`, 8 bits a colour.

    Args:
        path: The file, with one of WRITTEN_SUFFIXES.
        clip: What the input is like.
        quality: 1 to 100; 95 is to the eye the same as lossless.

    Raises:
        UserError: When it cannot be written, or the format cannot hold the sound.
    """
    av = open_av()
    broken = av.error.FFmpegError
    try:
        with whole_file(path) as temporary:
            container = av.open(str(temporary), "w")
            try:
                writer = _begun(container, path, clip, quality)
                yield writer
                writer.finish()
            except BaseException:
                with contextlib.suppress(broken):  # It is not to hide what went wrong.
                    container.close()
                raise
            container.close()
    except broken as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from error


def _begun(container: Any, path: Path, clip: Clip, quality: int) -> VideoWriter:
    try:
        return VideoWriter(container, clip, path.suffix.lower(), quality)
    except (open_av().error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{path}: cannot hold this video ({reason}){_mend(clip)}") from None


def _sounds(clip: Clip) -> list[str]:
    """Names of the codecs."""
    return [sound.codec_context.name.removesuffix("float") for sound in clip.sounds]


def _mend(clip: Clip) -> str:
    names = ", ".join(_sounds(clip))
    return f"; its sound is {names}: .mkv holds any" if names else ""


def _crf(quality: int) -> int:
    """x264's and libvpx's constant rate factor: 95 gives 18, 75 gives 26."""
    return min(51, round(18 + (95 - quality) * 0.4))
