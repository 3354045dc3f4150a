"""Cycle-consistent adversarial networks (Zhu et al. 2017)."""

import dataclasses
import functools
from typing import Any

import tensorflow as tf

from style_gan_tf.networks import together
from style_gan_tf.objectives.adversarial import adversarial_loss, gradient_penalty, r1_penalty
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.image_pool import ImagePool
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.stability import stability_loss
from style_gan_tf.options import at_least


@dataclasses.dataclass(frozen=True)
class CycleganOptions:
    """Options of the cyclegan objective.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        cycle_weight: Weight of |F(G(x)) - x| and |G(F(y)) - y|.
        identity_weight: Weight of |G(y) - y| and |F(x) - x|, as a part of `cycle_weight`.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        pool_size: Generated pictures that each discriminator's history holds; 0: none.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        r2: Weight of the R2 penalty, the same at fake pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    adversarial: str = "lsgan"
    cycle_weight: float = 10.0
    identity_weight: float = 0.5
    stability_weight: float = 0.0
    pool_size: int = 50
    r1: float = 0.0
    r2: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        weights = ("cycle_weight", "identity_weight", "stability_weight", "r1", "r2")
        for name in (*weights, "pool_size"):
            at_least(name, getattr(self, name), 0)


class Cyclegan(Objective):
    """Two generators, there and back, and a discriminator at each end.

    `generator` is the paper's G (content to style) and `backward_generator` its F;
    `discriminator` is D_Y, which judges style, and `content_discriminator` D_X.
    """

    Options = CycleganOptions
    beside = ("backward_generator",)

    def __init__(self, options: CycleganOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.adversarial = adversarial_loss(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.networks = {
            "generator": setting.build_generator(),
            "backward_generator": setting.build_generator(),
            "discriminator": setting.build_discriminator(),
            "content_discriminator": setting.build_discriminator(),
        }
        shape = (setting.crop, setting.crop, 3)
        self.pools = {
            name: ImagePool(options.pool_size, setting.batch, shape)
            for name in ("style", "content")
        }
        self.state = {
            f"{pool_name}_{name}": variable
            for pool_name, pool in self.pools.items()
            for name, variable in pool.variables.items()
        }

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        content, style = batch["content"], batch["style"]
        there, back = self.networks["generator"], self.networks["backward_generator"]
        options = self.options

        # Content and the identity's style images share the first pass of each generator; the
        # pictures that close the cycles need a second one.
        if options.identity_weight:
            stylized, same_style = together(there, content, style, training=True)
            restored, same_content = together(back, style, content, training=True)
        else:
            (stylized,) = together(there, content, training=True)
            (restored,) = together(back, style, training=True)
        cycled_content = back(stylized, training=True)
        cycled_style = there(restored, training=True)

        forward, judging_style = self._play(
            "discriminator", "style", style, stylized, batch["positions"], seed
        )
        backward, judging_content = self._play(
            "content_discriminator",
            "content",
            content,
            restored,
            batch["positions"],
            tf.random.fold_in(seed, 10),
        )
        # Both generators close both cycles.
        cycle = options.cycle_weight * (
            _distance(cycled_content, content) + _distance(cycled_style, style)
        )
        generators = {
            "generator": {"adversarial": forward, "cycle": cycle},
            "backward_generator": {"adversarial": backward, "cycle": cycle},
        }
        if options.identity_weight:
            weight = options.cycle_weight * options.identity_weight
            generators["generator"]["identity"] = weight * _distance(same_style, style)
            generators["backward_generator"]["identity"] = weight * _distance(same_content, content)
        if options.stability_weight:
            for name, images, outputs in (
                ("generator", content, stylized),
                ("backward_generator", style, restored),
            ):
                generators[name]["stability"] = options.stability_weight * stability_loss(
                    functools.partial(self.networks[name], training=True),
                    images,
                    outputs,
                    seed,
                    batch["positions"],
                    self.setting.batch,
                )
        return {
            **generators,
            "discriminator": judging_style,
            "content_discriminator": judging_content,
        }

    def _play(
        self, name: str, pool: str, real: Any, fake: Any, positions: Any, seed: Any
    ) -> tuple[Any, dict[str, Any]]:
        """One min-max game: the generator's loss and the discriminator's losses."""
        discriminator = self.networks[name]
        batch = self.setting.batch

        def augment(images: Any, draw: int = 1) -> Any:
            return diff_augment(
                images, self.policy, tf.random.fold_in(seed, draw), positions, batch
            )

        def judge(images: Any) -> Any:
            return discriminator(augment(images), training=True)

        shown = self.pools[pool].exchange(fake, tf.random.fold_in(seed, 2))
        real_logits, shown_logits = together(
            discriminator, augment(real), augment(shown, draw=4), training=True
        )
        # By itself: this pass alone leads back to the generator.
        fake_logits = discriminator(augment(fake, draw=5), training=True)
        # Halved, as in the reference: the discriminator learns at half the generator's pace.
        losses = {"adversarial": 0.5 * self.adversarial.discriminator(real_logits, shown_logits)}
        if self.options.r1:
            losses["r1"] = self.options.r1 * r1_penalty(judge, real)
        if self.options.r2:
            losses["r2"] = self.options.r2 * r1_penalty(judge, tf.stop_gradient(shown))
        if weight := self.adversarial.gradient_penalty:
            mix = tf.gather(
                tf.random.stateless_uniform([batch], tf.random.fold_in(seed, 3)), positions
            )
            losses["penalty"] = weight * gradient_penalty(judge, real, shown, mix)
        return self.adversarial.generator(real_logits, fake_logits), losses


def _distance(left: Any, right: Any) -> Any:
    """Mean absolute difference."""
    return tf.reduce_mean(tf.abs(left - right))
