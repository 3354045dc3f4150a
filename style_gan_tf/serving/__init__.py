"""Models for TF Serving: their signatures and how they are written."""

from style_gan_tf.serving.signatures import export_saved_model

__all__ = ["export_saved_model"]
