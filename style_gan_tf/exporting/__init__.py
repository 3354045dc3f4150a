"""What an export is: a SavedModel's signatures, card, warm-up and versions; TFLite and ONNX."""

from style_gan_tf.exporting.saved_model import export_saved_model

__all__ = ["export_saved_model"]
