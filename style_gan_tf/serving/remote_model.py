"""A model at a server, in the style that is wanted: what stylizes files in a model's place."""

from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture, encode
from style_gan_tf.inference.style_choice import one_style
from style_gan_tf.inference.style_table import StyleTable, choose
from style_gan_tf.serving.client import Client, ServerError

_OF_CODES = {"serve_bytes_code", "named_styles"}


class RemoteModel:
    """Stylizes as `inference.Model` does, by requests; made by `connect`.

    Attributes:
        client: Through which.
        table: The model's styles; None where it takes nothing that says which.
        style: float32 `[numbers]`, what it takes: style weights, or a style code, which the server
            need not find anew for each picture; None likewise.
    """

    def __init__(
        self,
        client: Client,
        table: StyleTable | None = None,
        style: np.ndarray | None = None,
    ) -> None:
        self.client = client
        self.table = table
        self.style = style

    def __enter__(self) -> "RemoteModel":
        return self

    def __exit__(self, *raised: object) -> None:
        self.client.close()

    def at_strength(self, strength: float) -> "RemoteModel":
        """The same with less of its style, as `inference.Model.at_strength` has it.

        Args:
            strength: 0 (the photo) to 1 (this model).
        """
        assert self.style is not None
        weaker = self.style * np.float32(strength)
        return RemoteModel(self.client, self.table, weaker)

    def stylize(self, images: Any) -> np.ndarray:
        """See `Client.stylize`."""
        if self.table is not None and self.table.coded:
            return self.client.stylize(images, style_code=self.style)
        return self.client.stylize(images, style_weights=self.style)


def connect(
    url: str,
    style: str = "",
    style_image: str | Path | None = None,
    saved_styles: str | Path | None = None,
) -> RemoteModel:
    """A served model that takes pictures.

    Args:
        url: See `Client`.
        style: Of a model of several styles, which; see `load_model`, as for all that follow.
            Where the server does not tell their names, they are `style_0` and on.
        style_image: Of a model with a style encoder; the server encodes it, once.
        saved_styles: A folder of style codes.

    Raises:
        UsageError: When the URL is none of a model, or there is no such style.
        UserError: When no server answers there, its model takes no encoded pictures, or a style
            cannot be read.
    """
    client = Client(url)
    try:
        model = _in_style(client, style, style_image, saved_styles)
    except ServerError as error:
        client.close()
        raise UserError(f"--server={url}: {str(error).removeprefix(f'{url}: ')}") from None
    except BaseException:
        client.close()
        raise
    return model


def _in_style(
    client: Client, style: str, style_image: str | Path | None, saved_styles: str | Path | None
) -> RemoteModel:
    signatures = client.signatures()
    if "serve_bytes" not in signatures:
        raise UserError(
            f"--server={client.url}: the model has no signature serve_bytes: export it anew"
        )
    told = client.styles()
    by_code = set(signatures) >= _OF_CODES
    table = _table(client, signatures, told, by_code)
    if table is None:
        for flag, value in (("style", style), ("style_image", style_image)):
            if value:
                raise one_style(flag, str(value))
        return RemoteModel(client)
    try:
        return RemoteModel(client, *choose(table, style, style_image, saved_styles))
    except UsageError as error:
        if told or not str(error).startswith("--style="):
            raise
        raise UsageError(f"{error} (this server tells no names: the model card does, in the same "
                         "order)") from None  # fmt: skip


def _table(
    client: Client, signatures: dict[str, Any], told: list[str], by_code: bool
) -> StyleTable | None:
    """The styles; None where the model has one, or does not say how many."""
    signature = signatures.get("named_styles" if by_code else "serve_bytes_style", {})
    try:
        size = signature["inputs"]["style_weights"]["tensor_shape"]["dim"][1]["size"]
        count = int(size)
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    if count < 1:
        return None
    names = tuple(told) if len(told) == count else tuple(f"style_{i}" for i in range(count))
    full = np.eye(count, dtype=np.float32)
    if not by_code:
        return StyleTable(names, full)

    def encode_style(picture: Picture) -> np.ndarray:
        return client.encode_style(encode(picture.on_white(), format="png"))

    codes = np.stack([client.named_code(row) for row in full])
    encode_one = encode_style if "encode_style" in signatures else None
    return StyleTable(names, codes, encode_one, coded=True)
