"""Pictures of any size, read row by row in bounded memory."""

from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.images.decode import ImageError, Picture, read_exif
from style_gan_tf.images.vips import load_vips, reason

_GREY, _COLOR = ("b-w", "grey16"), ("srgb", "rgb", "rgb16")


class RowReader:
    """Rows of a JPEG, PNG, WebP or TIFF, upright, from top to bottom, as often as needed.

    Rows that were read stay until later ones are asked for, so that stretches may overlap;
    asking for earlier ones begins anew. A picture whose EXIF orientation turns it takes the
    disk: libvips lays it out in a temporary file.

    Args:
        path: The file.

    Attributes:
        width: Pixels.
        height: Pixels.
        dtype: uint8 or uint16.
        has_alpha: Whether it has transparency.
        profile: Its ICC profile of RGB; None: sRGB.
        exif: What is kept of its EXIF data, see `kept_exif`; None: nothing.
        resolution: Pixels per millimetre, across and down.

    Raises:
        ImageError: When it is not readable.
        UserError: When libvips is missing.
    """

    def __init__(self, path: Path) -> None:
        self._vips = load_vips()
        self._path = path
        image = self._open()
        self.width, self.height = int(image.width), int(image.height)
        self.dtype = np.dtype(np.uint16 if image.format == "ushort" else np.uint8)
        self._bands = int(image.bands)
        self.has_alpha = self._bands in (2, 4)
        fields = image.get_fields()
        has_profile = "icc-profile-data" in fields and self._bands > 2
        self.profile = bytes(image.get("icc-profile-data")) if has_profile else None
        # By Pillow: libvips reads none in TIFF.
        with open(path, "rb") as file:
            self.exif = read_exif(file, (self.width, self.height))
        self.resolution = (float(image.xres), float(image.yres))
        self._region: Any = None
        self._held = np.empty((0, self.width, self._bands), self.dtype)
        self._first = 0

    def rows(self, first: int, stop: int) -> Picture:
        """The rows from `first` up to `stop`; those before `first` are forgotten.

        Raises:
            ImageError: When the file is damaged there.
        """
        if self._region is None or first < self._first:
            self._region = self._vips.Region.new(self._open())
            self._held, self._first = self._held[:0], first
        held_until = self._first + len(self._held)
        # Of a file that is read in its order nothing can be left out.
        kept = self._held[max(first - self._first, 0) :]
        begin = max(first, held_until)
        self._first = first
        if stop > begin:
            self._held = np.concatenate([kept, self._fetch(begin, stop)])
        else:
            self._held = kept
        return self.held(first, stop)

    def held(self, first: int, stop: int) -> Picture:
        """Rows that `rows` gave last."""
        pixels = self._held[first - self._first : stop - self._first]
        rgb = pixels[..., : 3 if self._bands > 2 else 1]
        if rgb.shape[-1] == 1:
            rgb = np.repeat(rgb, 3, axis=-1)
        alpha = pixels[..., -1] if self.has_alpha else None
        return Picture(rgb, alpha, self.profile)

    def _fetch(self, first: int, stop: int) -> np.ndarray:
        try:
            data = self._region.fetch(0, first, self.width, stop - first)
        except self._vips.Error as error:
            raise self._unreadable(error) from None
        return np.frombuffer(data, self.dtype).reshape(stop - first, self.width, self._bands)

    def _open(self) -> Any:
        try:
            image = self._vips.Image.new_from_file(
                str(self._path), access="sequential", fail_on="truncated"
            )
            if image.get_typeof("orientation") and image.get("orientation") > 1:
                image = self._vips.Image.new_from_file(str(self._path), fail_on="truncated")
                image = image.autorot()
            return _as_rgb(image)
        except self._vips.Error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> ImageError:
        return ImageError(f"{self._path}: not a readable picture ({reason(error)})")


def _as_rgb(image: Any) -> Any:
    """Grey or RGB, with alpha or without, of 8 or 16 bits; other colours become sRGB."""
    plain = image.interpretation in (*_GREY, *_COLOR) and image.format in ("uchar", "ushort")
    grey_of_a_profile = image.bands < 3 and image.get_typeof("icc-profile-data")
    if not plain or grey_of_a_profile:
        if image.get_typeof("icc-profile-data"):
            image = image.icc_transform("srgb", embedded=True)
        else:
            image = image.colourspace("srgb")
        # It is applied by now.
        image = image.copy()
        image.remove("icc-profile-data")
    if image.format not in ("uchar", "ushort"):
        image = image.cast("uchar")
    return image[:4] if image.bands > 4 else image
