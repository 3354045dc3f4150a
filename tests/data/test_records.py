import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from style_gan_tf.data import Augmentation, batches, open_source
from style_gan_tf.data.tfrecords import record_spans
from style_gan_tf.errors import UserError
from style_gan_tf.images import decode, encode


def flat(value, width=9, height=8):
    return np.full((height, width, 3), value, np.uint8)


def example(**features: bytes) -> bytes:
    values = {
        name.replace("__", "/"): tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        for name, value in features.items()
    }
    return tf.train.Example(features=tf.train.Features(feature=values)).SerializeToString()


def write(path, records, **options):
    with tf.io.TFRecordWriter(str(path), **options) as writer:
        for record in records:
            writer.write(record)


class Painted(tfds.core.GeneratorBasedBuilder):
    """A builder whose image is nested."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        image = tfds.features.Image(shape=(None, None, 3))
        features = {"label": tf.int64, "scene": tfds.features.FeaturesDict({"image": image})}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(6), "test": self._generate_examples(2)}

    def _generate_examples(self, count):
        for i in range(count):
            yield i, {"label": i, "scene": {"image": flat(i * 20)}}


def values(source):
    return sorted(int(decode(source.read(i)).rgb[0, 0, 0]) for i in range(len(source)))


def test_spans_are_where_the_data_are(tmp_path):
    path = tmp_path / "a.tfrecord"
    records = [b"one", b"", b"three" * 1000]
    write(path, records)
    spans = record_spans(path)
    data = path.read_bytes()
    assert [data[o : o + n] for o, n in spans] == records


@pytest.mark.parametrize("name", ["image", "image__encoded", "image_raw", "photo"])
def test_tfrecord_files(tmp_path, name):
    for file, start in (("a", 0), ("b", 3)):
        records = [
            example(label=b"x", **{name: encode(flat(start + i), format="png")}) for i in range(3)
        ]
        write(tmp_path / f"{file}.tfrecord", records)
    source = open_source(f"tfrecord:{tmp_path}/*.tfrecord")
    assert list(source.keys) == [f"{f}.tfrecord#{i}" for f in "ab" for i in range(3)]
    assert [int(decode(source.read(i)).rgb[0, 0, 0]) for i in range(6)] == list(range(6))
    assert source.size(0) == (9, 8)
    batch = next(iter(batches(source, Augmentation(crop=8), batch_size=6, seed=0)))
    found = np.rint((batch["images"].numpy()[:, 0, 0, 0] + 1) * 127.5)
    assert sorted(found) == list(range(6))


def test_wrong_tfrecord_files(tmp_path):
    path = tmp_path / "a.tfrecord"
    write(path, [example(text=b"no picture")])
    with pytest.raises(UserError, match=r"no feature of the first record.*\(it has text\)"):
        open_source(f"tfrecord:{path}")
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match=r"a\.tfrecord: truncated or no TFRecord file"):
        open_source(f"tfrecord:{path}")
    write(path, [example(image=b"x")], options=tf.io.TFRecordOptions(compression_type="GZIP"))
    with pytest.raises(UserError, match=r"a\.tfrecord: compressed TFRecord file"):
        open_source(f"tfrecord:{path}")
    path.write_bytes(b"")
    with pytest.raises(UserError, match="hold no records"):
        open_source(f"tfrecord:{path}")


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_a_prepared_builder(tmp_path, monkeypatch, file_format):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    Painted(data_dir=tmp_path, file_format=file_format).download_and_prepare()
    specs = {
        "tfds:painted": [0, 20, 40, 60, 80, 100],
        "tfds:painted:test": [0, 20],
        "tfds:painted:1.0.0:test": [0, 20],
        f"tfds:{tmp_path}/painted/1.0.0:test": [0, 20],
    }
    if file_format == "array_record":  # its builder is known by its files alone
        specs = {spec: v for spec, v in specs.items() if str(tmp_path) in spec}
    for spec, expected in specs.items():
        source = open_source(spec)
        assert values(source) == expected
        assert source.size(0) == (9, 8)
        assert len(set(source.keys)) == len(expected)


def test_slices_of_a_split_keep_the_names_of_their_records(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    Painted(data_dir=tmp_path).download_and_prepare()
    whole = open_source("tfds:painted:train")
    parts = [open_source(f"tfds:painted:train[{part}]") for part in (":50%", "50%:")]
    assert [key for part in parts for key in part.keys] == list(whole.keys)
    assert [part.read(i) for part in parts for i in range(3)] == [whole.read(i) for i in range(6)]


def test_image_folder(tmp_path):
    for split in ("train", "test"):
        (tmp_path / split / "label").mkdir(parents=True)
        (tmp_path / split / "label" / "a.png").write_bytes(encode(flat(7), format="png"))
    assert values(open_source(f"tfds:{tmp_path}:test")) == [7]
    with pytest.raises(UserError, match="no split 'dev'; there are: test, train"):
        open_source(f"tfds:{tmp_path}:dev")


@pytest.mark.parametrize("spec", ["tfds:cycle_gan/monet2photo:trainA", "tfds:coco/2017:train"])
def test_mocked_data_of_known_builders(spec):
    with tfds.testing.mock_data(num_examples=4):
        source = open_source(spec)
        assert len(source) == 4
        width, height = source.size(1)
        assert decode(source.read(1)).rgb.shape == (height, width, 3)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("tfds:no_such_data:train", "TFDS has no such data set"),
        ("tfds:cycle_gan/monet2photo:trainA", "run `tfds build cycle_gan/monet2photo`"),
        ("tfds:painted:dev", "no split 'dev'; there are: train, test"),
        ("tfds:", "expected tfds:NAME"),
    ],
)
def test_wrong_specs_give_one_line(tmp_path, monkeypatch, spec, message):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    Painted(data_dir=tmp_path).download_and_prepare()
    with pytest.raises(UserError, match=message) as caught:
        open_source(spec)
    assert "\n" not in str(caught.value)
