"""The embedded demo data: `demo:photos`, `demo:paintings`, `demo:paintings_of_held_out`.

Photographs are those inside scikit-image's wheel, cut into overlapping tiles; paintings are made
from other tiles of them by our stroke renderer. All is made once and kept in the user's cache.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from style_gan_tf.data.folders import FileSource
from style_gan_tf.data.source import Source
from style_gan_tf.data.strokes import paint
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS, decode, encode, resize_short_side

SETS = ("photos", "paintings", "paintings_of_held_out")
TILE = 288  # pixels a side: a little above the usual crop of 256
_VERSION = "demo-v1"  # of the cached files: a change of what is made needs a new name
_TRAINING = ("astronaut.png", "coffee.png", "motorcycle_left.png", "hubble_deep_field.jpg")
_HELD_OUT = ("chelsea.png", "rocket.jpg")
_SCALES = (1.0, 0.8, 0.62)  # sides of tiles, relative to the short side of the photograph
_OVERLAP = 0.5  # of neighbouring tiles


def open_demo(spec: str, name: str, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Source:
    """Open one of the demo sets, which are made at first use.

    `demo:paintings_of_held_out` holds the paintings of the held-out pictures of `demo:photos`,
    by the same keys in the same order: what a perfect model would make of them.

    Raises:
        UserError: For an unknown name, or without scikit-image, or an unwritable cache.
    """
    if name not in SETS:
        raise UserError(f"{spec}: no such demo data; there are: demo:{', demo:'.join(SETS)}")
    folder = cache_folder() / _VERSION
    if not folder.is_dir():
        _make(spec, folder)
    keys = sorted(path.name for path in (folder / name).iterdir())
    source = FileSource(spec, folder / name, keys, max_pixels=max_pixels)
    if name == "photos":
        stems = tuple(Path(photograph).stem for photograph in _HELD_OUT)
        source.held_out_keys = frozenset(key for key in source.keys if key.startswith(stems))
    return source


def cache_folder() -> Path:
    """The folder of this package in the user's cache ($XDG_CACHE_HOME or ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "style_gan_tf"


def _make(spec: str, folder: Path) -> None:
    """Make all sets in a folder beside `folder`, then rename it: others see all or nothing."""
    photographs = _photographs_folder(spec)
    temporary = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name in SETS:
            (temporary / name).mkdir()
        for kind, key, rgb in _pictures(photographs):
            data = encode(rgb, format="png" if kind == "photos" else "jpeg", quality=97)
            (temporary / kind / key).write_bytes(data)
        # Fails when another process was first; its set is as good.
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            os.rename(temporary, folder)
    except OSError as error:
        if not folder.is_dir():
            raise UserError(
                f"{spec}: the demo data cannot be written to {folder} ({error.strerror});"
                " set XDG_CACHE_HOME to a writable folder"
            ) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _photographs_folder(spec: str) -> Path:
    try:
        import skimage
    except ImportError as error:
        raise UserError(
            f"{spec}: the photographs come with scikit-image; pip install 'style_gan_tf[demo]'"
        ) from error
    return Path(skimage.__file__).parent / "data"


def _pictures(photographs: Path) -> Iterator[tuple[str, str, np.ndarray]]:
    """Make (set, file name, uint8 [TILE, TILE, 3]) for every picture."""
    for number, name in enumerate((*_TRAINING, *_HELD_OUT)):
        path = photographs / name
        rgb = decode(path.read_bytes(), name=str(path)).on_white()
        held_out = name in _HELD_OUT
        for index, tile in enumerate(_tiles(rgb, shift=0.0)):
            key = f"{path.stem}-{index:02d}.png"
            yield "photos", key, tile
            if held_out:
                yield "paintings_of_held_out", key, paint(tile, seed=1000 * number + index)
        if not held_out:
            # Mirrored and between the places of the photos' tiles: no photo has its own painting.
            for index, tile in enumerate(_tiles(rgb[:, ::-1], shift=0.5)):
                painting = paint(tile, seed=1000 * number + 500 + index)
                yield "paintings", f"{path.stem}-{index:02d}.jpg", painting


def _tiles(rgb: np.ndarray, shift: float) -> Iterator[np.ndarray]:
    """Cut squares of several sizes from all over the picture, resized to TILE.

    Args:
        rgb: uint8 [height, width, 3].
        shift: Move the grid by this part of a step, and take sizes between.
    """
    height, width = rgb.shape[:2]
    for scale in _SCALES:
        side = round(min(height, width) * scale * (1 - 0.1 * shift))
        step = side * (1 - _OVERLAP)
        for y in _places(height - side, step, shift):
            for x in _places(width - side, step, shift):
                yield resize_short_side(rgb[y : y + side, x : x + side], TILE)


def _places(room: int, step: float, shift: float) -> list[int]:
    """Spread tiles evenly over `room` pixels of freedom, about `step` apart."""
    count = max(1, round(room / step) + 1)
    if count == 1:
        return [room // 2]
    return [round(i * room / (count - 1)) for i in range(count)]
