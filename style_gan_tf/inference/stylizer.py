"""A model as one callable, for notebooks and programs: a picture in, the same kind out."""

import functools
import io
import os
from pathlib import Path
from typing import Any, overload

import numpy as np
from PIL import Image, ImageOps

from style_gan_tf.images import Picture, decode, encode, resize_short_side, sheet
from style_gan_tf.inference.loading import load_model
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.naming import ModelFile, find_model
from style_gan_tf.inference.pictures import stylize_picture
from style_gan_tf.inference.tiles import Tiling

_SHOWN = 320  # pixels, the short side of what a notebook shows


class Stylizer:
    """Stylizes pictures of any size; in a notebook it shows its last one, before and after.

    Loading runs what is inside the file: load models that you trust.

    Args:
        model: Any name that `find_model` knows: a shipped model's, a run folder, a `.keras` file, a
            SavedModel.
        precision: See `load_model`.
        tiling: How large pictures are painted and cut: `Tiling(paint_size=0)` paints them at their
            own size, `Tiling(seamless=True)` makes textures that can be laid side by side.
        style: Of a model of several styles, which; see `load_model`.
        style_image: Of a model with a style encoder, a picture whose style is wanted.
        saved_styles: A folder of saved style codes; see `load_model`.

    Raises:
        UsageError: When there is no such model or precision.
        UserError: When the file is damaged or holds another kind of model.

    Example:
        >>> stylizer = Stylizer("runs/mine")
        >>> stylizer("photo.jpg", strength=0.8).save("painted.jpg")
    """

    def __init__(
        self,
        model: str | Path | ModelFile,
        *,
        precision: str = "auto",
        tiling: Tiling | None = None,
        style: str = "",
        style_image: str | Path | None = None,
        saved_styles: str | Path | None = None,
    ) -> None:
        self._found = model if isinstance(model, ModelFile) else find_model(model)
        self._options = (tiling, style, style_image, saved_styles)
        self._model = load_model(self._found, precision, *self._options)
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    @overload
    def __call__(self, picture: np.ndarray, strength: float = 1.0) -> np.ndarray: ...

    @overload
    def __call__(
        self, picture: Image.Image | str | os.PathLike[str], strength: float = 1.0
    ) -> Image.Image: ...

    def __call__(self, picture: Any, strength: float = 1.0) -> Any:
        """Stylize a picture.

        Args:
            picture: A PIL image; a file's path; or an array `[height, width]` (grey),
                `[height, width, 3]` (RGB) or `[height, width, 4]` (RGB and alpha) of uint8, uint16
                or floats in [0, 1].
            strength: 0 (the photo) to 1 (fully stylized).

        Returns:
            For a PIL image or a path a PIL image of 8 bits, upright; for an array one of the same
            type. RGB, with alpha where there was alpha.

        Raises:
            UsageError: When strength lies outside [0, 1].
            UserError: When the file cannot be read.
            ValueError: For an array of another shape.
            TypeError: For anything else.
        """
        if isinstance(picture, np.ndarray):
            given = _of_array(picture)
        elif isinstance(picture, Image.Image):
            given = _of_image(picture)
        elif isinstance(picture, str | os.PathLike):
            given = decode(Path(picture).expanduser().read_bytes(), name=str(picture))
        else:
            raise TypeError(f"a picture is an array, a PIL image or a path, not {type(picture)}")
        model = self._precise if given.white > 255 else self._model
        stylized = stylize_picture(model, given, strength)
        self._last = (_shown(given), _shown(stylized))
        if isinstance(picture, np.ndarray):
            return _to_array(stylized, picture.dtype)
        return _to_image(stylized)

    @functools.cached_property
    def _precise(self) -> Model:
        """In float32: bfloat16 has fewer steps than pictures of 16 bits."""
        return load_model(self._found, "float32", *self._options)

    def __repr__(self) -> str:
        return f"Stylizer({str(self._found.path)!r})"

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows; nothing before the first picture."""
        if self._last is None:
            return None
        return encode(sheet([self._last], labels=("before", "after")), format="png")


def _of_array(pixels: np.ndarray) -> Picture:
    grey = pixels.ndim == 2
    if not (grey or (pixels.ndim == 3 and pixels.shape[-1] in (3, 4))) or 0 in pixels.shape:
        raise ValueError(
            f"a picture has the shape [height, width], [height, width, 3] or [height, width, 4], "
            f"not {pixels.shape}"
        )
    if np.issubdtype(pixels.dtype, np.floating):
        pixels = np.rint(np.clip(np.nan_to_num(pixels), 0.0, 1.0) * 65535.0).astype(np.uint16)
    elif pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"a picture is uint8, uint16 or float, not {pixels.dtype}")
    if grey:
        return Picture(np.repeat(pixels[..., np.newaxis], 3, axis=-1))
    return Picture(pixels[..., :3], pixels[..., 3] if pixels.shape[-1] == 4 else None)


def _to_array(picture: Picture, dtype: np.dtype) -> np.ndarray:
    pixels = picture.rgb if picture.alpha is None else np.dstack([picture.rgb, picture.alpha])
    if np.issubdtype(dtype, np.floating):
        return (pixels / np.float32(picture.white)).astype(dtype)
    return pixels


def _of_image(image: Image.Image) -> Picture:
    # Through a file, as the command would read it: that knows palettes, profiles and 16 bits.
    upright = ImageOps.exif_transpose(image)
    file = io.BytesIO()
    kind = "PNG" if upright.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "TIFF"
    upright.save(file, kind, icc_profile=image.info.get("icc_profile"))
    return decode(file.getvalue(), name="the picture")


def _to_image(picture: Picture) -> Image.Image:
    eight = _eight_bits(picture)
    if eight.alpha is None:
        return Image.fromarray(eight.rgb)
    return Image.fromarray(np.dstack([eight.rgb, eight.alpha]))


def _eight_bits(picture: Picture) -> Picture:
    if picture.white == 255:
        return picture
    rgb, alpha = (
        None if values is None else ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
        for values in (picture.rgb, picture.alpha)
    )
    assert rgb is not None
    return Picture(rgb, alpha)


def _shown(picture: Picture) -> np.ndarray:
    rgb = _eight_bits(picture).on_white()
    return resize_short_side(rgb, min(_SHOWN, *rgb.shape[:2]))
