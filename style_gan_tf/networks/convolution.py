"""Convolutions with the paddings and the spectral normalization that GANs use."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("style_gan_tf")
class PaddedConv2D(keras.layers.Conv2D):
    """Convolution with `pad` zeros on each of the four sides, as PyTorch counts them.

    Keras knows `same`, whose zeros fall on the right and below first when the stride is two or
    the kernel even; the reference networks do not. Input `[batch, height, width, channels]`,
    output height `(height + 2 * pad - kernel) // stride + 1`.

    Args:
        filters: Channels of the output.
        kernel_size: Height and width of the kernel.
        strides: Down and across.
        pad: Zeros on each side.
        spectral: Divide the kernel by its largest singular value (Miyato et al. 2018), found by
            power iteration; `iterate` goes a step further, once a training step. The kernel
            itself is left alone.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        *,
        pad: int = 0,
        spectral: bool = False,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        # No other option of Conv2D is heeded here, so none is taken.
        if unknown := set(kwargs) - {"name", "dtype", "trainable"}:
            raise TypeError(f"PaddedConv2D takes no {', '.join(sorted(unknown))}")
        super().__init__(
            filters,
            kernel_size,
            strides,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.pad = pad
        self.spectral = spectral

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        if self.spectral:
            # Every replica computes the same value from the same kernel.
            self.left_singular = self.add_weight(
                shape=(1, self.filters),
                initializer=keras.initializers.RandomNormal(seed=self.filters),
                trainable=False,
                name="left_singular",
                autocast=False,
                aggregation="only_first_replica",
            )

    def call(self, inputs: Any) -> Any:
        kernel = tf.convert_to_tensor(self.kernel)
        if self.spectral:
            kernel /= tf.cast(self._largest_singular_value()[0], kernel.dtype)
        # conv2d takes explicit paddings too, but their gradients leave oneDNN's kernels on a CPU:
        # forty times slower in bfloat16, twice in float32 (docs/tensorflow.md).
        padding = "VALID"
        if self.pad and self.kernel_size[0] == 2 * self.pad + 1 and self.strides == (1, 1):
            padding = "SAME"  # There the two agree.
        elif self.pad:
            sides = [[0, 0], [self.pad, self.pad], [self.pad, self.pad], [0, 0]]
            inputs = tf.pad(inputs, sides)
        outputs = tf.nn.conv2d(inputs, kernel, self.strides, padding=padding)
        # Not by bias_add: in bfloat16 a CPU sums the bias's gradient in bfloat16 there, and the sum
        # stops growing, at a quarter of what it should be over maps of 128x128.
        return outputs + tf.convert_to_tensor(self.bias) if self.use_bias else outputs

    def iterate(self) -> None:
        """Keep what a step of power iteration has found; for layers with `spectral`."""
        self.left_singular.assign(self._largest_singular_value()[1])

    def _largest_singular_value(self) -> tuple[Any, Any]:
        """One step from the vector that is kept: the value, and the next vector."""
        matrix = tf.reshape(tf.cast(self.kernel, tf.float32), [-1, self.filters])
        fixed = tf.stop_gradient(matrix)
        left = tf.convert_to_tensor(self.left_singular)
        right = tf.math.l2_normalize(tf.matmul(left, fixed, transpose_b=True))
        left = tf.math.l2_normalize(tf.matmul(right, fixed))
        return tf.reduce_sum(tf.matmul(right, matrix) * left), left

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, height, width, channels = input_shape

        def padded(size: int | None) -> int | None:
            return None if size is None else size + 2 * self.pad

        return super().compute_output_shape((batch, padded(height), padded(width), channels))

    # Conv2D stores kernel and bias alone, and then finds a variable missing in the file.
    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        if self.spectral and self.built:
            store["left_singular"] = self.left_singular

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)
        if self.spectral and self.built:
            self.left_singular.assign(store["left_singular"])

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        heeded = ("name", "dtype", "trainable", "filters", "use_bias", "kernel_initializer")
        return {
            **{name: config[name] for name in heeded},
            "kernel_size": self.kernel_size[0],
            "strides": self.strides[0],
            "pad": self.pad,
            "spectral": self.spectral,
        }


def iterate_spectral(network: keras.Model) -> None:
    """A step of power iteration in every layer with spectral normalization, once a training step.

    Not at each call: what a network knows of its kernels then stays the same within a step, however
    often and in whatever order it is called.
    """
    for layer in network.layers:
        if isinstance(layer, PaddedConv2D) and layer.spectral:
            layer.iterate()


@keras.saving.register_keras_serializable("style_gan_tf")
class TransposedConv2D(keras.layers.Conv2DTranspose):
    """Keras's transposed convolution with a bias that learns in bfloat16 as well.

    Keras takes `bias_add`: see `PaddedConv2D`.
    """

    def call(self, inputs: Any) -> Any:
        outputs = keras.ops.conv_transpose(
            inputs, self.kernel, strides=self.strides, padding=self.padding
        )
        return outputs + tf.convert_to_tensor(self.bias) if self.use_bias else outputs


@keras.saving.register_keras_serializable("style_gan_tf")
class ReflectionPadding(keras.layers.Layer):
    """Mirror `pad` pixels at each side, without repeating the border pixel itself.

    Input `[batch, height, width, channels]` with height and width greater than `pad`.
    """

    def __init__(self, pad: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pad = pad

    def call(self, inputs: Any) -> Any:
        sides = [[0, 0], [self.pad, self.pad], [self.pad, self.pad], [0, 0]]
        return tf.pad(inputs, sides, mode="REFLECT")

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        height, width = (None if n is None else n + 2 * self.pad for n in (height, width))
        return (batch, height, width, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pad": self.pad}
