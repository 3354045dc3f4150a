"""Several styles share a batch evenly, whatever the folders hold and whoever reads them."""

import numpy as np
import pytest

from style_gan_tf.data import Augmentation, open_source
from style_gan_tf.data.style_batches import name_styles, styled_batches
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


@pytest.mark.parametrize("batch_size", [2, 4])
def test_a_batch_that_does_not_divide(sources, batch_size):
    with pytest.raises(UsageError, match=rf"--batch_size={batch_size}: 3 styles share a batch"):
        read(sources, 1, batch_size=batch_size)


def test_more_styles_than_a_batch_take_turns(sources):
    """Three styles, one a batch: round and round, each with its own pictures, from any step."""
    whole = read(sources, 8, batch_size=1)
    assert [int(batch["style_index"][0]) for batch in whole] == [0, 1, 2, 0, 1, 2, 0, 1]
    for batch in whole:
        image, index = batch["images"][0], int(batch["style_index"][0])
        assert (image[..., index] > -0.3).all()
        assert (np.delete(image, index, axis=-1) == -1).all()
    for start in (1, 2, 3, 5):
        late = read(sources, 2, batch_size=1, start=start)
        for one, other in zip(late, whole[start:], strict=False):
            for key, value in one.items():
                np.testing.assert_array_equal(value, other[key])


def test_styles_that_take_turns_do_so_on_several_workers(sources):
    four = {**sources, "fourth": sources[next(iter(sources))]}
    whole = read(four, 4, batch_size=2)
    assert [batch["style_index"].tolist() for batch in whole] == [[0, 1], [2, 3], [0, 1], [2, 3]]
    parts = [read(four, 4, batch_size=2, positions=part) for part in (range(0, 1), range(1, 2))]
    for index, batch in enumerate(whole):
        for key, value in batch.items():
            joined = np.concatenate([part[index][key] for part in parts])
            np.testing.assert_array_equal(joined, value)


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
