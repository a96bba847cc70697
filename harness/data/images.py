"""Pictures: opened once, safely, as what a reader would see on white paper."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from harness.errors import BadData, one_line

PIXEL_LIMIT = 40_000_000
"""A scanned A3 page at 400 dpi has 31 million pixels; beyond this a file is a mistake or an attack."""

_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def open_image(path: Path) -> Image.Image:
    """The picture in RGB: upright (EXIF orientation applied), transparent parts white, wholly decoded.

    Raises BadData naming the path for a file that is missing, broken, cut short, no picture, or of more than
    PIXEL_LIMIT pixels (read from its header, before anything is decoded).
    """
    if not path.is_file():
        raise BadData(f"{path}: {'is not a file' if path.exists() else 'picture does not exist'}")
    with _explained(path), path.open("rb") as file, Image.open(file) as image:
        _refuse_large(path, image)
        return _on_white(_eight_bits(ImageOps.exif_transpose(image)))


def safe_path(folder: Path, relative: str) -> Path:
    """The absolute path of what a data file in `folder` names; it need not exist.

    Raises BadData when it leads out of the folder: absolute, by `..`, or through a symbolic link.
    """
    root = folder.resolve()
    try:
        path = (root / relative).resolve()
    except (ValueError, OSError, RuntimeError) as error:  # a NUL character, a name too long, a loop of links
        raise BadData(f"{relative!r} is not a path: {one_line(error)}") from None
    if PurePath(relative).is_absolute() or not path.is_relative_to(root):
        raise BadData(f"{relative!r} leads out of {folder}")
    return path


def keep_image(picture: Path, folder: Path) -> str:
    """The path by which a data file in `folder` names a picture; one that lies elsewhere is copied.

    The copy is called by its sha256, so that two pictures of one name stay two. Raises BadData when there is
    no such picture.
    """
    if not picture.is_file():
        raise BadData(f"{picture}: picture does not exist")
    if picture.resolve().is_relative_to(folder.resolve()):
        return picture.resolve().relative_to(folder.resolve()).as_posix()
    name = hashlib.sha256(picture.read_bytes()).hexdigest()[:16] + picture.suffix.lower()
    (folder / "images").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(picture, folder / "images" / name)
    return f"images/{name}"


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turns whatever goes wrong into BadData: on broken files Pillow's decoders raise nearly everything."""
    try:
        yield
    except BadData:
        raise
    except UnidentifiedImageError:
        raise BadData(f"{path}: not a picture that can be read") from None
    except _BOMBS as error:
        raise BadData(f"{path}: picture too large: {one_line(error)}") from None
    except Exception as error:
        raise BadData(f"{path}: broken picture: {one_line(error)}") from None


def _refuse_large(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > PIXEL_LIMIT:
        raise BadData(
            f"{path}: picture too large: {width} x {height} = {width * height / 1e6:.1f} megapixels; "
            f"the limit is {PIXEL_LIMIT / 1e6:.0f}"
        )


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits brought down to 8; Pillow would clip it, and show a white page."""
    if image.mode in ("I", "F"):
        raise ValueError(f"grey of 32 bits (mode {image.mode}) has no known white; save it with 8 or 16 bits")
    if not image.mode.startswith("I;16"):
        return image
    wide = np.asarray(image)
    grey = (wide >> 8).astype(np.uint8)
    grey[wide == image.info.get("transparency", -1)] = 255
    return Image.fromarray(grey)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    paper.alpha_composite(layer)
    return paper.convert("RGB")
