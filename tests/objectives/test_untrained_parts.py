"""Parts of a generator that an objective would leave untrained are refused."""

import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, find_objective
from style_gan_tf.objectives.objective import Setting

STYLES = ("oil", "ink")


def make(objective: str, styles: tuple[str, ...] = (), **options: object) -> None:
    found = find_objective(objective)
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1, **options}),
        discriminator=NetworkChoice("patch", {"filters": 4}),
        dtype="float32",
        batch=2,
        crop=64,
        styles=styles,
    )
    found(found.Options(), setting)


OF_PICTURES = [name for name, entry in OBJECTIVES.items() if not entry.from_noise]
OF_ONE_STYLE = [name for name in OF_PICTURES if "styles" not in OBJECTIVES[name].reads]


@pytest.mark.parametrize("objective", OF_PICTURES)
@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"style_encoder": True}, "--objective=reference alone"),
        ({"by_code": True}, "generator.by_code=true"),
    ],
)
def test_of_every_objective(objective, part, named):
    if objective == "reference" and "style_encoder" in part:
        return
    styles = () if objective in OF_ONE_STYLE else STYLES
    with pytest.raises(UsageError, match=named):
        make(objective, styles, **part)


@pytest.mark.parametrize("objective", OF_ONE_STYLE)
@pytest.mark.parametrize(
    ("part", "named"),
    [({"latent_dim": 3}, "multistyle and =reference"), ({"num_styles": 2}, "multistyle alone")],
)
def test_of_those_with_one_style(objective, part, named):
    with pytest.raises(UsageError, match=f"--objective={named}"):
        make(objective, **part)


def test_multistyle_trains_renderings():
    make("multistyle", STYLES, latent_dim=3)
