"""A Keras functional model that knows how it was built: it can be saved, loaded and rebuilt."""

import json
import zipfile
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
            `styles`, the names of several; and of a style encoder `reference_side`, the short side
            in pixels of the pictures that it learned from.
        stride: Height and width of the input must be multiples of it.
        margin: Pixels of surround on each side that keep the zero padding inside the network
            from being seen in the picture.
        minimum: The smallest height and width that the network takes.
        sees_through: The extractor over whose features it judges; "": over pixels.
        style_encoder: Of a generator that learns styles from pictures: a picture to its style
            code; else None. Its weights are the network's.
        mapping: Of a generator whose styles have many renderings: noise and style weights to what
            one of them adds to the style's code; else None. Its weights are the network's.
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
        sees_through: str = "",
        style_encoder: Any = None,
        mapping: Any = None,
    ) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=recipe["architecture"])
        self.recipe = recipe
        self.stride = stride
        self.margin = margin
        self.minimum = minimum
        self.sees_through = sees_through
        self.style_encoder = style_encoder
        self.mapping = mapping

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
        if "reference_side" in config:
            network.recipe["reference_side"] = int(config["reference_side"])
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

    A file that names another class than `Network` is refused before Keras builds anything of it.

    Args:
        path: A file that `network.save(path)` wrote.
        dtype: Dtype policy to compute in, whatever the file was trained in.

    Raises:
        UserError: When the file is missing, is no Keras file or holds another kind of model.
    """
    if not Path(path).is_file():
        raise UserError(f"{path}: no such file")
    # Keras reads other formats, too, by their suffix: none of them is looked through here.
    if Path(path).suffix != ".keras":
        raise UserError(f"{path}: not a readable Keras model (its name does not end in .keras)")
    try:
        with zipfile.ZipFile(path) as file:
            ours = _is_recipe(json.loads(file.read("config.json")))
    except Exception as error:  # A damaged archive raises many kinds as well.
        raise _unreadable(path, error) from None
    if not ours:
        raise UserError(f"{path}: a Keras model, but not one of style_gan_tf's networks")
    try:
        network = keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a damaged file.
        raise _unreadable(path, error) from None
    return network if network.recipe["dtype"] == dtype else rebuild(network, dtype)


def _is_recipe(config: Any) -> bool:
    """Whether the configuration in a `.keras` file asks for one of our networks and nothing else.

    Without `config` Keras would build whatever stands beside it; and an object as a dtype or an
    option would be one more thing for Keras to build.
    """
    if not isinstance(config, dict) or not isinstance(recipe := config.get("config"), dict):
        return False
    # By the second Keras looks a class up; some names in the first mean something to it as well.
    named = config.get("class_name"), config.get("registered_name")
    given = [recipe.get("dtype"), *dict(recipe.get("options") or {}).values()]
    return named == ("Network", "style_gan_tf>Network") and not any(
        isinstance(value, dict | list) for value in given
    )


def _unreadable(path: str | Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    return UserError(f"{path}: not a readable Keras model ({reason})")
