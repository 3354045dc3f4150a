"""Models put to work on pictures: finding and loading them, one picture, many pictures.

Nothing here loads TensorFlow before `load_model` is called.
"""

from style_gan_tf.inference.batch import Failure, Report, stylize_files
from style_gan_tf.inference.generate import NoiseModel, load_noise_model, sample_reader
from style_gan_tf.inference.jobs import Job, plan_jobs, plan_samples
from style_gan_tf.inference.loading import load_model
from style_gan_tf.inference.memory import OutOfMemory
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.naming import ModelFile, find_model, shipped_models
from style_gan_tf.inference.pictures import stylize_picture
from style_gan_tf.inference.stylizer import Stylizer
from style_gan_tf.inference.tiles import Tiling

__all__ = [
    "Failure",
    "Job",
    "Model",
    "ModelFile",
    "NoiseModel",
    "OutOfMemory",
    "Report",
    "Stylizer",
    "Tiling",
    "find_model",
    "load_model",
    "load_noise_model",
    "plan_jobs",
    "plan_samples",
    "sample_reader",
    "shipped_models",
    "stylize_files",
    "stylize_picture",
]
