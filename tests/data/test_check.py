import numpy as np

from style_gan_tf.data import Augmentation, check_report, open_source
from style_gan_tf.images import decode


def test_report_and_sheet(folder_of, tmp_path):
    folder = folder_of({f"{i}.png": (20 + i, 30) for i in range(12)})
    (folder / "broken.png").write_bytes(b"")
    other = folder_of({"x.png": (50, 40), "y.png": (24, 44)}, name="art")
    sources = {"content": open_source(str(folder)), "style": open_source(str(other))}
    path = tmp_path / "sheet.png"
    report = check_report(sources, Augmentation(crop=16), 0, path)
    assert f"content: {folder}: 12 pictures" in report
    assert "sizes: 20 x 30 to 31 x 30, median short side 26" in report
    assert "broken.png: not a readable picture (the file is empty)" in report
    assert f"style: {other}: 2 pictures, 1 train, 1 held out" in report
    picture = decode(path.read_bytes()).rgb
    assert picture.shape == (4 + 2 * 20, 4 + 6 * 20, 3)
    assert np.ptp(picture[4:20, 4:20]) > 100
