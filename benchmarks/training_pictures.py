"""The training pictures that all rivals crop: written once, read by processes of PyTorch.

A set is two NumPy files: all pixels in a row, and each picture's height and width. They are read
through a memory map, so that a process holds what it has seen alone.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

_STREAMS = {"content": 0, "style": 1}


def write_pictures(folder: Path, name: str, pictures: Iterable[np.ndarray]) -> int:
    """Write a set; returns the number of pictures.

    Args:
        folder: Where.
        name: Of the set.
        pictures: uint8 `[height, width, 3]`, of any sizes.
    """
    shapes = []
    temporary = folder / f"{name}.pixels"
    with open(temporary, "wb") as file:
        for picture in pictures:
            shapes.append(picture.shape[:2])
            file.write(np.ascontiguousarray(picture, np.uint8).tobytes())
    np.save(folder / f"{name}_shapes.npy", np.array(shapes, np.int64).reshape(-1, 2))
    return len(shapes)


class Pictures:
    """Random crops of a set that `write_pictures` wrote.

    Which picture, which crop of it and whether it is mirrored is a function of the seed and the
    step: a training that goes on sees what an uninterrupted one would have seen. Each epoch goes
    through all pictures in an order of its own.

    Args:
        folder: Where the set lies.
        name: Of the set, `content` or `style`.
        crop: Pixels a side.
        seed: Any integer from 0 on.
        flip: Mirror every other crop, left to right.
    """

    def __init__(self, folder: Path, name: str, crop: int, seed: int, flip: bool = True) -> None:
        self.shapes = np.load(folder / f"{name}_shapes.npy")
        self.pixels = np.memmap(folder / f"{name}.pixels", np.uint8, mode="r")
        self.starts = np.concatenate([[0], np.cumsum(self.shapes.prod(axis=1) * 3)])
        self.crop, self.flip = crop, flip
        self.seed = (seed, _STREAMS[name])

    def __len__(self) -> int:
        return len(self.shapes)

    def crop_at(self, step: int) -> np.ndarray:
        """The crop of a step: float32 `[1, 3, crop, crop]` in [-1, 1]."""
        epoch, place = divmod(step, len(self))
        index = np.random.default_rng((*self.seed, epoch)).permutation(len(self))[place]
        draws = np.random.default_rng((*self.seed, epoch, place))
        height, width = self.shapes[index]
        picture = self.pixels[self.starts[index] : self.starts[index + 1]]
        picture = picture.reshape(height, width, 3)
        top, left = (int(draws.integers(side - self.crop + 1)) for side in (height, width))
        view = picture[top : top + self.crop, left : left + self.crop]
        if self.flip and draws.random() < 0.5:
            view = view[:, ::-1]
        return scaled(view[np.newaxis])


def scaled(pictures: np.ndarray) -> np.ndarray:
    """uint8 `[n, height, width, 3]` to float32 `[n, 3, height, width]` in [-1, 1]."""
    planes = pictures.transpose(0, 3, 1, 2).astype(np.float32)
    return np.ascontiguousarray(planes / np.float32(127.5) - 1)


def pairs(
    folder: Path, crop: int, seed: int, start: int, flip: bool
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Content and style crops from a step on, forever; see `Pictures`."""
    content, style = (Pictures(folder, name, crop, seed, flip) for name in _STREAMS)
    while True:
        yield content.crop_at(start), style.crop_at(start)
        start += 1
