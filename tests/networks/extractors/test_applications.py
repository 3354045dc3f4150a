import keras
import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.networks import load_extractor


def untrained(builder, minimum):
    """What Keras gives when its weights can be had, without downloading them."""

    def build(include_top, weights):
        assert not include_top and weights == "imagenet"
        return builder(include_top=False, weights=None, input_shape=(minimum, minimum, 3))

    return build


def test_inception_takes_299_pixels_by_itself(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real = keras.applications.InceptionV3
    monkeypatch.setattr(keras.applications, "InceptionV3", untrained(real, 299))
    extractor = load_extractor("inception_v3")
    assert extractor.size == 299 and not extractor.standardize
    assert extractor.embed(keras.ops.zeros((1, 40, 52, 3))).shape == (1, 2048)


def test_vgg19_of_keras(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real = keras.applications.VGG19
    monkeypatch.setattr(keras.applications, "VGG19", untrained(real, 64))
    extractor = load_extractor("vgg19")
    maps = extractor.maps(keras.ops.zeros((1, 64, 64, 3)))
    assert [m.shape[1:] for m in maps[:2]] == [(64, 64, 64), (32, 32, 128)]
    assert extractor.name == "vgg19" and extractor.layers[-1] == "relu5_1"


@pytest.mark.parametrize(("name", "builder"), [("inception_v3", "InceptionV3"), ("vgg19", "VGG19")])
def test_without_a_network_one_line_says_what_to_do(monkeypatch, tmp_path, name, builder):
    def fails(**_):
        raise OSError("URL fetch failure\nand more lines")

    fails.__name__ = builder
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(keras.applications, builder, fails)
    with pytest.raises(UserError, match=r"download .*_notop.h5 of keras.applications") as caught:
        load_extractor(name)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def test_a_named_file_that_is_missing(tmp_path):
    with pytest.raises(UserError, match=r"--extractor_weights=.*: no such file"):
        load_extractor("inception_v3", tmp_path / "w.h5")
    (tmp_path / "w.h5").write_text("nothing")
    with pytest.raises(UserError, match="not the weights of InceptionV3"):
        load_extractor("inception_v3", tmp_path / "w.h5")
