"""Any style from one picture, over the REST API: requests, the client, and `stylize --server`."""

import base64
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.errors import UserError
from style_gan_tf.images import decode, encode
from style_gan_tf.serving.client import Client, ServerError
from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.servable import Servable
from tests.reference_model import write_pictures
from tests.serving.stand_ins import FunctionModel, make_version, running, spec

NUMBERS = 65


def _greyed(image_bytes: np.ndarray, style_weights: np.ndarray) -> dict[str, np.ndarray]:
    """As much of mid-grey as the second style has weight."""
    answers = []
    for data, weight in zip(image_bytes, style_weights[:, 1], strict=True):
        grey = decode(data).rgb * (1.0 - weight) + 127.0 * weight
        answers.append(encode(np.rint(grey).astype(np.uint8), format="png"))
    return {"stylized_image_bytes": np.array(answers, object)}


def _weighted() -> FunctionModel:
    """A model of two styles, by weights."""
    image_bytes, weights = spec("string"), spec("float", None, 2)
    model = FunctionModel(
        serve_bytes=({"image_bytes": image_bytes}, lambda **given: given),
        serve_bytes_style=({"image_bytes": image_bytes, "style_weights": weights}, _greyed),
    )
    dims = {"tensor_shape": {"dim": [{"size": "-1"}, {"size": "2"}]}}
    model.metadata["serve_bytes_style"] = {"inputs": {"style_weights": dims}}
    model.styles = ["same", "grey"]
    return model


@pytest.fixture(scope="module")
def server(reference_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of models: `any` has a style encoder, `plain` one style, `weighted` two."""
    base = tmp_path_factory.mktemp("others")
    plain = FunctionModel(serve_bytes=({"image_bytes": spec("string")}, lambda **given: given))
    others = {base / "plain": plain, base / "weighted": _weighted()}
    for folder in others:
        make_version(folder, 1)
    models = ModelManager(
        [
            ModelConfig("any", reference_export.parent),
            *(ModelConfig(folder.name, folder) for folder in others),
        ],
        lambda path: others.get(path.parent) or Servable(path),
        lambda line: None,
    )
    models.look(at_once=True)
    with running(models) as served:
        yield f"http://127.0.0.1:{served.port}/v1/models"
    models.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_pictures(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def b64(name: str) -> dict[str, str]:
    return {"b64": base64.b64encode(Path(name).read_bytes()).decode()}


def asked(url: str, **body: Any) -> Any:
    """The answer of the server, as any program gets it."""
    try:
        with urllib.request.urlopen(url, json.dumps(body).encode() if body else None) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return json.loads(refusal.read())


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_metadata_tells_what_each_signature_takes(server: str) -> None:
    metadata = asked(f"{server}/any/metadata")["metadata"]
    signatures = metadata["signature_def"]["signature_def"]

    def shapes(name: str) -> dict[str, Any]:
        return {
            key: None
            if told["tensor_shape"]["unknown_rank"]
            else [int(dim["size"]) for dim in told["tensor_shape"]["dim"]]
            for key, told in signatures[name]["inputs"].items()
        }

    code = [-1, NUMBERS]
    assert shapes("encode_style") == {"reference_bytes": [-1]}
    assert shapes("named_styles") == {"style_weights": [-1, 2]}
    assert shapes("serve_code") == {"images": [-1, -1, -1, 3], "style_code": code}
    assert shapes("serve_bytes_code") == {"image_bytes": [-1], "style_code": code}
    assert shapes("serve_bytes_reference") == {
        "image_bytes": [-1],
        "reference_bytes": None,
        "strength": None,
    }
    types = {key: told["dtype"] for key, told in signatures["encode_style"]["outputs"].items()}
    assert types == {"style_code": "DT_FLOAT"}
    assert metadata["styles"] == ["ink", "oil"]


def test_rows_and_columns(server: str, folder: Path) -> None:
    url = f"{server}/any:predict"
    two = [b64("wave.png"), b64("tall.jpg")]
    (rows,) = asked(url, signature_name="encode_style", instances=two).values()
    for inputs in (two, {"reference_bytes": two}):
        assert asked(url, signature_name="encode_style", inputs=inputs) == {"outputs": rows}
    named = [{"reference_bytes": one} for one in two]
    assert asked(url, signature_name="encode_style", instances=named) == {"predictions": rows}
    assert np.array(rows).shape == (2, NUMBERS)
    photos = [b64("photo.png"), b64("wave.png")]
    for strength in (1.0, 0.5):
        half = (strength * np.array(rows, np.float32)).tolist()
        answers = []
        for signature, each in (
            ("serve_bytes_code", [{"style_code": code} for code in half]),
            (
                "serve_bytes_reference",
                [{"reference_bytes": one, "strength": strength} for one in two],
            ),
        ):
            instances = [{"image_bytes": p, **more} for p, more in zip(photos, each, strict=True)]
            columns = {key: [row[key] for row in instances] for key in instances[0]}
            answers.append(asked(url, signature_name=signature, instances=instances))
            by_column = asked(url, signature_name=signature, inputs=columns)
            assert by_column["outputs"] == answers[-1]["predictions"]
        assert answers[0] == answers[1] and len(answers[0]["predictions"]) == 2
    # One reference and one strength for all, which rows cannot say.
    shared = {"image_bytes": photos, "reference_bytes": two[0], "strength": 0.5}
    one = asked(url, signature_name="serve_bytes_reference", inputs=shared)["outputs"]
    codes = {"image_bytes": photos, "style_code": [half[0], half[0]]}
    assert one == asked(url, signature_name="serve_bytes_code", inputs=codes)["outputs"]
    floats = np.full((1, 6, 5, 3), 0.25).tolist()
    code = asked(url, signature_name="named_styles", instances=[[0.0, 1.0]])["predictions"]
    row = {"images": floats[0], "style_code": code[0]}
    (painted,) = asked(url, signature_name="serve_code", instances=[row])["predictions"]
    inputs = {"images": floats, "style_weights": [[0.0, 1.0]]}
    (expected,) = asked(url, signature_name="serve_style", inputs=inputs)["outputs"]
    np.testing.assert_allclose(painted, expected, atol=1e-5)


def test_what_the_server_refuses(server: str, folder: Path) -> None:
    Image.new("RGB", (40, 30), "teal").save("plain.png")
    url, photo = f"{server}/any:predict", b64("photo.png")
    for words, given in [
        ("reference_bytes is a picture of one colour", {"reference_bytes": b64("plain.png")}),
        ("reference_bytes is neither a JPEG nor a PNG", {"reference_bytes": {"b64": "AAAA"}}),
        ("Unable to base64 decode", {"reference_bytes": {"b64": "?"}}),
        ("keys must be equal to", {}),
    ]:
        row = {"image_bytes": photo, "strength": 1.0, **given}
        answer = asked(url, signature_name="serve_bytes_reference", instances=[row])
        assert words in answer["error"], answer
    short = {"image_bytes": photo, "style_code": [1.0]}
    answer = asked(url, signature_name="serve_bytes_code", instances=[short])
    assert f"the signature takes [-1, {NUMBERS}]" in answer["error"]


def test_the_client(server: str, folder: Path) -> None:
    photo, wave = (Path(name).read_bytes() for name in ("photo.png", "wave.png"))
    with Client(f"{server}/any") as client:
        assert client.styles() == ["ink", "oil"]
        code = client.encode_style(wave)
        assert code.shape == (NUMBERS,) and code.dtype == np.float32 and code[0] == 1.0
        painted = client.stylize_bytes(photo, reference=wave)
        assert painted != photo
        assert client.stylize_bytes(photo, reference="wave.png") == painted
        assert client.stylize_bytes(photo, style_code=code) == painted
        half = client.stylize_bytes(photo, 0.5, reference=folder / "wave.png")
        assert client.stylize_bytes(photo, style_code=code * 0.5) == half != painted
        mixed = 0.4 * code + 0.6 * client.named_code([0.0, 1.0])
        assert len({client.stylize_bytes(photo, style_code=mixed), half, painted}) == 3
        images = decode(photo).rgb[np.newaxis] / 127.5 - 1.0
        np.testing.assert_allclose(
            (client.stylize(images, 0.5, reference=wave)[0] + 1) * 127.5, pixels(half), atol=1e-3
        )
        for given in (
            {"reference": wave, "style_code": code},
            {"style_code": code, "style_weights": [1.0, 0.0]},
            {"style_code": code, "strength": 0.5},
        ):
            for call, what in ((client.stylize_bytes, photo), (client.stylize, images)):
                with pytest.raises(ValueError, match="give "):
                    call(what, **given)
        with pytest.raises(UserError, match=r"^reference=none\.jpg: no such file$"):
            client.stylize_bytes(photo, reference="none.jpg")
    missing = 'signature name: "serve_bytes_reference" not found'
    with Client(f"{server}/plain") as client, pytest.raises(ServerError, match=missing):
        client.stylize_bytes(photo, reference=wave)


def run(*argv: str) -> int:
    given = ("--input=photo.png", *argv)
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, given)


def shown(name: str) -> np.ndarray:
    return pixels(Path(name).read_bytes())


@pytest.mark.parametrize(
    "wish",
    [
        ["--strength=0.5"],
        ["--style=oil"],
        ["--style_image=tall.jpg"],
        ["--style_image=wave.png", "--style=reference:0.3,ink:0.5", "--strength=0.8"],
    ],
    ids=["first", "named", "reference", "mixed"],
)
def test_the_command_gives_what_the_model_gives(
    server: str, folder: Path, reference_export: Path, wish: list[str]
) -> None:
    assert run(f"--server={server}/any", "--output=there.png", *wish) == 0
    assert run(f"--model={reference_export}", "--output=here.png", *wish) == 0
    there, here = shown("there.png"), shown("here.png")
    assert np.abs(there - shown("photo.png")).max() > 8
    np.testing.assert_allclose(there, here, atol=1)


@pytest.mark.parametrize(
    ("wish", "weight"),
    [(["--style=grey"], 1.0), (["--style=grey:0.5", "--strength=0.5"], 0.25), ([], 0.0)],
    ids=["full", "part", "first"],
)
def test_styles_by_weights(server: str, folder: Path, wish: list[str], weight: float) -> None:
    assert run(f"--server={server}/weighted", "--output=o.png", *wish) == 0
    expected = shown("photo.png") * (1.0 - weight) + 127.0 * weight
    np.testing.assert_allclose(shown("o.png"), expected, atol=0.51)


def test_styles_are_saved_and_named(
    server: str, folder: Path, reference_export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [f"--server={server}/any", "--input=", "--style_image=wave.png", "--save_style=wave"]
    assert run(*given) == 0
    assert capsys.readouterr().out == "style wave: styles/wave.json\n"
    assert run(f"--server={server}/any", "--output=there.png", "--style=wave") == 0
    assert run(f"--model={reference_export}", "--output=here.png", "--style=wave") == 0
    np.testing.assert_allclose(shown("there.png"), shown("here.png"), atol=1)


def test_the_encoder_runs_once(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    predict = Client.predict

    def counted(self: Client, signature: str = "serving_default", **request: Any) -> Any:
        sent.append(signature)
        return predict(self, signature, **request)

    monkeypatch.setattr(Client, "predict", counted)
    Path("photos").mkdir()
    for index in range(3):
        Image.open("photo.png").save(f"photos/{index}.png")
    given = [f"--server={server}/any", "--style_image=wave.png", "--input=photos", "--output=out"]
    assert run(*given) == 0
    assert sent.count("encode_style") == 1 and sent.count("serve_bytes_code") == 3


def test_what_the_command_refuses(
    server: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (40, 30), "teal").save("teal.png")
    for status, words, *given in [
        (2, "no style 'sketch'; the model has ink, oil", "any", "--style=sketch"),
        (2, "--style_image=none.jpg: no such file", "any", "--style_image=none.jpg"),
        (1, "--style_image=teal.png: all of its", "any", "--style_image=teal.png"),
        (2, "--style=ink: the model has one style", "plain", "--style=ink"),
        (2, "--style_image=wave.png: the model has one", "plain", "--style_image=wave.png"),
        (2, "--save_style=x: the model has no style encoder", "plain", "--save_style=x"),
        (2, "--style_image=wave.png: the model has no", "weighted", "--style_image=wave.png"),
        (2, "--samples and --server", "any", "--samples=2"),
    ]:
        assert run(f"--server={server}/{given[0]}", "--output=o.png", *given[1:]) == status
        told = capsys.readouterr().err
        assert words in told and told.startswith("error: ") and told.count("\n") == 1, told
    # As behind TensorFlow Serving.
    monkeypatch.setattr(Client, "styles", lambda self: [])
    assert run(f"--server={server}/any", "--output=o.png", "--style=oil") == 2
    assert "the model has style_0, style_1 (this server tells no names" in capsys.readouterr().err
    assert not Path("o.png").exists()
    assert run(f"--server={server}/any", "--output=o.png", "--style=style_1") == 0
