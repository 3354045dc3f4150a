"""A client of the REST API: TF Serving's, or that of `style_gan_tf.serve`.

from style_gan_tf.serving.client import Client

client = Client("http://localhost:8501/v1/models/painting")
painted = client.stylize_bytes(open("photo.jpg", "rb").read())
"""

import base64
import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from style_gan_tf.errors import UsageError
from style_gan_tf.images import decode, encode
from style_gan_tf.inference.references import read_reference
from style_gan_tf.serving.rest_calls import RestCalls, ServerError

__all__ = ["Client", "ServerError"]

Numbers = Sequence[float] | np.ndarray


class Client:
    """Calls one model; from as many threads as one likes, each with a connection of its own.

    Args:
        url: `http://HOST:PORT/v1/models/NAME`, or with `/versions/N` or `/labels/L` behind it.
        timeout: Seconds for connecting, and for each wait on the server.
        retries: How often a call is repeated when the server is busy or out of reach.
        sleep: Waits so many seconds; for tests.

    Raises:
        UsageError: When the URL is none of a model.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        retries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        try:
            port = parts.port
        except ValueError:
            port = -1
        plain = not (parts.query or parts.fragment) and ":" not in path
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or port == -1
            or not plain
            or not re.fullmatch(r".*/v1/models/[^/]+(/(versions/\d+|labels/[^/]+))?", path)
        ):
            raise UsageError(
                f"--server={url}: expected http://HOST:PORT/v1/models/NAME "
                "(and /versions/N or /labels/L behind it)"
            )
        self.url = url
        self._path = path
        self._calls = RestCalls(
            url,
            (parts.hostname, port),
            secure=parts.scheme == "https",
            timeout=timeout,
            retries=retries,
            sleep=sleep,
        )

    def close(self) -> None:
        """Close the connections of all threads; the next call opens one again."""
        self._calls.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def status(self) -> list[dict[str, Any]]:
        """The model's versions, newest first: `version`, `state` and `status` of each.

        Raises:
            ServerError: For an unknown model, or no answer.
        """
        return self._calls.call("GET", self._path)["model_version_status"]

    def signatures(self) -> dict[str, Any]:
        """The model's signatures: name -> `inputs` and `outputs`.

        Raises:
            ServerError: For an unknown model, or no answer.
        """
        return self._metadata()["signature_def"]["signature_def"]

    def styles(self) -> list[str]:
        """The names of the model's styles, in the order of its style weights.

        Returns:
            None of them where the server does not tell: `style_gan_tf.serve` does, for a model
            with a card; TF Serving does not.

        Raises:
            ServerError: For an unknown model, or no answer.
        """
        return [str(name) for name in self._metadata().get("styles", [])]

    def predict(self, signature: str = "serving_default", **request: Any) -> Any:
        """Run a signature.

        Args:
            signature: Its name.
            request: `instances=` (by row) or `inputs=` (by column), as TF Serving takes them.

        Returns:
            The predictions, or the outputs.

        Raises:
            ServerError: When the server refuses, or does not answer.
        """
        body = json.dumps({"signature_name": signature, **request}).encode()
        answer = self._calls.call("POST", f"{self._path}:predict", body)
        return answer["predictions" if "instances" in request else "outputs"]

    def stylize_bytes(
        self,
        image_bytes: bytes,
        strength: float | None = None,
        style_weights: Numbers | None = None,
        *,
        reference: bytes | str | Path | None = None,
        style_code: Numbers | None = None,
    ) -> bytes:
        """Stylize an encoded picture.

        Args:
            image_bytes: JPEG or PNG.
            strength: From 0 to 1; needs a model with the signature `serve_bytes_strength`, unless
                a reference is given. None: fully stylized, by `serve_bytes`.
            style_weights: How much of each style, with a sum of at most 1, instead of `strength`;
                needs a model of several styles, with the signature `serve_bytes_style`.
            reference: A picture whose style is wanted: JPEG or PNG, or a file of any kind that
                `stylize` reads; needs a model with a style encoder, with the signature
                `serve_bytes_reference`.
            style_code: What `encode_style` or `named_code` gave, times the strength, instead of
                all these; needs such a model as well, with the signature `serve_bytes_code`.

        Returns:
            A picture of the same size and kind.

        Raises:
            ServerError: When the server refuses a picture, or does not answer.
            UserError: When the reference is a file that cannot be read.
            ValueError: For style weights, reference and style code beside each other, or strength
                beside weights or a code.
        """
        _check_alone(strength, style_weights, reference, style_code)
        sent = _as_json(image_bytes)
        row: dict[str, Any] = {"image_bytes": sent}
        if reference is not None:
            signature = "serve_bytes_reference"
            row["reference_bytes"] = _as_json(_encoded(reference))
            row["strength"] = 1.0 if strength is None else float(strength)
        elif style_code is not None:
            signature = "serve_bytes_code"
            row["style_code"] = _listed(style_code)
        elif style_weights is not None:
            signature = "serve_bytes_style"
            row["style_weights"] = _listed(style_weights)
        elif strength is not None:
            signature = "serve_bytes_strength"
            row["strength"] = float(strength)
        else:
            signature = "serve_bytes"
        (answer,) = self.predict(signature, instances=[row if len(row) > 1 else sent])
        return base64.b64decode(answer["b64"])

    def stylize(
        self,
        images: Any,
        strength: float | None = None,
        style_weights: Numbers | None = None,
        *,
        reference: bytes | str | Path | None = None,
        style_code: Numbers | None = None,
    ) -> np.ndarray:
        """Stylize pixels, as a model in this process does; they travel as PNG.

        Args:
            images: `[batch, height, width, 3]`, RGB in [-1, 1].
            strength: See `stylize_bytes`, as for all that follow.
            style_weights: For all pictures.
            reference: For all pictures; it is encoded once.
            style_code: For all pictures.

        Returns:
            float32, the same shape and range, in steps of 1/255 of [0, 1].

        Raises:
            ServerError, UserError, ValueError: See `stylize_bytes`.
        """
        _check_alone(strength, style_weights, reference, style_code)
        if reference is not None:
            full = self.encode_style(reference)
            style_code, strength = full * np.float32(1.0 if strength is None else strength), None
        pixels = np.rint((np.clip(np.asarray(images), -1.0, 1.0) * 0.5 + 0.5) * 255.0)
        answers = [
            self.stylize_bytes(
                encode(image, format="png"), strength, style_weights, style_code=style_code
            )
            for image in pixels.astype(np.uint8)
        ]
        stylized = np.stack([decode(answer).rgb for answer in answers])
        return stylized.astype(np.float32) / 255.0 * 2.0 - 1.0

    def encode_style(self, reference: bytes | str | Path) -> np.ndarray:
        """The style code of a picture, by the model's style encoder.

        A code times 0.6 is the style at strength 0.6; sums of codes, each times its weight, are
        mixtures.

        Args:
            reference: See `stylize_bytes`.

        Returns:
            float32 `[numbers]`.

        Raises:
            ServerError, UserError: See `stylize_bytes`.
        """
        sent = [_as_json(_encoded(reference))]
        (code,) = self.predict("encode_style", instances=sent)
        return np.array(code, np.float32)

    def named_code(self, style_weights: Numbers) -> np.ndarray:
        """The style code of a mixture of a model's own styles; it needs a style encoder, too.

        Args:
            style_weights: How much of each, with a sum of at most 1.

        Returns:
            float32 `[numbers]`.

        Raises:
            ServerError: When the server refuses, or does not answer.
        """
        (code,) = self.predict("named_styles", instances=[_listed(style_weights)])
        return np.array(code, np.float32)

    def _metadata(self) -> dict[str, Any]:
        return self._calls.call("GET", f"{self._path}/metadata")["metadata"]


def _check_alone(strength: Any, style_weights: Any, reference: Any, style_code: Any) -> None:
    if sum(one is not None for one in (style_weights, reference, style_code)) > 1:
        raise ValueError("give one of style_weights, reference and style_code")
    if strength is not None and style_weights is not None:
        raise ValueError("give strength or style_weights: weights of a smaller sum are weaker")
    if strength is not None and style_code is not None:
        raise ValueError("give strength or style_code: a code times the strength is weaker")


def _as_json(data: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(data).decode("ascii")}


def _listed(numbers: Numbers) -> list[float]:
    return [float(number) for number in numbers]


def _encoded(reference: bytes | str | Path) -> bytes:
    """A reference as it is sent: bytes as they are, files as PNG of a moderate size."""
    if isinstance(reference, bytes):
        return reference
    return encode(read_reference(reference, "reference").rgb, format="png")
