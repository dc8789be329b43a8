"""Figures and small pictures as data URIs, so that the page needs no other file."""

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.recordings.pictures import load

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

#: Sharp on screens with two dots a pixel at the width that the page gives a figure.
DOTS_PER_INCH = 150


#: Pixels of a picture of several panels, which a phone must not shrink to its own width.
WIDE = 900


class Picture(NamedTuple):
    """A picture that stands in the page itself."""

    uri: str
    width: int
    height: int

    @property
    def is_wide(self) -> bool:
        """Whether its letters would be too small to read on a phone."""
        return self.width > WIDE


def picture(figure: "Figure", dots: int = DOTS_PER_INCH) -> Picture:
    """Draw a figure as a png."""
    from PIL import Image

    from semisup.figures.style import finish

    finish(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dots)
    with Image.open(buffer) as image:
        return _png(image.convert("RGB"))


def picture_of_file(path: Path, width: int = 1400) -> Picture:
    """Take in a png that an earlier stage drew, no wider than `width` pixels."""
    from PIL import Image

    image = Image.open(path).convert("RGB")
    if image.width > width:
        image = image.resize((width, round(image.height * width / image.width)))
    return _png(image)


def thumbnail(path: Path, side: int = 320) -> Picture:
    """Take in a picture of a study, no wider or higher than `side` pixels.

    Raises
    ------
    BadPictureError
        If the file is not there or is no picture.
    """
    from PIL import Image

    small = Image.fromarray(load(path).astype(np.uint8))
    small.thumbnail((side, side))
    return _jpeg(small, 80)


def heat(values: np.ndarray) -> Picture:
    """Draw an array of shape (rows, columns) with values in [0, 1], one pixel a value."""
    from matplotlib import colormaps
    from PIL import Image

    colours = np.round(colormaps["magma"](np.clip(values, 0, 1))[..., :3] * 255)
    # A third of the bytes of a png: noise does not compress.
    return _jpeg(Image.fromarray(colours.astype(np.uint8)), 60)


def _png(image: "Image") -> Picture:
    from PIL import Image

    buffer = io.BytesIO()
    # a third of the bytes, and of a figure nobody sees the difference
    few = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(buffer, format="png", optimize=True)
    return _embedded(image, "png", buffer)


def _jpeg(image: "Image", quality: int) -> Picture:
    buffer = io.BytesIO()
    image.save(buffer, format="jpeg", quality=quality, optimize=True)
    return _embedded(image, "jpeg", buffer)


def _embedded(image: "Image", kind: str, buffer: io.BytesIO) -> Picture:
    return Picture(data_uri(f"image/{kind}", buffer.getvalue()), image.width, image.height)


def data_uri(kind: str, content: bytes) -> str:
    """Write a file's content as an address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
