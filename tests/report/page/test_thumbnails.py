"""Thumbnails: small, safe, the same every time, and nothing of a picture but its pixels."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image, features

from harness.errors import BadData
from harness.report.page.thumbnails import DATA_URI, SIDE, thumbnail


def decoded(uri):
    """The picture as a reader of the page gets it, and the kind that the URI says it is."""
    kind, content = re.fullmatch(r"data:image/(png|jpeg|webp);base64,(.+)", uri).groups()
    image = Image.open(io.BytesIO(base64.b64decode(content, validate=True)))
    assert image.format.lower() == kind
    return image


def photo(width, height):
    """Soft colours and a little noise: the worst for PNG."""
    rng = np.random.default_rng(4)
    ramp = np.linspace(0, 200, width * height * 3).reshape(height, width, 3)
    return Image.fromarray((ramp + rng.integers(0, 40, ramp.shape)).astype(np.uint8))


@pytest.mark.parametrize(
    ("size", "shown"),
    [((800, 400), (320, 160)), ((400, 800), (160, 320)), ((100, 50), (100, 50)), ((5000, 1), (320, 1))],
)
def test_no_side_is_longer_and_nothing_is_made_larger(tmp_path, size, shown):
    Image.new("RGB", size, "white").save(tmp_path / "a.png")
    assert decoded(thumbnail(tmp_path / "a.png")).size == shown
    assert max(decoded(thumbnail(tmp_path / "a.png", 64)).size) <= 64


def test_the_picture_is_the_same_one(tmp_path):
    picture = photo(640, 480)
    picture.save(tmp_path / "a.png")
    small = decoded(thumbnail(tmp_path / "a.png")).convert("RGB")
    expected = picture.resize(small.size, Image.Resampling.LANCZOS)
    difference = np.abs(np.asarray(small, int) - np.asarray(expected, int))
    assert small.size == (SIDE, SIDE * 3 // 4) and difference.mean() < 6


def test_transparent_parts_are_white(tmp_path):
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert decoded(thumbnail(tmp_path / "a.png")).convert("RGB").getpixel((20, 20)) == (255, 255, 255)


def test_the_smallest_kind_is_taken(tmp_path):
    """Lines are shortest as PNG, noise is not; both are no longer than what Pillow makes of them by itself."""
    lines = Image.new("RGB", (320, 320), "white")
    lines.paste("black", (0, 160, 320, 162))
    kinds = {}
    for name, picture in (("lines", lines), ("photo", photo(320, 320))):
        picture.save(tmp_path / f"{name}.png", optimize=True)
        picture.save(tmp_path / f"{name}.jpeg", quality=80)
        uri = thumbnail(tmp_path / f"{name}.png")
        kinds[name] = decoded(uri).format
        shortest = min((tmp_path / f"{name}.{kind}").stat().st_size for kind in ("png", "jpeg"))
        assert len(base64.b64decode(uri.partition(",")[2])) <= shortest
    assert kinds["lines"] != "JPEG" and kinds["photo"] != "PNG"


def test_without_webp_there_are_two_kinds_left(tmp_path, monkeypatch):
    across, down = np.meshgrid(range(320), range(320))
    soft = np.stack([across * 200 // 320, down * 200 // 320, (across + down) // 4], -1)
    Image.fromarray(soft.astype(np.uint8)).save(tmp_path / "a.png")
    assert not features.check("webp") or thumbnail(tmp_path / "a.png").startswith("data:image/webp;")
    monkeypatch.setattr(features, "check", lambda name: name != "webp")
    assert thumbnail(tmp_path / "a.png").startswith("data:image/png;")


def test_the_same_picture_gives_the_same_bytes(tmp_path):
    photo(500, 300).save(tmp_path / "a.png")
    photo(500, 300).save(tmp_path / "b.png", compress_level=1)
    assert thumbnail(tmp_path / "a.png") == thumbnail(tmp_path / "a.png") == thumbnail(tmp_path / "b.png")


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("webp", [True, False])
def test_nothing_but_pixels_is_taken_over(tmp_path, monkeypatch, kind, webp):
    """Without WebP the thumbnail is a JPEG, into which Pillow copies comments."""
    monkeypatch.setattr(features, "check", lambda name: webp)
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    photo(320, 320).save(tmp_path / "a", kind, exif=exif, icc_profile=b"SECRET PROFILE" * 9, comment=b"SECRET COMMENT")
    content = base64.b64decode(thumbnail(tmp_path / "a").partition(",")[2])
    assert b"SECRET" in (tmp_path / "a").read_bytes() and b"SECRET" not in content


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"GIF89a"]
)
def test_what_is_no_picture_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(BadData, match=r"a\.png"):
        thumbnail(tmp_path / "a.png")


def test_a_picture_that_is_cut_short_is_refused(tmp_path):
    photo(320, 320).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:2000])
    with pytest.raises(BadData, match="broken picture"):
        thumbnail(tmp_path / "a.png")


def test_there_is_no_picture(tmp_path):
    with pytest.raises(BadData, match="picture does not exist"):
        thumbnail(tmp_path / "a.png")


def test_a_moving_picture_stands_still(tmp_path):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    image = decoded(thumbnail(tmp_path / "a.gif"))
    assert getattr(image, "n_frames", 1) == 1
    assert image.convert("RGB").getpixel((20, 20))[0] > 200


def test_the_pattern_knows_only_what_is_safe(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    assert re.search(DATA_URI, thumbnail(tmp_path / "a.png"))
    for other in ("data:image/svg+xml;base64,AAAA", "https://example.org/a.png", "data:text/html;base64,AAAA",
                  'data:image/png;base64,AA"onerror="', " data:image/png;base64,AAAA"):  # fmt: skip
        assert not re.search(DATA_URI, other)
