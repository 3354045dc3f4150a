"""Templates -> pages: HTML in which every value is escaped."""

import base64
import functools
from typing import Any

import jinja2
import numpy as np

from style_gan_tf.images import encode

_QUALITY = 90


def render(template: str, **values: Any) -> str:
    """Fill a template of this package's folder `templates`.

    Args:
        template: Its file name.
        values: What it names; a value that it needs and that is missing raises
            `jinja2.UndefinedError`. All are escaped but `markupsafe.Markup`.
    """
    return _environment().get_template(template).render(**values)


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("style_gan_tf.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def data_url(pixels: np.ndarray) -> str:
    """A picture, uint8 `[height, width, 3]`, as a JPEG that stands in the page itself."""
    data = base64.b64encode(encode(pixels, format="jpeg", quality=_QUALITY)).decode()
    return f"data:image/jpeg;base64,{data}"
