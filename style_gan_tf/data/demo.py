"""The demo data: `demo:photos` and `demo:van_gogh` lie in the package; others are made.

`demo_pictures/ATTRIBUTION.tsv` names the author, the licence and the source of every picture in
the package. They may be used, changed and shown, commercially as well.
"""

from pathlib import Path

from style_gan_tf.data.folders import FileSource
from style_gan_tf.data.skimage_demo import SKIMAGE_SETS, open_skimage_demo
from style_gan_tf.data.source import Source
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS

DEMO_PICTURES = Path(__file__).parent / "demo_pictures"
# Photographs of landscapes, houses, animals, food and people; and oil paintings by Van Gogh.
PACKAGED_SETS = ("photos", "van_gogh")
_ALIASES = {"paintings": "strokes"}  # what flagfiles of version 0.1 name


def open_demo(spec: str, name: str, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Source:
    """Open one of the demo sets.

    Args:
        spec: What errors name, such as `demo:photos`.
        name: One of PACKAGED_SETS, which need nothing, or of SKIMAGE_SETS, which need
            scikit-image and are made at first use; or `paintings`, another name of `strokes`.
        max_pixels: Pictures with more pixels are skipped.

    Raises:
        UserError: For an unknown name, or what `open_skimage_demo` raises.
    """
    name = _ALIASES.get(name, name)
    if name in PACKAGED_SETS:
        folder = DEMO_PICTURES / name
        keys = sorted(path.name for path in folder.glob("*.jpg"))
        return FileSource(spec, folder, keys, max_pixels=max_pixels)
    if name in SKIMAGE_SETS:
        return open_skimage_demo(spec, name, max_pixels=max_pixels)
    names = ", demo:".join((*PACKAGED_SETS, *SKIMAGE_SETS))
    raise UserError(f"{spec}: no such demo data; there are: demo:{names}")
