import hashlib

import keras
import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.networks import load_extractor
from style_gan_tf.networks.extractors import applications
from style_gan_tf.networks.extractors.applications import APPLICATIONS, Application, download


@pytest.fixture(autouse=True)
def empty_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


def at_hand(monkeypatch, name, minimum):
    """Weights lie in the cache, and Keras builds the network without reading them."""
    builder = APPLICATIONS[name].builder
    real = getattr(keras.applications, builder)
    path = applications.weights_folder() / APPLICATIONS[name].file
    path.parent.mkdir(parents=True)
    path.touch()

    def build(include_top, weights):
        assert not include_top and weights == str(path)
        return real(include_top=False, weights=None, input_shape=(minimum, minimum, 3))

    monkeypatch.setattr(keras.applications, builder, build)


def test_inception_takes_299_pixels_by_itself(monkeypatch):
    at_hand(monkeypatch, "inception_v3", 299)
    extractor = load_extractor("inception_v3")
    assert extractor.size == 299 and not extractor.standardize
    assert extractor.embed(keras.ops.zeros((1, 40, 52, 3))).shape == (1, 2048)


def test_vgg19_of_keras(monkeypatch):
    at_hand(monkeypatch, "vgg19", 64)
    extractor = load_extractor("vgg19", "imagenet")
    maps = extractor.maps(keras.ops.zeros((1, 64, 64, 3)))
    assert [m.shape[1:] for m in maps[:2]] == [(64, 64, 64), (32, 32, 128)]
    assert extractor.name == "vgg19" and extractor.layers[-1] == "relu5_1"


@pytest.mark.parametrize("given", [("inception_v3",), ("vgg19", "imagenet")])
def test_nothing_is_fetched_unasked_and_one_line_says_how(monkeypatch, tmp_path, given):
    monkeypatch.setattr(keras.utils, "get_file", lambda *_, **__: pytest.fail("fetched"))
    with pytest.raises(UserError, match=rf"give --download={given[0]} once") as caught:
        load_extractor(*given)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


def stand_in(monkeypatch, tmp_path, content, checksum):
    source = tmp_path / "there" / "small_notop.h5"
    source.parent.mkdir()
    source.write_bytes(content)
    application = Application("VGG19", source.as_uri(), checksum, 1)
    monkeypatch.setitem(APPLICATIONS, "vgg19", application)
    return application


def test_download_fetches_once_and_checks_the_sum(monkeypatch, tmp_path):
    content = b"weights" * 100
    stand_in(monkeypatch, tmp_path, content, hashlib.md5(content).hexdigest())
    path = download("vgg19")
    assert path.read_bytes() == content and path.parent == applications.weights_folder()
    (tmp_path / "there" / "small_notop.h5").unlink()
    assert download("vgg19") == path


def test_what_has_another_sum_or_is_not_there_is_refused_in_one_line(monkeypatch, tmp_path):
    application = stand_in(monkeypatch, tmp_path, b"something else", 32 * "0")
    with pytest.raises(UserError, match=r"--download=vgg19: .* could not be fetched") as caught:
        download("vgg19")
    assert "\n" not in str(caught.value)
    with pytest.raises(UserError):
        load_extractor("vgg19", "imagenet")
    (tmp_path / "there" / application.file).unlink()
    with pytest.raises(UserError, match="could not be fetched"):
        download("vgg19")


def test_a_named_file_that_is_missing(tmp_path):
    with pytest.raises(UserError, match=r"--extractor_weights=.*: no such file"):
        load_extractor("inception_v3", tmp_path / "w.h5")
    (tmp_path / "w.h5").write_text("nothing")
    with pytest.raises(UserError, match="not the weights of InceptionV3"):
        load_extractor("inception_v3", tmp_path / "w.h5")
