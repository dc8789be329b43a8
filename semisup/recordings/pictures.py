"""Picture files: what decodes is an array of red, green and blue.

Every failure is one `BadPictureError` that names the file and the reason.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semisup.errors import BadPictureError
from semisup.recordings.content import ContentHash
from semisup.recordings.files import check_file

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
#: What brings 16 bits to 8: 65535 / 255.
SIXTEEN_TO_EIGHT = 257


def is_picture(path: str | Path) -> bool:
    """Tell by the suffix whether a file is a picture.

    Examples
    --------
    >>> is_picture("jazz/1.PNG"), is_picture("jazz/1.wav")
    (True, False)
    """
    return Path(path).suffix.lower() in SUFFIXES


def load(path: str | Path, size: int | None = None) -> np.ndarray:
    """Decode a picture and bring it to a square.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, BMP, WebP or TIFF; of several frames the first is taken.
    size : int, optional
        Pixels a side, whatever the shape was (bilinear); the picture's own shape if left out.

    Returns
    -------
    ndarray of shape (size, size, 3), float32
        Red, green and blue, whole numbers from 0 to 255. Grey and palettes are turned into
        colours, 16 bits into 8; how transparent a pixel is does not count.

    Raises
    ------
    BadPictureError
        If the file is missing, empty, not a picture, cut short or of a kind without colours.
    """
    from PIL import Image

    path = Path(path)
    with _opened(path) as picture:
        coloured = _coloured(path, picture)
        if size is not None and coloured.size != (size, size):
            coloured = coloured.resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(coloured, dtype=np.float32)


def inspect(path: str | Path) -> tuple[int, int, str]:
    """Decode a picture once, so that no later stage meets a surprise.

    Returns
    -------
    width, height : int
        In pixels.
    content : str
        Hash of the pixels.

    Raises
    ------
    BadPictureError
        As `load`.
    """
    pixels = load(path)
    height, width, _ = pixels.shape
    content = ContentHash(width, height)
    content.update(pixels)
    return width, height, str(content)


@contextmanager
def _opened(path: Path) -> Iterator["Image"]:
    """Open a picture; whatever goes wrong with it inside is a `BadPictureError`."""
    from PIL import Image, UnidentifiedImageError

    check_file(path, BadPictureError)
    try:
        with warnings.catch_warnings():
            # a few bytes can claim gigabytes of pixels
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                yield picture
    except BadPictureError:
        raise
    except UnidentifiedImageError as error:
        reason = "Format not recognised"
        raise BadPictureError(f"{path}: cannot be decoded as a picture ({reason})") from error
    except Exception as error:  # decoders raise SyntaxError, struct.error and others of their own
        reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise BadPictureError(f"{path}: cannot be decoded as a picture ({reason})") from error


def _coloured(path: Path, picture: "Image") -> "Image":
    from PIL import Image

    if picture.mode == "F":
        raise BadPictureError(
            f"{path}: its pixels are floating-point numbers, which have no colours; 8 or 16 bits "
            "are needed"
        )
    if picture.mode == "P":
        # some transparent palettes know no other way
        picture = picture.convert("RGBA")
    if picture.mode.startswith("I"):
        # PIL's own conversion would make all but the darkest pixels white
        grey = np.asarray(picture, dtype=float) / SIXTEEN_TO_EIGHT
        picture = Image.fromarray(grey.round().clip(0, 255).astype(np.uint8))
    return picture.convert("RGB")
