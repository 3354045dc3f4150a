"""Configurations: ours are read as TF Serving's own protocol buffers read them."""

from pathlib import Path

import pytest
from google.protobuf import text_format

from style_gan_tf.errors import UsageError
from style_gan_tf.serving.model_config import ModelConfig, read_model_config

TEXT = """
# several models
model_config_list {
  config {
    name: "monet", base_path: "/models/monet" model_platform: "tensorflow"
    model_version_policy { specific { versions: 3 versions: 5 } }
    version_labels { key: 'stable' value: 3 }
    version_labels { key: 'canary' value: 5 }
  }
  config { name: "all" base_path: "here/all" model_version_policy { all {} } }
  config { name: "two" base_path: "two" model_version_policy { latest { num_versions: 2 } } }
  config { name: "one" base_path: "one" }
}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "models.config"
    path.write_text(text)
    return path


def test_what_is_read(tmp_path: Path) -> None:
    assert read_model_config(write(tmp_path, TEXT)) == [
        ModelConfig(
            "monet", Path("/models/monet"), specific=frozenset({3, 5}),
            labels={"stable": 3, "canary": 5},
        ),
        ModelConfig("all", tmp_path / "here/all", latest=0),
        ModelConfig("two", tmp_path / "two", latest=2),
        ModelConfig("one", tmp_path / "one"),
    ]  # fmt: skip


def test_the_protocol_buffers_are_tf_servings() -> None:
    """Field by field: what its own class writes, ours reads, and the other way round."""
    pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
    from tensorflow_serving.config import model_server_config_pb2

    from style_gan_tf.exporting.wire_format import message_class

    theirs = text_format.Parse(TEXT, model_server_config_pb2.ModelServerConfig())
    ours = text_format.Parse(TEXT, message_class("ModelServerConfig")())
    assert type(theirs).FromString(ours.SerializeToString()) == theirs
    # Maps have no order, so the other way goes there and back.
    read = type(ours).FromString(theirs.SerializeToString())
    assert type(theirs).FromString(read.SerializeToString()) == theirs
    assert sorted(str(read).splitlines()) == sorted(str(ours).splitlines())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no model"),
        ("model_config_list { }", "names no model"),
        (
            "model_config_list { config { nam: 'x' } }",
            "1:30: no field nam in ModelConfig: did you mean name?",
        ),
        (
            "model_config_list { config { model_version_policy { newest {} } } }",
            "no field newest in VersionPolicy: those read here are latest, all, specific",
        ),
        (
            "model_config_list { config { name: 'x/y' base_path: 'x' } }",
            "x/y: a name without / and :",
        ),
        ("model_config_list { config {", "Expected"),
        ("model_config_list { config { name: 'x' } }", "needs a name and a base_path"),
        ("model_config_list { config { base_path: 'x' } }", "needs a name and a base_path"),
        (
            "model_config_list { config { name: 'x' base_path: 'x' model_platform: 'caffe' } }",
            "model_platform 'caffe'",
        ),
        (
            "model_config_list { config { name: 'x' base_path: 'x' "
            "model_version_policy { all {} latest { num_versions: 2 } } } }",
            "latest and all: keep one",
        ),
        (
            "model_config_list { config { name: 'x' base_path: 'x' "
            "model_version_policy { specific {} } } }",
            "specific names no versions",
        ),
        (
            "model_config_list { config { name: 'x' base_path: 'x' } "
            "config { name: 'x' base_path: 'y' } }",
            "two models are called x",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UsageError, match="--model_config_file=") as told:
        read_model_config(path)
    assert words in str(told.value) and "\n" not in str(told.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_model_config(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        read_model_config(tmp_path / "binary")
