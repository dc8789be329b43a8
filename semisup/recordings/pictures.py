"""Picture files: what decodes is an array of red, green and blue.

Every failure is one `BadPictureError` that names the file and the reason.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semisup.engine.failures import words_of
from semisup.errors import BadPictureError
from semisup.recordings.content import ContentHash
from semisup.recordings.files import check_file

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
#: What brings 16 bits to 8: 65535 / 255.
SIXTEEN_TO_EIGHT = 257
#: Rows of pixels that are numbers at once.
BAND = 64


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
    with _opened(Path(path)) as picture:
        coloured = _coloured(Path(path), picture)
        width, height = coloured.size
        content = ContentHash(width, height)
        for band in _bands(coloured, np.float32):
            content.update(band)
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
            # from memory: of a file decoders ask for as many bytes as its parts tell, 4 GB of 1 kB
            with Image.open(BytesIO(path.read_bytes())) as picture:
                yield picture
    except BadPictureError:
        raise
    except UnidentifiedImageError as error:
        reason = "Format not recognised"
        raise BadPictureError(f"{path}: cannot be decoded as a picture ({reason})") from error
    except Exception as error:  # decoders raise SyntaxError, struct.error and others of their own
        reason = words_of(error).rstrip(".")
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
        sixteen = (band / SIXTEEN_TO_EIGHT for band in _bands(picture, float))
        bands = [band.round().clip(0, 255).astype(np.uint8) for band in sixteen]
        picture = Image.fromarray(np.concatenate(bands))
    return picture.convert("RGB")


def _bands(picture: "Image", dtype: type) -> Iterator[np.ndarray]:
    """Yield rows of pixels, some at a time: as numbers all would take four times the picture."""
    width, height = picture.size
    for top in range(0, height, BAND):
        band = picture.crop((0, top, width, min(top + BAND, height)))
        yield np.asarray(band, dtype=dtype)
