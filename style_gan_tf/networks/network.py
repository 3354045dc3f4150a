"""A Keras functional model that knows how it was built: it can be saved, loaded and rebuilt."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from style_gan_tf.errors import UserError


@keras.saving.register_keras_serializable("style_gan_tf")
class Network(keras.Model):
    """A functional model with its recipe: role, architecture, options and dtype policy.

    `.keras` files keep the recipe and the weights; loading goes through the builder, so a file
    never holds a graph of its own that could drift from the code.

    Attributes:
        recipe: `role` ("generator" or "discriminator"), `architecture`, `options`, `dtype`, and
            `styles`, the names of several.
        stride: Height and width of the input must be multiples of it.
        margin: Pixels of surround on each side that keep the zero padding inside the network
            from being seen in the picture.
        minimum: The smallest height and width that the network takes.
        style_encoder: Of a generator that learns styles from pictures: a picture to its style
            code; else None. Its weights are the network's.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        *,
        recipe: dict[str, Any],
        stride: int = 1,
        margin: int = 0,
        minimum: int = 1,
        style_encoder: Any = None,
    ) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=recipe["architecture"])
        self.recipe = recipe
        self.stride = stride
        self.margin = margin
        self.minimum = minimum
        self.style_encoder = style_encoder

    @property
    def latent(self) -> int | None:
        """Numbers in the noise vector that a generator of noise takes; None: it takes pictures."""
        shape = self.inputs[0].shape
        return shape[1] if len(shape) == 2 else None

    @property
    def size(self) -> int | None:
        """Height and width of its pictures where they are fixed; None: they are not."""
        pictures = self.inputs if self.latent is None else self.outputs
        return pictures[0].shape[1]

    @property
    def takes_weights(self) -> bool:
        """Whether it has a second input: style weights, or a style code in their place."""
        return len(self.inputs) > 1

    @property
    def num_styles(self) -> int:
        """Numbers in its second input: a weight for each style, or a code's; 1 without one."""
        return self.inputs[1].shape[1] if self.takes_weights else 1

    @property
    def styles(self) -> tuple[str, ...]:
        """The styles' names, where the network was told them; else `style_0` and on."""
        named = self.recipe.get("styles") or [f"style_{i}" for i in range(self.num_styles)]
        return tuple(named)

    def get_config(self) -> dict[str, Any]:
        return {**self.recipe, "options": dict(self.recipe["options"])}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "Network":
        del custom_objects
        # Late, because the builders make networks.
        from style_gan_tf.networks import build_discriminator, build_generator

        builders: dict[str, Callable[..., Network]] = {
            "generator": build_generator,
            "discriminator": build_discriminator,
        }
        build = builders[config["role"]]
        network = build(config["architecture"], dtype=config["dtype"], **config["options"])
        if "styles" in config:
            network.recipe["styles"] = list(config["styles"])
        return network


def rebuild(network: Network, dtype: str) -> Network:
    """A copy of the network with the same weights that computes in another dtype policy.

    `keras.models.clone_model` keeps the layers' policies, so it cannot do this.
    """
    copy = Network.from_config({**network.get_config(), "dtype": dtype})
    copy.set_weights(network.get_weights())
    return copy


def load_network(path: str | Path, dtype: str = "float32") -> Network:
    """Read a network from a `.keras` file.

    Args:
        path: A file that `network.save(path)` wrote.
        dtype: Dtype policy to compute in, whatever the file was trained in.

    Raises:
        UserError: When the file is missing, is no Keras file or holds another kind of model.
    """
    if not Path(path).is_file():
        raise UserError(f"{path}: no such file")
    try:
        network = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a damaged file.
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a readable Keras model ({reason})") from None
    if not isinstance(network, Network):
        raise UserError(f"{path}: a Keras model, but not one of style_gan_tf's networks")
    return network if network.recipe["dtype"] == dtype else rebuild(network, dtype)
