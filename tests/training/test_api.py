import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf import build_discriminator, build_generator
from style_gan_tf.errors import UsageError
from style_gan_tf.networks import any_size
from style_gan_tf.training import train


@pytest.fixture
def networks():
    generator = build_generator("fast", filters=8, n_blocks=1)
    return generator, build_discriminator("patch", filters=8, n_layers=2)


def test_specs_and_networks_as_patterns(two_folders, networks, tmp_path):
    before = [w.copy() for w in networks[0].get_weights()]
    outcome = train(
        *networks,
        tuple(map(str, two_folders)),
        steps=2,
        crop=32,
        batch_size=2,
        samples=1,
        eval_every=0,
        nce_weight=0.5,
        run_dir=tmp_path / "run",
    )
    assert outcome.step == 2 and outcome.run_dir == tmp_path / "run"
    assert outcome.generator.recipe == networks[0].recipe
    assert any_size(outcome.generator, np.zeros((1, 5, 9, 3), np.float32)).shape == (1, 5, 9, 3)
    assert "--set=nce_weight=0.5" in (tmp_path / "run" / "flags.txt").read_text()
    # The patterns themselves are left as they were.
    for weight, now in zip(before, networks[0].get_weights(), strict=True):
        np.testing.assert_array_equal(weight, now)


def test_a_dataset_of_pairs_and_epochs(networks):
    pictures = np.random.default_rng(0).uniform(-1, 1, (6, 32, 32, 3)).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((pictures, -pictures)).batch(2)
    outcome = train(*networks, data, epochs=2, precision="float32")
    assert outcome.step == 6
    assert (outcome.run_dir / "generator.keras").is_file()


def test_a_run_without_an_end_is_refused(two_folders, networks):
    with pytest.raises(UsageError, match="epochs, steps or max_minutes"):
        train(*networks, tuple(map(str, two_folders)))
