import os

from style_gan_tf.cpu import tune_cpu


def test_onednn_is_on_unless_the_user_says_otherwise(monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    tune_cpu()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    tune_cpu()
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"


def test_a_deterministic_run_leaves_onednn_to_tensorflow(monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    tune_cpu(deterministic=True)
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ
