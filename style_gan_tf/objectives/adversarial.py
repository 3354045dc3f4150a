"""The losses of the two players, in pairs.

Every function takes logits, float32 of any shape with one judgement an element (`[batch, rows,
columns, 1]` from a PatchGAN), real and fake ones of the same shape, and returns the scalar mean.
A player minimises its own loss.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError


def bce_generator_loss(real: Any, fake: Any) -> Any:
    """-E[log D(G(x))]: the non-saturating form (Goodfellow et al. 2014, section 3)."""
    del real
    return tf.reduce_mean(tf.nn.softplus(-fake))


def minimax_generator_loss(real: Any, fake: Any) -> Any:
    """E[log(1 - D(G(x)))]: equation 1 of Goodfellow et al. 2014 to the letter."""
    del real
    return -tf.reduce_mean(tf.nn.softplus(fake))


def bce_discriminator_loss(real: Any, fake: Any) -> Any:
    """-E[log D(y)] - E[log(1 - D(G(x)))] (Goodfellow et al. 2014, equation 1)."""
    return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))


def lsgan_generator_loss(real: Any, fake: Any) -> Any:
    """E[(D(G(x)) - 1)^2] (Mao et al. 2017, equation 9, without its half, as in CycleGAN)."""
    del real
    return tf.reduce_mean(tf.square(fake - 1.0))


def lsgan_discriminator_loss(real: Any, fake: Any) -> Any:
    """(E[(D(y) - 1)^2] + E[D(G(x))^2]) / 2 (Mao et al. 2017, equation 9)."""
    return 0.5 * (tf.reduce_mean(tf.square(real - 1.0)) + tf.reduce_mean(tf.square(fake)))


def hinge_generator_loss(real: Any, fake: Any) -> Any:
    """-E[D(G(x))] (Lim and Ye 2017)."""
    del real
    return -tf.reduce_mean(fake)


def hinge_discriminator_loss(real: Any, fake: Any) -> Any:
    """E[max(0, 1 - D(y))] + E[max(0, 1 + D(G(x)))] (Lim and Ye 2017)."""
    return tf.reduce_mean(tf.nn.relu(1.0 - real)) + tf.reduce_mean(tf.nn.relu(1.0 + fake))


def wasserstein_generator_loss(real: Any, fake: Any) -> Any:
    """-E[D(G(x))] (Arjovsky et al. 2017)."""
    del real
    return -tf.reduce_mean(fake)


def wasserstein_discriminator_loss(real: Any, fake: Any) -> Any:
    """E[D(G(x))] - E[D(y)] (Arjovsky et al. 2017); needs the gradient penalty beside it."""
    return tf.reduce_mean(fake) - tf.reduce_mean(real)


def relativistic_generator_loss(real: Any, fake: Any) -> Any:
    """E[softplus(D(y) - D(G(x)))]: fake pictures shall be judged above real ones.

    Relativistic pairing (Jolicoeur-Martineau 2018, section 4; Huang et al. 2024, equation 2):
    each patch is compared with the real one at its place. It has no flat stretch where all fake
    pictures are found out, and wants R1 and R2 beside it to converge (Huang et al., section 3).
    """
    return tf.reduce_mean(tf.nn.softplus(real - fake))


def relativistic_discriminator_loss(real: Any, fake: Any) -> Any:
    """E[softplus(D(G(x)) - D(y))]: real pictures shall be judged above fake ones."""
    return tf.reduce_mean(tf.nn.softplus(fake - real))


@dataclasses.dataclass(frozen=True)
class AdversarialLoss:
    """The two players' losses, and the weight of WGAN-GP's penalty (0: none)."""

    generator: Callable[[Any, Any], Any]
    discriminator: Callable[[Any, Any], Any]
    gradient_penalty: float = 0.0


ADVERSARIAL_LOSSES = {
    "bce": AdversarialLoss(bce_generator_loss, bce_discriminator_loss),
    "minimax": AdversarialLoss(minimax_generator_loss, bce_discriminator_loss),
    "lsgan": AdversarialLoss(lsgan_generator_loss, lsgan_discriminator_loss),
    "hinge": AdversarialLoss(hinge_generator_loss, hinge_discriminator_loss),
    "relativistic": AdversarialLoss(relativistic_generator_loss, relativistic_discriminator_loss),
    "wgan-gp": AdversarialLoss(
        wasserstein_generator_loss, wasserstein_discriminator_loss, gradient_penalty=10.0
    ),
}


def adversarial_loss(name: str) -> AdversarialLoss:
    """The pair of that name.

    Raises:
        UsageError: When there is none.
    """
    if name not in ADVERSARIAL_LOSSES:
        raise UsageError(f"--set adversarial={name}: choose one of {', '.join(ADVERSARIAL_LOSSES)}")
    return ADVERSARIAL_LOSSES[name]


def by_heads(logits: Any, weights: Any) -> Any:
    """The logits of each picture's own heads.

    Args:
        logits: `[batch, rows, columns, maps * heads]`; the heads are the inner part.
        weights: float32 `[batch, heads]` that sum to one.

    Returns:
        `[batch, rows, columns, maps]`: for a mixture, the mixture of the heads' logits.
    """
    heads = weights.shape[-1]
    shape = tf.shape(logits)
    apart = tf.reshape(logits, tf.concat([shape[:-1], [shape[-1] // heads, heads]], 0))
    return tf.einsum("brcmk,bk->brcm", apart, weights)


def r1_penalty(discriminator: Callable[[Any], Any], images: Any) -> Any:
    """E[|dD/dx|^2] / 2 at the given pictures (Mescheder et al. 2018, equation 9).

    Args:
        discriminator: Pictures to logits; a patch discriminator's logits are averaged per
            picture, so that the penalty does not grow with the number of patches.
        images: `[batch, height, width, channels]`: real ones for R1, fake ones for R2.
    """
    return 0.5 * tf.reduce_mean(_squared_gradient_norms(discriminator, images))


def gradient_penalty(discriminator: Callable[[Any], Any], real: Any, fake: Any, mix: Any) -> Any:
    """E[(|dD/dx| - 1)^2] between real and fake (Gulrajani et al. 2017, equation 3).

    Args:
        discriminator: Pictures to logits, averaged per picture.
        real: `[batch, height, width, channels]`.
        fake: The same shape.
        mix: `[batch]` in [0, 1]: where between real (1) and fake (0) each pair is judged.
    """
    mix = tf.reshape(mix, [-1, 1, 1, 1])
    between = mix * real + (1.0 - mix) * tf.stop_gradient(fake)
    # The tiny constant keeps the root's derivative finite where the gradient vanishes.
    norms = tf.sqrt(_squared_gradient_norms(discriminator, between) + 1e-12)
    return tf.reduce_mean(tf.square(norms - 1.0))


def _squared_gradient_norms(discriminator: Callable[[Any], Any], images: Any) -> Any:
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = discriminator(images)
        judgement = tf.reduce_sum(tf.reduce_mean(logits, axis=list(range(1, logits.shape.rank))))
    gradient = tf.cast(tape.gradient(judgement, images), tf.float32)
    return tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3])
