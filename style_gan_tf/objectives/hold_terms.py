"""What holds a stylized picture to its photograph: subject, colours, skin, faces, motion."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from style_gan_tf.objectives.color_loss import color_loss
from style_gan_tf.objectives.content_term import CONTENT_EXTRACTOR, ContentTerm
from style_gan_tf.objectives.face_loss import face_cells, face_loss
from style_gan_tf.objectives.options import ObjectiveOptions
from style_gan_tf.objectives.skin_loss import skin_loss
from style_gan_tf.objectives.stability import stability_loss


@dataclasses.dataclass(frozen=True)
class HoldOptions(ObjectiveOptions):
    """Weights of the terms; 0: none.

    Attributes:
        content_weight: Of the subject as EfficientNet-Lite0 sees it (`ContentTerm`).
        color_weight: Of the photo's colours, place by place (`color_loss`); at 0 the style's
            palette is free.
        skin_weight: Of the photo's hue, chroma and lightness where it shows skin (`skin_loss`).
        face_weight: Of the light and shade, and of the smoothness, of the faces that are found in
            the photo (`face_loss`).
        stability_weight: Of the stability for video: |G(T(x)) - T(G(x))| (`stability_loss`).
    """

    content_weight: float = 0.0
    color_weight: float = 0.0
    skin_weight: float = 0.0
    face_weight: float = 0.0
    stability_weight: float = 0.0


class HoldTerms:
    """The terms that have a weight.

    Args:
        options: The weights.
        dtype: Dtype policy of the network that sees the subject.
        batch: Pictures in the global batch.

    Attributes:
        sees_through: The extractor that the subject is seen through; "": none.
    """

    def __init__(self, options: HoldOptions, dtype: str, batch: int) -> None:
        self.options, self.batch = options, batch
        subject = ContentTerm(dtype).loss if options.content_weight else None
        self.sees_through = CONTENT_EXTRACTOR if subject else ""
        terms: dict[str, tuple[float, Callable[[Any, Any], Any] | None]] = {
            "content": (options.content_weight, subject),
            "color": (options.color_weight, color_loss),
            "skin": (options.skin_weight, skin_loss),
            "face": (options.face_weight, _found_face_loss),
        }
        self.terms = {n: (weight, term) for n, (weight, term) in terms.items() if weight and term}

    def losses(
        self,
        generator: Callable[[Any], Any],
        photos: Any,
        outputs: Any,
        seed: Any,
        positions: Any,
        factors: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The terms by name: `content`, `color`, `skin`, `face` and `stability`.

        Args:
            generator: Photos to pictures, for the stability.
            photos: float32 `[n, height, width, 3]` in [-1, 1].
            outputs: What the generator made of them, the same shape.
            seed: int32 `[2]`, the same on all replicas.
            positions: int32 `[n]`, each example's position in the global batch.
            factors: By a term's name, what it is multiplied by for each picture, `[n]`.

        Returns:
            Scalars, float32, with their weights.
        """
        losses = {}
        for name, (weight, term) in self.terms.items():
            each = term(outputs, photos)
            if factors and name in factors:
                each = factors[name] * each
            losses[name] = weight * tf.reduce_mean(each)
        if weight := self.options.stability_weight:
            losses["stability"] = weight * stability_loss(
                generator, photos, outputs, seed, positions, self.batch
            )
        return losses


def _found_face_loss(outputs: Any, photos: Any) -> Any:
    return face_loss(outputs, photos, face_cells(photos))
