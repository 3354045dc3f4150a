"""Several styles share a batch evenly, whatever the folders hold and whoever reads them."""

import numpy as np
import pytest

from style_gan_tf.data import Augmentation, open_source
from style_gan_tf.data.styled import name_styles, styled_batches
from style_gan_tf.errors import UsageError
from style_gan_tf.images import encode
from style_gan_tf.inference.references import REFERENCE

AUGMENTATION = Augmentation(crop=8, load_size=8, flip=False)
COUNTS = {"red": 3, "green": 9, "blue": 20}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Folders of one colour each; the brightness tells the pictures apart."""
    root = tmp_path_factory.mktemp("styles")
    for channel, (name, count) in enumerate(COUNTS.items()):
        (root / name).mkdir()
        for index in range(count):
            rgb = np.zeros((9, 9, 3), np.uint8)
            rgb[..., channel] = 100 + 5 * index
            (root / name / f"{index}.png").write_bytes(encode(rgb, format="png"))
    return {name: open_source(str(root / name)) for name in COUNTS}


def read(sources, count, **options):
    given = {"batch_size": 6, "seed": 3, **options}
    dataset = styled_batches(sources, AUGMENTATION, **given)
    return [{k: v.numpy() for k, v in batch.items()} for batch in dataset.take(count)]


def test_every_batch_has_as_many_of_each(sources):
    for batch in read(sources, 5):
        np.testing.assert_array_equal(batch["positions"], range(6))
        np.testing.assert_array_equal(batch["style_index"], [0, 1, 2, 0, 1, 2])
        for image, index in zip(batch["images"], batch["style_index"], strict=True):
            assert (image[..., index] > -0.3).all()
            assert (np.delete(image, index, axis=-1) == -1).all()


def test_every_picture_has_its_turn(sources):
    seen = {tuple(image[0, 0]) for batch in read(sources, 11) for image in batch["images"]}
    # Two of each a batch: 22 of the 20 blue ones, the others over and over.
    assert len(seen) == sum(COUNTS.values())


def test_workers_read_together_what_one_reads_alone(sources):
    whole = read(sources, 3)
    parts = [read(sources, 3, positions=part) for part in (range(0, 2), range(2, 6))]
    for index, batch in enumerate(whole):
        for key, value in batch.items():
            joined = np.concatenate([part[index][key] for part in parts])
            np.testing.assert_array_equal(joined, value)


def test_a_later_start_goes_on_where_the_first_would_be(sources):
    for late, batch in zip(read(sources, 2, start=2), read(sources, 4)[2:], strict=True):
        np.testing.assert_array_equal(late["images"], batch["images"])


def test_a_batch_that_does_not_divide(sources):
    with pytest.raises(UsageError, match="--batch_size=4: 3 styles share a batch"):
        read(sources, 1, batch_size=4)


def test_names():
    assert name_styles(["ink=a/b=c", "oil=tfds:x"]) == {"ink": "a/b=c", "oil": "tfds:x"}


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        (["paintings/"], "--style_data=paintings/: with several styles write NAME=SPEC"),
        (["ink="], "write NAME=SPEC"),
        (["ink=a"], "give two styles or more"),
        (["ink=a", "ink=b"], "ink is named twice"),
        (["ink=a", f"{REFERENCE}=b"], "--style_data=reference=b: stylize calls the picture of"),
        (["a:b=c", "d=e"], "no comma, colon, slash or space"),
    ],
)
def test_names_that_cannot_be(specs, message):
    with pytest.raises(UsageError) as error:
        name_styles(specs)
    assert message in str(error.value) and "\n" not in str(error.value)
