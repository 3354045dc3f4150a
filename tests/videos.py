"""Small videos, written and read with PyAV alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np


def drifting(count: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Smooth colours that move two pixels a frame: uint8 `[count, height, width, 3]`."""
    y, x = np.mgrid[:height, :width]
    frames = []
    for t in range(count):
        red = 127 + 90 * np.sin((x + 2 * t) / 9) * np.cos(y / 7)
        green = 127 + 60 * np.cos((x + 2 * t + y) / 11)
        frames.append(np.stack([red, green, 255 - green], -1))
    return np.rint(np.array(frames)).astype(np.uint8)


def write_video(
    path: Path,
    frames: Sequence[np.ndarray],
    *,
    codec: str = "libx264",
    times: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 1000),
    rotation: int = 0,
    matrix: int = 2,
    sound: str = "",
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
) -> Path:
    """Write frames, 40 ms each unless `times` tells otherwise, and as much sound of a codec."""
    import av

    container = av.open(str(path), "w")
    stream = container.add_stream(codec, rate=25, options=options or {})
    stream.height, stream.width = frames[0].shape[:2]
    stream.pix_fmt = pixels
    stream.codec_context.time_base = stream.time_base = time_base
    stream.codec_context.colorspace = matrix
    if rotation:
        stream.set_display_rotation(rotation)
    voice = container.add_stream(sound, rate=44100) if sound else None
    for index, rgb in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
            format=pixels, dst_colorspace=matrix, dst_color_range=1
        )
        frame.pts = times[index] if times else index * 40
        frame.time_base = time_base
        container.mux(stream.encode(frame))
        if voice:
            wave = 0.3 * np.sin(np.arange(1764, dtype=np.float32) / 10)[None]
            heard = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            heard.sample_rate, heard.pts = 44100, index * 1764
            container.mux(voice.encode(heard))
    container.mux(stream.encode(None))
    if voice:
        container.mux(voice.encode(None))
    container.close()
    return path


@dataclass(frozen=True)
class Seen:
    """What a player would make of a video file."""

    frames: np.ndarray  # uint8 [count, height, width, 3], as stored
    times: list[float]  # seconds
    rotation: int
    duration: float
    matrix: int
    sound: list[bytes]  # packets


def read_video(path: Path) -> Seen:
    """Read a whole video file."""
    import av

    with av.open(str(path)) as container:
        packets = container.demux(audio=0) if container.streams.audio else ()
        sound = [bytes(packet) for packet in packets if packet.size]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        # libswscale's flags for accuracy; without them a level of brightness is lost.
        pixels = [frame.to_ndarray(format="rgb24", interpolation=0x46004) for frame in frames]
        return Seen(
            frames=np.array(pixels),
            times=[float(frame.pts * stream.time_base) for frame in frames],
            rotation=frames[0].rotation,
            duration=container.duration / 1e6,
            matrix=frames[0].colorspace,
            sound=sound,
        )


def damage(path: Path, frames: Sequence[int]) -> None:
    """Replace the packets of some frames, counted as they are stored, by noise."""
    import av

    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    noise = np.random.default_rng(0)
    for frame in frames:
        start, size = packets[frame]
        data[start + 5 : start + size] = noise.integers(0, 256, size - 5, np.uint8).tobytes()
    path.write_bytes(data)
