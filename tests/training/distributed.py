"""Trains three float32 steps on fixed data and saves losses and weights; run as a script.

usage: distributed.py OBJECTIVE DEVICES OUTPUT     (TF_CONFIG: one of several workers)
"""

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

OBJECTIVE, DEVICES, OUTPUT = sys.argv[1], int(sys.argv[2]), sys.argv[3]
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * DEVICES
)

from style_gan_tf.objectives import objective_entry  # noqa: E402
from style_gan_tf.training.assemble import assemble  # noqa: E402
from style_gan_tf.training.reading import Data  # noqa: E402
from style_gan_tf.training.settings import Settings  # noqa: E402
from style_gan_tf.training.strategy import is_chief  # noqa: E402
from tests.extractor_weights import write_vgg19  # noqa: E402
from tests.objective_contract import option_names  # noqa: E402

VGG19 = Path(OUTPUT).with_suffix(".vgg19.npz")
write_vgg19(VGG19)

# No instance normalization after a bias: such a bias has no effect, its gradient is rounding
# noise, and Adam makes full steps of it.
PLAIN = ["discriminator.normalization=none", "generator.n_blocks=1"]
if "style_scales" in option_names(OBJECTIVE):
    PLAIN.append("style_scales=1")
# More of some objectives: what is drawn, kept in state or normalized over the global batch.
EXTRA = {
    "contrastive": (
        "discriminator.normalization=none",
        "diff_augment=color,translation,cutout",
        "generator.n_blocks=2",
    ),
    "cyclegan": (
        "discriminator.normalization=none",
        "pool_size=4",
        "discriminator.spectral=true",
        "generator.n_blocks=1",
    ),
    # Its generator normalizes over the global batch.
    "gan": (
        "discriminator.normalization=none",
        "diff_augment=color,translation,cutout",
        "generator.latent=6",
        "r1=0.5",
    ),
    "perceptual": (
        f"feature_weights={VGG19}",
        "style_scales=1",
        "stability_weight=1",
        "generator.n_blocks=1",
    ),
    "paired": (
        "discriminator.normalization=none",
        "diff_augment=color,translation,cutout",
        f"feature_weights={VGG19}",
        "feature_weight=1",
        "r1=0.5",
        "generator.n_blocks=1",
    ),
    # Mixtures, strengths and the noise of renderings are drawn; the diversity's weight is state.
    "multistyle": (
        "discriminator.normalization=none",
        "diff_augment=color,translation,cutout",
        "generator.n_blocks=1",
        "generator.latent_dim=3",
        "diversity_steps=10",
        "mixture_share=0.5",
        "r1=0.5",
    ),
    "reference": (
        "discriminator.normalization=none",
        f"feature_weights={VGG19}",
        "style_scales=1",
        "r1=0.5",
        "generator.n_blocks=1",
        "generator.latent_dim=3",
    ),
}.get(OBJECTIVE, PLAIN)
ENTRY = objective_entry(OBJECTIVE)
GENERATOR = "noise" if ENTRY.from_noise else "fast"
STYLES = {"style_data": ("a=x", "b=x")} if "styles" in ENTRY.reads else {}
settings = Settings(
    objective=OBJECTIVE, generator=GENERATOR, crop=32, batch_size=4, steps=3, precision="float32",
    set=("generator.filters=8", "discriminator.filters=8", "discriminator.n_layers=2", *EXTRA),
    **STYLES,
)  # fmt: skip


def stream(start: int, positions: range) -> tf.data.Dataset:
    """Pictures that the step and the position determine."""

    def batch(step: tf.Tensor) -> dict[str, tf.Tensor]:
        draw = tf.random.stateless_uniform([2, 4, 32, 32, 3], tf.stack([step, 1]), -1.0, 1.0)
        chosen = draw[:, positions.start : positions.stop]
        places = tf.range(positions.start, positions.stop)
        named = dict.fromkeys(("style", "target"), chosen[1])
        return {"content": chosen[0], **named, "style_index": places % 2, "positions": places}

    return tf.data.Dataset.range(start, 100).map(batch)


def paintings(size: int) -> list[list[np.ndarray]]:
    rng = np.random.default_rng(0)
    both = [rng.uniform(-1, 1, (size, size + 8, 3)).astype(np.float32) for _ in range(2)]
    return [[one] for one in both] if settings.styles else [both]


nothing = np.zeros((0, 32, 32, 3), np.float32)
run = assemble(settings, data=Data(stream, 40, nothing, whole_styles=paintings))
batches = run.batches(0)
losses = [run.train_step(next(batches)).losses for _ in range(3)]
if is_chief(run.strategy):
    state = {f"weights/{name}": v.numpy() for name, v in run.train_step.state.items()}
    named = {f"losses/{name}": [step[name] for step in losses] for name in losses[0]}
    np.savez(OUTPUT, replicas=run.strategy.num_replicas_in_sync, **state, **named)
