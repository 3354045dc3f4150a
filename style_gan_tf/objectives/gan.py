"""Pictures out of noise: the plain min-max game (Goodfellow et al. 2014)."""

import dataclasses
from typing import Any

import tensorflow as tf

from style_gan_tf.networks import draw_noise
from style_gan_tf.objectives.adversarial_game import AdversarialGame, GameOptions
from style_gan_tf.objectives.objective import Objective, Setting


@dataclasses.dataclass(frozen=True)
class GanOptions(GameOptions):
    """Options of the gan objective: the game's alone."""


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
        self.generator = setting.build_generator(of_noise=True)
        self.game = AdversarialGame(options, setting.build_discriminator(), setting.batch)
        assert self.generator.latent is not None
        self.latent = self.generator.latent
        self.networks = {"generator": self.generator, "discriminator": self.game.discriminator}
        self.state = {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        real, positions = batch["style"], batch["positions"]
        noise = draw_noise(self.setting.batch, self.latent, tf.random.fold_in(seed, 6))
        fake = self.generator(tf.gather(noise, positions), training=True)

        adversarial, discriminator = self.game.play(real, fake, seed, positions)
        return {"generator": {"adversarial": adversarial}, "discriminator": discriminator}
