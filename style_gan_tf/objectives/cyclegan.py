"""Cycle-consistent adversarial networks (Zhu et al. 2017)."""

import dataclasses
import functools
from typing import Any

import tensorflow as tf

from style_gan_tf.networks import together
from style_gan_tf.objectives.adversarial_game import AdversarialGame, GameOptions, Streams
from style_gan_tf.objectives.image_pool import ImagePool
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.stability import stability_loss

# `fold_in` numbers beside the games'.
_POOL_STREAM, _BACKWARD_STREAM = 2, 10


@dataclasses.dataclass(frozen=True)
class CycleganOptions(GameOptions):
    """Options of the cyclegan objective.

    Attributes:
        cycle_weight: Weight of |F(G(x)) - x| and |G(F(y)) - y|.
        identity_weight: Weight of |G(y) - y| and |F(x) - x|, as a part of `cycle_weight`.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        pool_size: Generated pictures that each discriminator's history holds; 0: none.
    """

    adversarial: str = "lsgan"
    cycle_weight: float = 10.0
    identity_weight: float = 0.5
    stability_weight: float = 0.0
    pool_size: int = 50


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
        self.networks = {
            "generator": setting.build_generator(),
            "backward_generator": setting.build_generator(),
            "discriminator": setting.build_discriminator(),
            "content_discriminator": setting.build_discriminator(),
        }
        self.games = {
            name: AdversarialGame(
                options,
                self.networks[name],
                setting.batch,
                pace=0.5,  # As in the reference.
                streams=Streams(mix=3),
            )
            for name in ("discriminator", "content_discriminator")
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
            tf.random.fold_in(seed, _BACKWARD_STREAM),
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
        """One of the two games: the generator's loss and the discriminator's losses."""
        shown = self.pools[pool].exchange(fake, tf.random.fold_in(seed, _POOL_STREAM))
        return self.games[name].play(real, fake, seed, positions, shown=shown)


def _distance(left: Any, right: Any) -> Any:
    """Mean absolute difference."""
    return tf.reduce_mean(tf.abs(left - right))
