"""Pictures: what is shown, and what is refused."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.data.images import PIXEL_LIMIT, keep_image, open_image, safe_path
from harness.errors import BadData

RED, WHITE = (255, 0, 0), (255, 255, 255)


def half_transparent(mode: str) -> Image.Image:
    """Left column opaque red (dark grey for LA), right column transparent black."""
    image = Image.new("RGBA", (2, 4), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 1, 4))
    if mode == "P":
        indexed = Image.new("P", (2, 4), 1)
        indexed.putpalette([*RED, 0, 0, 0])
        indexed.paste(0, (0, 0, 1, 4))
        indexed.info["transparency"] = 1
        return indexed
    if mode == "RGB":  # a colour that means "nothing here", as PNG allows
        plain = image.convert("RGB")
        plain.info["transparency"] = (0, 0, 0)
        return plain
    return image.convert(mode)


@pytest.mark.parametrize(("mode", "left"), [("RGBA", RED), ("LA", (76, 76, 76)), ("P", RED), ("RGB", RED)])
def test_transparent_parts_are_white(tmp_path: Path, mode: str, left: tuple[int, ...]) -> None:
    image = half_transparent(mode)
    image.save(tmp_path / "a.png", transparency=image.info.get("transparency"))
    with Image.open(tmp_path / "a.png") as stored:
        assert stored.mode == mode
        assert stored.has_transparency_data
    opened = open_image(tmp_path / "a.png")
    assert opened.mode == "RGB"
    assert opened.getpixel((0, 2)) == left
    assert opened.getpixel((1, 2)) == WHITE


def test_half_of_black_is_grey(tmp_path: Path) -> None:
    Image.new("RGBA", (1, 1), (0, 0, 0, 51)).save(tmp_path / "a.png")
    assert open_image(tmp_path / "a.png").getpixel((0, 0)) == (204, 204, 204)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    name = "a.tif" if mode in {"CMYK", "YCbCr"} else "a.png"
    Image.new("RGB", (3, 2), WHITE).convert(mode).save(tmp_path / name)
    opened = open_image(tmp_path / name)
    assert (opened.mode, opened.size, opened.getpixel((2, 1))) == ("RGB", (3, 2), WHITE)


def test_grey_of_sixteen_bits_is_not_clipped_to_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 0x8000, 0xFFFF]], np.uint16)).save(tmp_path / "a.png")
    assert [open_image(tmp_path / "a.png").getpixel((x, 0))[0] for x in range(3)] == [0, 128, 255]


def test_a_transparent_shade_of_sixteen_bits_is_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[300, 301]], np.uint16)).save(tmp_path / "a.png", transparency=300)
    assert [open_image(tmp_path / "a.png").getpixel((x, 0)) for x in range(2)] == [WHITE, (1, 1, 1)]


# EXIF orientation n -> where the mark of the upper left corner is to be seen (x, y as 0: first, -1: last).
@pytest.mark.parametrize(
    ("orientation", "corner", "size"),
    [(1, (0, 0), (3, 2)), (3, (2, 1), (3, 2)), (6, (1, 0), (2, 3)), (8, (0, 2), (2, 3)), (2, (2, 0), (3, 2))],
)
def test_pictures_stand_upright(
    tmp_path: Path, orientation: int, corner: tuple[int, int], size: tuple[int, int]
) -> None:
    image = Image.new("RGB", (3, 2), WHITE)
    image.putpixel((0, 0), RED)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    opened = open_image(tmp_path / "a.png")
    assert opened.size == size
    assert opened.getpixel(corner) == RED


def noise(file_format: str) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, file_format)
    return buffer.getvalue()


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_a_file_cut_short_is_broken(tmp_path: Path, file_format: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(noise(file_format)[:1500])
    with pytest.raises(BadData) as raised:
        open_image(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises far more than the file holds."""
    whole = io.BytesIO()
    Image.new("1", (width, height)).save(whole, "PNG")
    return whole.getvalue()[:200]


LARGE = f"picture too large: 8000 x 6000 = 48.0 megapixels; the limit is {PIXEL_LIMIT // 10**6}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "picture does not exist"),
        (b"", "not a picture that can be read"),
        (b"GIF89a, says the file", "not a picture that can be read"),
        (bomb(8000, 6000), LARGE),
    ],
)
def test_what_cannot_be_shown_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadData) as raised:
        open_image(path)
    assert str(raised.value) == f"{path}: {message}"


@pytest.mark.parametrize("size", [(10_000, 10_000), (20_000, 20_000)])
@pytest.mark.parametrize("strict", [True, False])
def test_bombs_are_refused(tmp_path: Path, size: tuple[int, int], strict: bool) -> None:
    """Pillow warns of the first and refuses the second; warnings may be errors or not."""
    (tmp_path / "a.png").write_bytes(bomb(*size))
    refused = pytest.raises(BadData, match="picture too large: ")
    with warnings.catch_warnings(action="error" if strict else "ignore"), refused:
        open_image(tmp_path / "a.png")


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(BadData) as raised:
        open_image(tmp_path)
    assert str(raised.value) == f"{tmp_path}: is not a file"


def test_grey_of_unknown_range_is_refused(tmp_path: Path) -> None:
    Image.new("F", (2, 2), 0.5).save(tmp_path / "a.tif")
    with pytest.raises(BadData, match=r"a\.tif: broken picture: grey of 32 bits \(mode F\)"):
        open_image(tmp_path / "a.tif")


def test_no_file_stays_open(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (2, 2), RED).save(path)
    with warnings.catch_warnings(action="error", category=ResourceWarning):
        opened = open_image(path)
    path.write_bytes(b"something else")
    assert opened.getpixel((1, 1)) == RED


@pytest.mark.parametrize("relative", ["a.png", "images/a.png", "images/../a.png", "./그림.png"])
def test_paths_inside_are_safe(tmp_path: Path, relative: str) -> None:
    assert safe_path(tmp_path, relative) == (tmp_path / relative).resolve()


@pytest.mark.parametrize("relative", ["../a.png", "images/../../a.png", "/etc/passwd", "link/a.png", "{inside}/a.png"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, relative: str) -> None:
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    relative = relative.format(inside=folder)
    with pytest.raises(BadData) as raised:
        safe_path(folder, relative)
    assert str(raised.value) == f"{relative!r} leads out of {folder}"


def test_what_is_no_path_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"'a\\x00b' is not a path: embedded null"):
        safe_path(tmp_path, "a\0b")


def test_a_kept_picture_is_copied_once_and_only_from_elsewhere(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "bank", tmp_path / "a.PNG"
    folder.mkdir()
    Image.new("RGB", (2, 2), RED).save(elsewhere)
    first = keep_image(elsewhere, folder)
    assert (folder / first).read_bytes() == elsewhere.read_bytes()
    assert keep_image(elsewhere, folder) == first
    assert keep_image(folder / first, folder) == first
    assert len(list((folder / "images").iterdir())) == 1


def test_a_picture_that_is_gone_cannot_be_kept(tmp_path: Path) -> None:
    with pytest.raises(BadData) as raised:
        keep_image(tmp_path / "a.png", tmp_path)
    assert str(raised.value) == f"{tmp_path / 'a.png'}: picture does not exist"
