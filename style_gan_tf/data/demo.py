"""The demo data: `demo:photos` and `demo:van_gogh` lie in the package; others are made.

`demo_pictures/ATTRIBUTION.tsv` names the author, the licence and the source of every picture in
the package. They may be used, changed and shown, commercially as well.

`demo:skimage`, `demo:strokes` and `demo:paintings_of_held_out` have a ground truth. Their
photographs are those inside scikit-image's wheel, cut into overlapping tiles; their paintings are
made from other tiles of them by our stroke renderer, so that what a perfect model would paint is
known. All is made once and kept in the user's cache.
"""

import contextlib
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from style_gan_tf.data.folders import FileSource
from style_gan_tf.data.source import Source
from style_gan_tf.data.strokes import paint
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS, decode, encode, resize_short_side

DEMO_PICTURES = Path(__file__).parent / "demo_pictures"
# Photographs of landscapes, houses, animals, food and people; and oil paintings by Van Gogh.
PACKAGED_SETS = ("photos", "van_gogh")
_ALIASES = {"paintings": "strokes"}  # what flagfiles of version 0.1 name
# A set's name -> its folder in the cache.
SKIMAGE_SETS = {
    "skimage": "photos",
    "strokes": "paintings",
    "paintings_of_held_out": "paintings_of_held_out",
}
TILE = 288  # pixels a side: a little above the usual crop of 256
_VERSION = "demo-v1"  # of the cached files: a change of what is made needs a new name
_TRAINING = ("astronaut.png", "coffee.png", "motorcycle_left.png", "hubble_deep_field.jpg")
_HELD_OUT = ("chelsea.png", "rocket.jpg")

# Sides of tiles, relative to the short side of the photograph, and the overlap of neighbours.
_PHOTOS = ((1.0, 0.8, 0.62), 0.55)
_PAINTINGS = ((0.95, 0.74), 0.5)
_HELD_OUT_PHOTOS = ((1.0, 0.78), 0.35)


def open_demo(spec: str, name: str, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Source:
    """Open one of the demo sets.

    Args:
        spec: What errors name, such as `demo:photos`.
        name: One of PACKAGED_SETS, which need nothing, or of SKIMAGE_SETS, which need
            scikit-image and are made at first use; or `paintings`, another name of `strokes`.
        max_pixels: Pictures with more pixels are skipped.

    Raises:
        UserError: For an unknown name, without scikit-image, or for an unwritable cache.
    """
    name = _ALIASES.get(name, name)
    if name in PACKAGED_SETS:
        folder = DEMO_PICTURES / name
        keys = sorted(path.name for path in folder.glob("*.jpg"))
        return FileSource(spec, folder, keys, max_pixels=max_pixels)
    if name in SKIMAGE_SETS:
        return _open_skimage_demo(spec, name, max_pixels=max_pixels)
    names = ", demo:".join((*PACKAGED_SETS, *SKIMAGE_SETS))
    raise UserError(f"{spec}: no such demo data; there are: demo:{names}")


def _open_skimage_demo(spec: str, name: str, *, max_pixels: int) -> Source:
    """Open one of SKIMAGE_SETS.

    `paintings_of_held_out` holds the paintings of the held-out pictures of `skimage`, by the same
    keys in the same order: what a perfect model would make of them.
    """
    folder = cache_folder() / _VERSION
    if not folder.is_dir():
        _make(spec, folder)
    inside = folder / SKIMAGE_SETS[name]
    keys = sorted(path.name for path in inside.iterdir())
    source = FileSource(spec, inside, keys, max_pixels=max_pixels)
    if name == "skimage":
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
        for name in SKIMAGE_SETS.values():
            (temporary / name).mkdir()
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            for written in [
                pool.submit(_write, temporary, *picture) for picture in _pictures(photographs)
            ]:
                written.result()
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


def _write(folder: Path, inside: str, key: str, tile: np.ndarray, seed: int | None) -> None:
    rgb = tile if seed is None else paint(tile, seed)
    (folder / inside / key).write_bytes(encode(rgb, format="jpeg", quality=97))


def _pictures(photographs: Path) -> Iterator[tuple[str, str, np.ndarray, int | None]]:
    """List all pictures: folder, file name, uint8 [TILE, TILE, 3], seed of the painter or None."""
    for number, name in enumerate((*_TRAINING, *_HELD_OUT)):
        path = photographs / name
        rgb = decode(path.read_bytes(), name=str(path)).on_white()
        held_out = name in _HELD_OUT
        for index, tile in enumerate(_tiles(rgb, *(_HELD_OUT_PHOTOS if held_out else _PHOTOS))):
            key = f"{path.stem}-{index:02d}.jpg"
            yield "photos", key, tile, None
            if held_out:
                yield "paintings_of_held_out", key, tile, 1000 * number + index
        if not held_out:
            # Mirrored and of other sizes than the photos' tiles: no photo has its own painting.
            for index, tile in enumerate(_tiles(rgb[:, ::-1], *_PAINTINGS)):
                yield "paintings", f"{path.stem}-{index:02d}.jpg", tile, 1000 * number + 500 + index


def _tiles(rgb: np.ndarray, scales: Sequence[float], overlap: float) -> Iterator[np.ndarray]:
    """Cut squares of several sizes from all over the picture, resized to TILE.

    Args:
        rgb: uint8 [height, width, 3].
        scales: Sides of the squares, relative to the short side.
        overlap: Part of its side that a square has in common with the next.
    """
    height, width = rgb.shape[:2]
    for scale in scales:
        side = round(min(height, width) * scale)
        for y in _places(height - side, side * (1 - overlap)):
            for x in _places(width - side, side * (1 - overlap)):
                yield resize_short_side(rgb[y : y + side, x : x + side], TILE)


def _places(room: int, step: float) -> list[int]:
    """Spread tiles evenly over `room` pixels of freedom, at most `step` apart."""
    return [round(place) for place in np.linspace(0, room, math.ceil(room / step) + 1)]
