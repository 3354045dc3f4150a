"""Dropout inside training: a resumed run draws as the uninterrupted one does."""

from style_gan_tf.networks import load_network
from style_gan_tf.networks.dropout import Dropout
from tests.runs import assert_same_weights, run


def test_a_resumed_run_drops_the_same(tiny_flags, tmp_path):
    # A U-Net just deep enough to have dropout.
    unet = ["generator.filters=2", "generator.depth=6", "generator.normalization=instance"]
    for steps, folder in ((2, "whole"), (1, "resumed"), (2, "resumed")):
        given = tiny_flags(
            crop=64,
            generator="unet",
            set=[*unet, "patches=16", "projection=8"],
            steps=steps,
            run_dir=tmp_path / folder,
        )
        other = ("generator.n_blocks", "generator.filters=8")
        assert run(*(flag for flag in given if not any(name in flag for name in other))) == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "resumed")
    generator = load_network(tmp_path / "whole" / "generator.keras")
    assert any(isinstance(layer, Dropout) for layer in generator.layers)
