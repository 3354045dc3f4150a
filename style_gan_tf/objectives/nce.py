"""What ties an output to its content, place by place: PatchNCE or EnCo, by the options."""

import dataclasses

from style_gan_tf.networks import Network
from style_gan_tf.objectives.enco import EnCo
from style_gan_tf.objectives.options import ObjectiveOptions, number
from style_gan_tf.objectives.patch_nce import PatchNce
from style_gan_tf.options import choose

NCE = ("patch", "enco")


@dataclasses.dataclass(frozen=True)
class NceOptions(ObjectiveOptions):
    """Options of the tie.

    Attributes:
        nce: `patch`: PatchNCE; `enco`: EnCo's distance between encoder and decoder, which needs
            no second pass.
        nce_weight: Weight of that.
        first_map: The shallowest of the encoder's maps that PatchNCE compares. 0 begins with the
            pixels themselves, which holds on to the photo's texture; 1 leaves it free.
        temperature: Of PatchNCE's softmax.
        hard_negatives: How much more PatchNCE counts other places that look alike; see
            `patch_nce_loss`; 0: all the same.
        patches: Places compared in each feature map.
        projection: Width of the perceptrons that compare patches.
    """

    nce: str = "patch"
    nce_weight: float = 1.0
    first_map: int = 0
    temperature: float = number(0.07, least=1e-3)
    hard_negatives: float = 0.0
    patches: int = number(256, least=1)
    projection: int = number(256, least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        choose("nce", self.nce, NCE)


def build_nce(
    options: NceOptions, generator: Network, dtype: str, drives: bool = False
) -> PatchNce | EnCo:
    """What the options name.

    Args:
        options: The objective's.
        generator: Whose features are compared.
        dtype: Dtype policy of what is trained beside it.
        drives: Whether the generator takes style weights and what drives its normalizations.

    Raises:
        UsageError: When the generator has no maps for it.
    """
    if options.nce == "enco":
        return EnCo(
            generator,
            width=options.projection,
            patches=options.patches,
            dtype=dtype,
            drives=drives,
        )
    return PatchNce(
        generator,
        first_map=options.first_map,
        width=options.projection,
        patches=options.patches,
        temperature=options.temperature,
        hard_negatives=options.hard_negatives,
        dtype=dtype,
        drives=drives,
    )
