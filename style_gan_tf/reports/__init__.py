"""What a model is worth, measured and shown: figures, contact sheets, curves, one page."""

from style_gan_tf.reports.blind_test import blind_page, draw_questions
from style_gan_tf.reports.curves import (
    Drawing,
    draw_curves,
    meaning,
    read_metrics,
    training_curves,
)
from style_gan_tf.reports.page import write_page
from style_gan_tf.reports.photos import read_photos
from style_gan_tf.reports.pictures import (
    CROP,
    LARGEST_SQUARE,
    TestSet,
    read_paired_test_set,
    read_test_set,
    read_whole_test_set,
)
from style_gan_tf.reports.report import Column, Report, measure_models, table
from style_gan_tf.reports.templates import render
from style_gan_tf.reports.votes import preferences, preferences_table, read_key, read_votes

__all__ = [
    "CROP",
    "LARGEST_SQUARE",
    "Column",
    "Drawing",
    "Report",
    "TestSet",
    "blind_page",
    "draw_curves",
    "draw_questions",
    "meaning",
    "measure_models",
    "preferences",
    "preferences_table",
    "read_key",
    "read_metrics",
    "read_paired_test_set",
    "read_photos",
    "read_test_set",
    "read_votes",
    "read_whole_test_set",
    "render",
    "table",
    "training_curves",
    "write_page",
]
