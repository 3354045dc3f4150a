"""TF Serving's REST contract without HTTP and without TensorFlow: paths, JSON, tensors, errors.

Described at https://www.tensorflow.org/tfx/serving/api_rest; where that is silent, the server's
behaviour is kept (docs/serving.md lists the differences that remain).
"""

from style_gan_tf.serving.rest.api import RestApi
from style_gan_tf.serving.rest.errors import RestError
from style_gan_tf.serving.rest.paths import Call, parse_call
from style_gan_tf.serving.rest.tensors import TensorSpec

__all__ = ["Call", "RestApi", "RestError", "TensorSpec", "parse_call"]
