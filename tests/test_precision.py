import logging

import pytest

from style_gan_tf import precision


@pytest.mark.parametrize(
    ("features", "wanted"),
    [("fpu avx2", "float32"), ("avx512_bf16", "mixed_bfloat16"), ("amx_bf16", "mixed_bfloat16")],
)
def test_auto_looks_at_the_cpu(monkeypatch, tmp_path, features, wanted):
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor : 0\nflags : fpu sse {features} ht\n")
    monkeypatch.setattr(precision, "Path", lambda _: info)
    assert precision.choose_precision("auto") == wanted


@pytest.mark.parametrize("slow", ["mixed_bfloat16", "mixed_float16"])
def test_a_slow_choice_is_taken_with_a_warning(monkeypatch, caplog, slow):
    monkeypatch.setattr(precision, "_cpu_has_bfloat16", lambda: False)
    with caplog.at_level(logging.WARNING, "style_gan_tf"):
        assert precision.choose_precision(slow) == slow
    assert f"--precision={slow}" in caplog.text and "slower" in caplog.text


def test_a_good_choice_says_nothing(monkeypatch, caplog):
    monkeypatch.setattr(precision, "_cpu_has_bfloat16", lambda: True)
    assert precision.choose_precision("mixed_bfloat16") == "mixed_bfloat16"
    assert precision.choose_precision("float32") == "float32"
    assert not caplog.records
