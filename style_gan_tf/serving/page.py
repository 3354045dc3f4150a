"""The page to try the models in a browser: one file, which calls the REST API like any client."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from style_gan_tf.inference.card import read_card, styles_in

PAGE_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        "img-src blob: data:; media-src blob: mediastream:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
_MODELS = "/*MODELS*/[]"  # in the page, where they go


def page(models: Mapping[str, Path]) -> bytes:
    """The page as HTML.

    Args:
        models: Name -> the folder of the version that is served; its model card may name styles.
    """
    listed = [
        {"name": name, "styles": styles_in(read_card(folder))} for name, folder in models.items()
    ]
    # "<" could end the script element.
    text = json.dumps(listed).replace("<", "\\u003c")
    return _template().replace(_MODELS, text).encode()


@cache
def _template() -> str:
    return (resources.files(__package__) / "page.html").read_text(encoding="utf-8")
