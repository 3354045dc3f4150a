"""What a model is worth, measured and shown: figures, contact sheets, curves, one page."""

from style_gan_tf.reports.curves import draw_curves, read_metrics, training_curves
from style_gan_tf.reports.page import write_page
from style_gan_tf.reports.pictures import TestSet, read_paired_test_set, read_test_set
from style_gan_tf.reports.report import Column, Report, measure_models, table

__all__ = [
    "Column",
    "Report",
    "TestSet",
    "draw_curves",
    "measure_models",
    "read_metrics",
    "read_paired_test_set",
    "read_test_set",
    "table",
    "training_curves",
    "write_page",
]
