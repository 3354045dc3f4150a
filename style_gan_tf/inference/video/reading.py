"""Decoding a video file: its frames, upright and in order, and its sound as it is."""

import heapq
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.inference.video.frames import Clip, Frame, Sound

# Flags of libswscale: bicubic, and all it has for accuracy. Without them each conversion takes a
# level of brightness away; they cost next to nothing.
CONVERSION = 0x4 | 0x2000 | 0x4000 | 0x40000
_MOST_EXPECTED = 1000  # packets whose frames may still come
_LACKING = 1.0  # seconds that a file may end before its time without a word


def open_av() -> Any:
    """PyAV's module.

    Raises:
        UserError: When it is missing.
    """
    try:
        import av
    except ImportError:
        raise UserError("videos need PyAV: pip install 'style_gan_tf[video]'") from None
    return av


class VideoReader:
    """A video file, open for reading; to be iterated over once.

    Gives frames and packets of sound in the order of the file. A frame that cannot be decoded, or
    that the decoder had to guess parts of, is replaced by the one before it.

    Args:
        path: The file.
        on_warning: Told in a line what is wrong with the file.

    Attributes:
        clip: What there is to know of it.

    Raises:
        UserError: When it is no video that can be read.
    """

    def __init__(self, path: Path, on_warning: Callable[[str], None] = lambda text: None) -> None:
        self._path = path
        self._warn = on_warning
        av = open_av()
        self._broken = av.error.FFmpegError
        try:
            self._container = av.open(str(path), metadata_errors="replace")
        except (self._broken, OSError, ValueError) as error:
            raise UserError(f"{path}: not a readable video ({_line(error)})") from None
        self._stream = self._container.streams.best("video")
        if self._stream is None:
            raise UserError(f"{path}: has no pictures")
        self._stream.thread_type = "AUTO"
        self._sounds = tuple(self._container.streams.audio)
        self._expected: list[int] = []
        self._errors = 0
        self._end = 0.0  # seconds, of all packets so far
        self._first: Any = None  # of the decoder's frames
        self._rgb: np.ndarray | None = None  # what was shown last
        self._time: int | None = None
        self._duration = 0
        self._items = self._demuxed()
        # Rotation and size are known for certain when a frame is there.
        self._beginning: list[Frame | Sound] = []
        for item in self._items:
            self._beginning.append(item)
            if isinstance(item, Frame):
                break
        if self._first is None:
            raise UserError(f"{path}: not a readable video (no frame can be decoded)")
        self.clip: Clip = self._clip(self._first)

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._container.close()

    def __iter__(self) -> Iterator[Frame | Sound]:
        while self._beginning:
            yield self._beginning.pop(0)
        yield from self._items

    def _clip(self, first: Any) -> Clip:
        stream = self._stream
        rate = stream.average_rate or stream.guessed_rate
        count = stream.frames
        if not count and rate and self._container.duration:
            count = round(self._container.duration / 1e6 * rate)
        return Clip(
            size=self._upright(first).shape[:2],
            rotation=first.rotation,
            time_base=stream.time_base,
            rate=rate,
            count=count,
            pixel_aspect=stream.sample_aspect_ratio or None,
            matrix=first.colorspace,
            primaries=first.color_primaries,
            transfer=first.color_trc,
            sounds=self._sounds,
            metadata=dict(self._container.metadata),
        )

    def _demuxed(self) -> Iterator[Frame | Sound]:
        packets = self._container.demux(self._stream, *self._sounds)
        while True:
            try:
                packet = next(packets, None)
            except self._broken as error:
                self._warn(f"{self._path}: ends early ({_line(error)})")
                packet = None
            if packet is None:
                break
            if packet.pts is not None:
                self._end = max(self._end, float(packet.pts * packet.time_base))
            if packet.stream is not self._stream:
                if packet.dts is not None:
                    yield Sound(packet)
                continue
            if packet.pts is not None and packet.size and not packet.is_discard:
                heapq.heappush(self._expected, packet.pts)
                if len(self._expected) > _MOST_EXPECTED:
                    heapq.heappop(self._expected)
            yield from self._decoded(packet)
        if self._errors and self._rgb is not None:
            yield from self._repeated(self._expected)
        # Where the index comes first (Matroska), a file that was cut reads well up to its end.
        begin = max(0, self._container.start_time or 0)
        told = (begin + (self._container.duration or 0)) / 1e6
        rate = float(self._stream.average_rate or 1)
        if told - self._end > max(_LACKING, 2 / rate):
            self._warn(f"{self._path}: ends at {self._end:.1f} s of the {told:.1f} s it tells of")

    def _decoded(self, packet: Any) -> Iterator[Frame]:
        try:
            pictures = packet.decode()
        except self._broken:
            self._errors += 1
            return
        for picture in pictures:
            yield from self._frames(picture)

    def _frames(self, picture: Any) -> Iterator[Frame]:
        """A decoded frame, and before it those that are missing."""
        self._first = self._first or picture
        time = picture.pts
        if time is None:
            time = 0 if self._time is None else self._time + (self._duration or 1)
        missing: list[int] = []
        while self._expected and self._expected[0] <= time:
            earlier = heapq.heappop(self._expected)
            # Some packets have no frame, and no fault. But where the beginning is broken, frames
            # that lean on it are left out without an error of their own.
            faults = self._errors if self._rgb is not None else self._errors * _MOST_EXPECTED
            if earlier < time and len(missing) < faults:
                missing.append(earlier)
        self._errors = max(0, self._errors - len(missing))
        guessed = picture.is_corrupt and self._rgb is not None
        rgb = self._rgb if guessed else self._upright(picture)
        if self._rgb is None:
            self._rgb = rgb  # stands for those before it
        yield from self._repeated([*missing, time] if guessed else missing)
        if not guessed:
            self._rgb = rgb
            self._duration = picture.duration or self._duration
            yield self._shown(time)

    def _repeated(self, times: list[int]) -> Iterator[Frame]:
        for time in sorted(times):
            seconds = float(time * self._stream.time_base)
            self._warn(f"{self._path}: the frame at {seconds:.2f} s is broken: another is repeated")
            yield self._shown(time, repeated=True)

    def _shown(self, time: int, repeated: bool = False) -> Frame:
        # Encoders want times that rise, which damaged files may not have.
        self._time = time if self._time is None else max(time, self._time + 1)
        assert self._rgb is not None
        return Frame(self._rgb, self._time, self._duration, repeated)

    def _upright(self, picture: Any) -> np.ndarray:
        # The size of the first frame, should it change on the way.
        size = {"width": self._first.width, "height": self._first.height}
        rgb = picture.to_ndarray(format="rgb24", interpolation=CONVERSION, **size)
        return turned(rgb, self._first.rotation)


def turned(rgb: np.ndarray, degrees: int) -> np.ndarray:
    """A picture `[height, width, 3]`, turned counterclockwise; by right angles alone."""
    turns = degrees // 90 % 4
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns and degrees % 90 == 0 else rgb


def _line(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split())[:200] or type(error).__name__
