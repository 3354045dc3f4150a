"""What a run saves of an objective that settles its styles, and that training does not notice."""

import numpy as np

from style_gan_tf import data
from style_gan_tf.networks import load_network, named_codes
from style_gan_tf.networks.coded_styles import encode_style
from tests.extractor_weights import write_vgg19
from tests.runs import assert_same_weights, run, weights


def test_named_styles_are_mean_codes_and_resuming_changes_nothing(
    tiny_flags, two_folders, tmp_path
):
    write_vgg19(tmp_path / "vgg19.npz")
    options = [f"feature_weights={tmp_path / 'vgg19.npz'}", "generator.latent_dim=3"]
    for folder, parts in (("whole", [3]), ("parts", [1, 3])):
        flags = tiny_flags(objective="reference", run_dir=tmp_path / folder, set=options)
        for steps in parts:
            assert run(*flags, f"--steps={steps}") == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")
    whole, parts = (load_network(tmp_path / f / "generator.keras") for f in ("whole", "parts"))
    for one, other in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)

    trained = data.split(data.open_source(str(two_folders[1])), "train")
    pictures, _ = data.read_squares(trained, whole.recipe["reference_side"])
    codes = encode_style(whole, pictures).numpy()
    np.testing.assert_allclose(named_codes(whole)[0], codes.mean(axis=0), atol=1e-4)
    # The checkpoint holds what training has made of them.
    state = weights(tmp_path / "whole")[1]
    held = [value for name, value in state.items() if name.startswith("average")]
    settled = named_codes(whole)[:, 1:]
    assert not any(value.shape == settled.shape and np.allclose(value, settled) for value in held)
