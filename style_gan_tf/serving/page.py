"""The page to try the models in a browser: one file, which calls the REST API like any client."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from style_gan_tf.inference.card import paint_size_in, read_card, styles_in

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
# In the page, where the models go, and the code of the other file.
_MODELS = "/*MODELS*/[]"
_ENLARGING = "/*ENLARGING*/"


def page(models: Mapping[str, Path]) -> bytes:
    """The page as HTML.

    Args:
        models: Name -> the folder of the version that is served; its model card may name styles,
            and the size at which it paints.
    """
    listed = [_listed(name, read_card(folder)) for name, folder in models.items()]
    # "<" could end the script element.
    text = json.dumps(listed).replace("<", "\\u003c")
    return _template().replace(_MODELS, text).encode()


def _listed(name: str, card: dict[str, Any]) -> dict[str, Any]:
    listed = {"name": name, "styles": styles_in(card)}
    size = paint_size_in(card)
    return {**listed, "paint_size": size} if size else listed


@cache
def _template() -> str:
    html, script = (
        (resources.files(__package__) / name).read_text(encoding="utf-8")
        for name in ("page.html", "enlarging.js")
    )
    return html.replace(_ENLARGING, script)
