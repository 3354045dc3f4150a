"""Pictures out of noise: the plain min-max game (Goodfellow et al. 2014)."""

import dataclasses
from typing import Any

import tensorflow as tf

from style_gan_tf.networks import draw_noise
from style_gan_tf.objectives.adversarial import adversarial_loss, gradient_penalty, r1_penalty
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.options import at_least


@dataclasses.dataclass(frozen=True)
class GanOptions:
    """Options of the gan objective.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        r2: Weight of the R2 penalty, the same at generated pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    adversarial: str = "bce"
    r1: float = 0.0
    r2: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        for name in ("r1", "r2"):
            at_least(name, getattr(self, name), 0)


class Gan(Objective):
    """min over G, max over D of E[log D(y)] + E[log(1 - D(G(z)))].

    y are the style images, z noise from the standard normal distribution, another at each step
    and position of the global batch. Real and generated pictures go through D in passes of their
    own: in one batch, batch normalization would tell them apart for it.
    """

    Options = GanOptions

    def __init__(self, options: GanOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.adversarial = adversarial_loss(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.generator = setting.build_generator(of_noise=True)
        self.discriminator = setting.build_discriminator()
        assert self.generator.latent is not None
        self.latent = self.generator.latent
        self.networks = {"generator": self.generator, "discriminator": self.discriminator}
        self.state = {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        real, positions = batch["style"], batch["positions"]
        noise = draw_noise(self.setting.batch, self.latent, tf.random.fold_in(seed, 6))
        fake = self.generator(tf.gather(noise, positions), training=True)

        def judge(images: Any, draw: int = 1) -> Any:
            draws = tf.random.fold_in(seed, draw)
            seen = diff_augment(images, self.policy, draws, positions, self.setting.batch)
            return self.discriminator(seen, training=True)

        # One pass over the generated pictures serves both players: each takes the gradient
        # towards its own weights.
        real_logits, fake_logits = judge(real), judge(fake, draw=5)
        discriminator = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            discriminator["r1"] = self.options.r1 * r1_penalty(judge, real)
        if self.options.r2:
            # Of the pictures as they are: no gradient flows on into the generator.
            shown = tf.stop_gradient(fake)
            discriminator["r2"] = self.options.r2 * r1_penalty(lambda x: judge(x, draw=5), shown)
        if weight := self.adversarial.gradient_penalty:
            mix = tf.random.stateless_uniform([self.setting.batch], tf.random.fold_in(seed, 2))
            mix = tf.gather(mix, positions)
            discriminator["penalty"] = weight * gradient_penalty(judge, real, fake, mix)
        return {
            "generator": {"adversarial": self.adversarial.generator(real_logits, fake_logits)},
            "discriminator": discriminator,
        }
