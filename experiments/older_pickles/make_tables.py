"""Make up the original study's pickles: ``python experiments/older_pickles/make_tables.py FOLDER``.

The shapes are those of the original files, the numbers are Gaussian. Within a class the rows stand
in the order of the file names, and these begin with the programme: the recordings of the first
programmes, half of the labelled ones, were made with another microphone, which moves the
hand-crafted features. The code features do not hear it: chunks are scaled before they are encoded.
No test recording is of those programmes.
"""

import pickle
import sys
from pathlib import Path

import numpy as np

LABELLED, TEST = 100, 120  # recordings a class
OTHER_MICROPHONE = 0.5
#: Features that tell the classes apart; the other microphone moves the hand-crafted ones of them.
TELLING = 8
#: In deviations of a feature: how long the class means are, how far the microphone moves a feature.
HANDCRAFTED, CODE, MICROPHONE = 2.8, 1.4, 2.4
CHUNKS = (0.04, 0.56, 0.4)  # shares of recordings with 0, 1 and 2 chunks


def make_handcrafted(labels, moved, means, shift, rng):
    """Return vectors of 136 float64 in an object array, as the older files have them."""
    noise = rng.normal(size=(len(labels), 136))
    return as_objects(means[labels] + moved[:, None] * shift + noise)


def make_codes(labels, means, rng):
    """Return the chunks' vectors of 64 float32, and the row of the recording of each chunk."""
    track = np.repeat(np.arange(len(labels)), rng.choice(len(CHUNKS), len(labels), p=CHUNKS))
    recordings = means[labels] + 0.6 * rng.normal(size=(len(labels), 64))
    chunks = recordings[track] + 0.8 * rng.normal(size=(len(track), 64))
    return as_objects(chunks.astype(np.float32)), track


def as_objects(vectors):
    array = np.empty(len(vectors), dtype=object)
    array[:] = list(vectors)
    return array


def make_means(width, length, rng):
    """Return one mean a class, all of the same length, zero but in the first features."""
    means = np.zeros((3, width))
    means[:, :TELLING] = rng.normal(size=(3, TELLING))
    return length * means / np.linalg.norm(means, axis=1, keepdims=True)


def make_contents(labelled=LABELLED, test=TEST, seed=0):
    """Return the content of the four files by name."""
    rng = np.random.default_rng(seed)
    handcrafted, code = make_means(136, HANDCRAFTED, rng), make_means(64, CODE, rng)
    # Up and down in turn: it makes some features larger, others smaller.
    shift = np.where(np.arange(136) < TELLING, MICROPHONE, 0) * (-1.0) ** np.arange(136)
    contents = {}
    for name, number in (("training", labelled), ("test", test)):
        labels = np.repeat(np.arange(3, dtype=np.int32), number)
        place = np.tile(np.arange(number), 3) / number
        moved = (place < OTHER_MICROPHONE) & (name == "training")
        vectors = make_handcrafted(labels, moved, handcrafted, shift, rng)
        codes, track = make_codes(labels, code, rng)
        contents[f"{name}_data_hlf.pickle"] = [vectors, labels]
        contents[f"{name}_data_cf.pickle"] = [codes, labels[track], track]
    del contents["test_data_cf.pickle"][2]  # the original study did not keep it
    return contents


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make_contents().items():
        (folder / name).write_bytes(pickle.dumps(content))
        print(f"{folder / name}: {len(content[0])} vectors of {len(content[0][0])}")
