"""Every public name of the package.

Made from the package by `python docs/make_stubs.py`.
"""

from typing import Literal

from semisup.autoencoders import build_autoencoder as build_autoencoder
from semisup.classifiers import Classifier as Classifier
from semisup.comparison.table import compare as compare
from semisup.corpora import Corpus as Corpus
from semisup.curve.learning_curve import learning_curve as learning_curve
from semisup.elsewhere.result import compare_predictions as compare_predictions
from semisup.errors import SemisupError as SemisupError
from semisup.features.contract import Inputs as Inputs
from semisup.features.contract import Options as Options
from semisup.features.contract import Representation as Representation
from semisup.figures.learning_curve import plot_learning_curve as plot_learning_curve
from semisup.prediction.exported import export_model as export_model
from semisup.prediction.exported import load_model as load_model
from semisup.reading import read_study as read_study
from semisup.signals.chunk_spectrogram import chunk_spectrograms as chunk_spectrograms
from semisup.signals.handcrafted import handcrafted_features as handcrafted_features
from semisup.splits import split_by_speaker as split_by_speaker
from semisup.stages.result import Result as Result
from semisup.stages.result import run as run
from semisup.stages.result import tune as tune
from semisup.study.study import Study as Study
from semisup.transformers.base import Transformer

__version__: str
__all__ = [
    "AutoencoderCodes",
    "BetaTcvae",
    "Classifier",
    "ConvPool",
    "Corpus",
    "DeepAutoencoderCodes",
    "Descriptors",
    "Fourier",
    "Handcrafted",
    "Hear",
    "Inputs",
    "Keras",
    "LogmelPca",
    "LogmelStatistics",
    "MaskedPrediction",
    "MelSpectrogram",
    "Mfcc",
    "MfccFrames",
    "Onnx",
    "Opensmile",
    "Options",
    "Picture",
    "PooledWaveform",
    "RandomEncoder",
    "RandomPieces",
    "RandomProjection",
    "RandomSpectrogram",
    "Representation",
    "Result",
    "SemisupError",
    "Stft",
    "Study",
    "Torch",
    "Transformers",
    "Vgg16",
    "Vicreg",
    "VoicePca",
    "Waveform",
    "build_autoencoder",
    "chunk_spectrograms",
    "compare",
    "compare_predictions",
    "export_model",
    "handcrafted_features",
    "learning_curve",
    "load_model",
    "plot_learning_curve",
    "read_study",
    "run",
    "split_by_speaker",
    "tune",
]

class AutoencoderCodes(Transformer):
    """Codes of a convolutional autoencoder trained on the unlabelled subset alone.

    A scikit-learn transformer of signals: the representation of kind 'autoencoder'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    steps : int, default=4000
        Updates at most; the original study made 3,000-6,200.
    patience_steps : int, default=1000
        Updates without a better val_loss before the end.
    validate_steps : int, default=100
        Updates from one val_loss to the next.
    epochs : int | None, default=None
        Passes over the data at most, in place of `steps`; 0 leaves the network untrained.
    patience : int | None, default=None
        With `epochs`: in place of `patience_steps`; 30 if left out.
    loss : Literal['binary_crossentropy', 'mean_squared_error'], default='binary_crossentropy'
    optimizer : Literal['adam', 'sgd'], default='adam'
    learning_rate : float, default=0.001
    batch_size : int | None, default=None
        Chunks of an update; left out: 128, and so many fewer in a small corpus, down to 8, that a
        pass over it has 40 updates.
    min_delta : float, default=0.001
        With `epochs`: by how much better is better.
    precision : Literal['float32', 'mixed_float16', 'mixed_bfloat16'], default='float32'
        Of the arithmetic; the weights are float32.
    architecture : str, default='autoencoder_3'
    latent_dim : int, default=64
    input_scaling : Literal['raw', 'log'], default='raw'
    bottleneck_activation : Literal['relu', 'elu', 'gelu', 'leaky_relu', 'selu', 'silu', 'tanh'] | Literal['linear', 'sigmoid', 'softmax'] | None, default=None
        The architecture's own if left out.
    activation : Literal['relu', 'elu', 'gelu', 'leaky_relu', 'selu', 'silu', 'tanh'], default='relu'
    dropout : float, default=0.2
    padding : Literal['cover', 'valid'], default='cover'
        "cover": zeros after the last frames and bins, so that strides read all of them; "valid":
        codes do not depend on those that they do not reach.
    validation_share : float, default=0.3
        Of the unlabelled recordings.
    memory_gb : float, default=2.0
        GiB: chunks that need more are streamed, in another order.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    chunk_samples : int, default=30000
        Samples of a chunk.
    tail : Literal['drop', 'cover'], default='drop'
        Samples after the last whole chunk.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        steps: int = 4000,
        patience_steps: int = 1000,
        validate_steps: int = 100,
        epochs: int | None = None,
        patience: int | None = None,
        loss: Literal["binary_crossentropy", "mean_squared_error"] = "binary_crossentropy",
        optimizer: Literal["adam", "sgd"] = "adam",
        learning_rate: float = 0.001,
        batch_size: int | None = None,
        min_delta: float = 0.001,
        precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = "float32",
        architecture: str = "autoencoder_3",
        latent_dim: int = 64,
        input_scaling: Literal["raw", "log"] = "raw",
        bottleneck_activation: Literal["relu", "elu", "gelu", "leaky_relu", "selu", "silu", "tanh"]
        | Literal["linear", "sigmoid", "softmax"]
        | None = None,
        activation: Literal["relu", "elu", "gelu", "leaky_relu", "selu", "silu", "tanh"] = "relu",
        dropout: float = 0.2,
        padding: Literal["cover", "valid"] = "cover",
        validation_share: float = 0.3,
        memory_gb: float = 2.0,
        target_rate: int | None = None,
        chunk_samples: int = 30000,
        tail: Literal["drop", "cover"] = "drop",
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class BetaTcvae(Transformer):
    """Codes of a beta-TCVAE on pieces of raw audio: dimensions that vary independently of each other.

    A scikit-learn transformer of signals: the representation of kind 'beta_tcvae'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    piece_seconds : float, default=1.0
        From the start of a piece to the next's.
    piece_samples : int, default=20000
        Length of a piece.
    pooled_by : int, default=40
        Successive samples that a number is the mean of.
    latent_dim : int, default=64
        Numbers of a code.
    hidden : tuple[int, ...], default=(128,)
        Units of the tanh layers before the code, mirrored after it.
    learning_rate : float, default=0.001
    batch_size : int, default=128
    epochs : int, default=100
        At most; 0 leaves the network untrained.
    patience : int, default=10
        Epochs without a lower val_loss before the end.
    validation_share : float, default=0.3
        Of the unlabelled recordings.
    beta : float, default=6.0
        Weight of the total correlation; 1 is a plain VAE.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        piece_seconds: float = 1.0,
        piece_samples: int = 20000,
        pooled_by: int = 40,
        latent_dim: int = 64,
        hidden: tuple[int, ...] = (128,),
        learning_rate: float = 0.001,
        batch_size: int = 128,
        epochs: int = 100,
        patience: int = 10,
        validation_share: float = 0.3,
        beta: float = 6.0,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class ConvPool(Transformer):
    """Codes of whole recordings by a small network that pools over time, trained by contrast.

    A scikit-learn transformer of signals: the representation of kind 'conv_pool'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    steps : int, default=2000
        Updates at most.
    patience_steps : int, default=500
        Updates without a lower val_loss before the end.
    validate_steps : int, default=100
        Updates from one val_loss to the next.
    epochs : int | None, default=None
        Passes over the data at most, in place of `steps`; 0 leaves the network untrained.
    patience : int | None, default=None
        With `epochs`: in place of `patience_steps`; 30 if left out.
    learning_rate : float, default=0.001
        Of the first updates; cosine decay.
    batch_size : int, default=32
        Recordings of an update, two crops of each.
    crop_frames : int, default=32
        Of 50 ms, at random places; never more than half of a recording.
    noise : float, default=0.3
        Added to a crop, in deviations of its standardised magnitudes.
    mask_bins : float, default=0.2
        Of a crop's bins, side by side, that are hidden at most.
    temperature : float, default=0.1
        Of the softmax over the batch's crops.
    latent_dim : int, default=64
        Numbers of a code.
    channels : int, default=128
        Of each of the three convolutions.
    validation_share : float, default=0.3
        Of the unlabelled recordings.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        steps: int = 2000,
        patience_steps: int = 500,
        validate_steps: int = 100,
        epochs: int | None = None,
        patience: int | None = None,
        learning_rate: float = 0.001,
        batch_size: int = 32,
        crop_frames: int = 32,
        noise: float = 0.3,
        mask_bins: float = 0.2,
        temperature: float = 0.1,
        latent_dim: int = 64,
        channels: int = 128,
        validation_share: float = 0.3,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class DeepAutoencoderCodes(Transformer):
    """Codes of a dense autoencoder on pieces of raw audio, trained on the unlabelled subset alone.

    A scikit-learn transformer of signals: the representation of kind 'deep_autoencoder'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    piece_seconds : float, default=1.0
        From the start of a piece to the next's.
    piece_samples : int, default=20000
        Length of a piece.
    pooled_by : int, default=40
        Successive samples that a number is the mean of.
    latent_dim : int, default=64
        Numbers of a code.
    hidden : tuple[int, ...], default=(128,)
        Units of the tanh layers before the code, mirrored after it.
    learning_rate : float, default=0.001
    batch_size : int, default=128
    epochs : int, default=100
        At most; 0 leaves the network untrained.
    patience : int, default=10
        Epochs without a lower val_loss before the end.
    validation_share : float, default=0.3
        Of the unlabelled recordings.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        piece_seconds: float = 1.0,
        piece_samples: int = 20000,
        pooled_by: int = 40,
        latent_dim: int = 64,
        hidden: tuple[int, ...] = (128,),
        learning_rate: float = 0.001,
        batch_size: int = 128,
        epochs: int = 100,
        patience: int = 10,
        validation_share: float = 0.3,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Descriptors(Transformer):
    """Descriptors that components are fitted to, by themselves: a control for what fitting adds.

    A scikit-learn transformer of signals: the representation of kind 'descriptors'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    descriptors : tuple[Literal['logmel', 'prosody', 'contours', 'spectra'], ...], default=('logmel', 'prosody')
    frames : Literal['all', 'speech'], default='all'
        Speech: log-mel statistics without the pauses.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        descriptors: tuple[Literal["logmel", "prosody", "contours", "spectra"], ...] = (
            "logmel",
            "prosody",
        ),
        frames: Literal["all", "speech"] = "all",
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Fourier(Transformer):
    """Magnitude of the Fourier transform of windows of the signal: which frequencies, not when.

    A scikit-learn transformer of signals: the representation of kind 'fourier'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    n_bins : int | None, default=None
        Numbers of a window, means of neighbouring bins; all if left out.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        n_bins: int | None = None,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Handcrafted(Transformer):
    """The 136 hand-crafted mid-term features of pyAudioAnalysis, of the whole recording or chunks.

    A scikit-learn transformer of signals: the representation of kind 'handcrafted'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    engine : Literal['vectorised', 'pyaudioanalysis'], default='vectorised'
        The library itself gives the same numbers, many times slower.
    cover_seconds : float | None, default=None
        Average over three chunks this long that span the recording.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        engine: Literal["vectorised", "pyaudioanalysis"] = "vectorised",
        cover_seconds: float | None = None,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Hear(Transformer):
    """Embeddings of any module with the HEAR 2021 interface, TensorFlow's or PyTorch's.

    A scikit-learn transformer of signals: the representation of kind 'hear'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    module : str
        Python module, installed or beside the study file.
    weights : str, default=''
        File or folder that its load_model takes.
    embedding : Literal['scene', 'timestamps'], default='scene'
    pooling : Literal['mean', 'mean_std'], default='mean'
        Timestamps: their mean over time, or mean and deviation.
    batch_size : int, default=8
        Recordings of equal length given at once.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        module: str,
        weights: str = "",
        embedding: Literal["scene", "timestamps"] = "scene",
        pooling: Literal["mean", "mean_std"] = "mean",
        batch_size: int = 8,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Keras(Transformer):
    """Outputs of an encoder in a .keras file, read in safe mode, pooled over the recording.

    A scikit-learn transformer of signals: the representation of kind 'keras'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    file : str
        Beside the study file, or a path.
    input : Literal['waveform', 'logmel', 'spectrogram'], default='waveform'
        (n, samples); logmel: (n, frames, 64), natural logarithm, 32 ms every 10 ms; spectrogram:
        (n, frames, bins) as of chunks, every 50 ms.
    pooling : Literal['mean', 'mean_std', 'max'], default='mean'
        Of frames over time, and of windows.
    window_seconds : float, default=30.0
        Longer recordings are encoded in windows of this length at most.
    pad : bool, default=False
        Fill all shorter windows with zeros, for encoders that take one length alone.
    batch_size : int, default=8
        Windows encoded at once.
    target_rate : int | None, default=16000
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        file: str,
        input: Literal["waveform", "logmel", "spectrogram"] = "waveform",
        pooling: Literal["mean", "mean_std", "max"] = "mean",
        window_seconds: float = 30.0,
        pad: bool = False,
        batch_size: int = 8,
        target_rate: int | None = 16000,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class LogmelPca(Transformer):
    """Principal components of log-mel statistics, fitted to the unlabelled subset, rotated.

    A scikit-learn transformer of signals: the representation of kind 'logmel_pca'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    descriptors : tuple[Literal['logmel', 'prosody', 'contours', 'spectra'], ...], default=('logmel',)
    frames : Literal['all', 'speech'], default='all'
        Speech: log-mel statistics without the pauses.
    dimensions : int, default=64
        Numbers that come out.
    fit_on : Literal['unlabelled', 'train'], default='unlabelled'
        Train: the audio of the labelled subset too, all of it at every budget, and none of its
        labels.
    components : int, default=64
        Principal components in them.
    rotate : bool, default=True
        Keeps classifiers from whitening the components.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        descriptors: tuple[Literal["logmel", "prosody", "contours", "spectra"], ...] = ("logmel",),
        frames: Literal["all", "speech"] = "all",
        dimensions: int = 64,
        fit_on: Literal["unlabelled", "train"] = "unlabelled",
        components: int = 64,
        rotate: bool = True,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class LogmelStatistics(Transformer):
    """576 statistics of the log-mel spectrogram, without learning: a control for learned codes.

    A scikit-learn transformer of signals: the representation of kind 'logmel_statistics'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    frames : Literal['all', 'speech'], default='all'
        Speech: without the pauses.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        frames: Literal["all", "speech"] = "all",
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class MaskedPrediction(Transformer):
    """Codes learned by masked prediction: clusters of hidden frames told from those around them.

    A scikit-learn transformer of signals: the representation of kind 'masked_prediction'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    dimensions : int, default=64
        Numbers that come out.
    components : int, default=64
        Principal components in them.
    rotate : bool, default=True
        Keeps classifiers from whitening the components.
    steps : int, default=500
        Updates at most.
    patience_steps : int, default=200
        Updates without a lower val_loss before the end.
    validate_steps : int, default=20
        Updates from one val_loss to the next.
    epochs : int | None, default=None
        Passes over the data at most, in place of `steps`; 0 leaves the network untrained.
    patience : int | None, default=None
        With `epochs`: in place of `patience_steps`; 30 if left out.
    learning_rate : float, default=0.001
    batch_size : int, default=64
    validation_share : float, default=0.3
        Of the unlabelled recordings.
    clusters : int, default=64
        K-means clusters of frames.
    mask_frames : int, default=10
        Length of a masked span, 20 ms each.
    mask_share : float, default=0.5
        Of a window's frames, about.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        dimensions: int = 64,
        components: int = 64,
        rotate: bool = True,
        steps: int = 500,
        patience_steps: int = 200,
        validate_steps: int = 20,
        epochs: int | None = None,
        patience: int | None = None,
        learning_rate: float = 0.001,
        batch_size: int = 64,
        validation_share: float = 0.3,
        clusters: int = 64,
        mask_frames: int = 10,
        mask_share: float = 0.5,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class MelSpectrogram(Transformer):
    """Mel spectrograms of windows of the signal in dB, as librosa's: 128 x 130 for 3 s.

    A scikit-learn transformer of signals: the representation of kind 'mel_spectrogram'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    pooling : Literal['none', 'mean_std'], default='none'
        What classifiers other than networks get: all numbers, or mean and deviation over time.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from frame to frame.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    n_mels : int, default=128
        Bands from 0 Hz to half the sample rate.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        pooling: Literal["none", "mean_std"] = "none",
        n_fft: int = 2048,
        hop_length: int = 512,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        n_mels: int = 128,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Mfcc(Transformer):
    """Mel-frequency cepstral coefficients: their mean over time, or all frames side by side.

    A scikit-learn transformer of signals: the representation of kind 'mfcc'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    hop_length : int, default=512
        Samples from frame to frame.
    coefficients : int, default=64
    embedding : Literal['scene', 'timestamps'], default='scene'
        Mean over time, or all frames side by side, as many as the shortest has.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        hop_length: int = 512,
        coefficients: int = 64,
        embedding: Literal["scene", "timestamps"] = "scene",
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class MfccFrames(Transformer):
    """Mel-frequency cepstral coefficients of windows of the signal, frame by frame.

    A scikit-learn transformer of signals: the representation of kind 'mfcc_frames'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    pooling : Literal['none', 'mean_std'], default='none'
        What classifiers other than networks get: all numbers, or mean and deviation over time.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from frame to frame.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    n_mfcc : int, default=20
        Coefficients of a frame.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        pooling: Literal["none", "mean_std"] = "none",
        n_fft: int = 2048,
        hop_length: int = 512,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        n_mfcc: int = 20,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Onnx(Transformer):
    """Outputs of an encoder in an ONNX file, waveforms or spectrograms in, pooled over time.

    A scikit-learn transformer of signals: the representation of kind 'onnx'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    file : str
        Beside the study file, or a path.
    input : Literal['waveform', 'logmel', 'spectrogram'], default='waveform'
        (n, samples); logmel: (n, frames, 64), natural logarithm, 32 ms every 10 ms; spectrogram:
        (n, frames, bins) as of chunks, every 50 ms.
    pooling : Literal['mean', 'mean_std', 'max'], default='mean'
        Of frames over time, and of windows.
    window_seconds : float, default=30.0
        Longer recordings are encoded in windows of this length at most.
    pad : bool, default=False
        Fill all shorter windows with zeros, for encoders that take one length alone.
    batch_size : int, default=8
        Windows encoded at once.
    target_rate : int | None, default=16000
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        file: str,
        input: Literal["waveform", "logmel", "spectrogram"] = "waveform",
        pooling: Literal["mean", "mean_std", "max"] = "mean",
        window_seconds: float = 30.0,
        pad: bool = False,
        batch_size: int = 8,
        target_rate: int | None = 16000,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Opensmile(Transformer):
    """openSMILE functionals of the whole recording: eGeMAPS (88) or ComParE 2016 (6373).

    A scikit-learn transformer of signals: the representation of kind 'opensmile'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    feature_set : Literal['eGeMAPSv02', 'ComParE_2016'], default='eGeMAPSv02'
    target_rate : int | None, default=16000
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        feature_set: Literal["eGeMAPSv02", "ComParE_2016"] = "eGeMAPSv02",
        target_rate: int | None = 16000,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Picture(Transformer):
    """Mel spectrograms as square pictures in colour, for networks that were trained on photographs.

    A scikit-learn transformer of signals: the representation of kind 'picture'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from frame to frame.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    n_mels : int, default=128
        Bands from 0 Hz to half the sample rate.
    size : int, default=180
        Pixels a side.
    colours : str, default='magma'
        A colour map of matplotlib.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        n_fft: int = 2048,
        hop_length: int = 512,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        n_mels: int = 128,
        size: int = 180,
        colours: str = "magma",
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class PooledWaveform(Transformer):
    """Pieces of the raw waveform, averaged by 40 samples to 500 numbers: the input of deep-softmax.

    A scikit-learn transformer of signals: the representation of kind 'pooled_waveform'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    piece_seconds : float, default=1.0
        From the start of a piece to the next's.
    piece_samples : int, default=20000
        Length of a piece.
    pooled_by : int, default=40
        Successive samples that a number is the mean of.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        piece_seconds: float = 1.0,
        piece_samples: int = 20000,
        pooled_by: int = 40,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class RandomEncoder(Transformer):
    """Codes of a network that was never trained: a control for what its architecture alone gives.

    A scikit-learn transformer of signals: the representation of kind 'random_encoder'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    dimensions : int, default=64
        Numbers that come out.
    components : int, default=64
        Principal components in them.
    rotate : bool, default=True
        Keeps classifiers from whitening the components.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        dimensions: int = 64,
        components: int = 64,
        rotate: bool = True,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class RandomPieces(Transformer):
    """Random projection of pieces of the raw waveform: a control for codes of pieces.

    A scikit-learn transformer of signals: the representation of kind 'random_pieces'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    piece_seconds : float, default=1.0
        From the start of a piece to the next's.
    piece_samples : int, default=20000
        Length of a piece.
    pooled_by : int, default=40
        Successive samples that a number is the mean of.
    dimensions : int, default=64
        Numbers that come out.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        piece_seconds: float = 1.0,
        piece_samples: int = 20000,
        pooled_by: int = 40,
        dimensions: int = 64,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class RandomProjection(Transformer):
    """Random projection of descriptors to a few numbers: a control for principal components.

    A scikit-learn transformer of signals: the representation of kind 'random_projection'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    descriptors : tuple[Literal['logmel', 'prosody', 'contours', 'spectra'], ...], default=('logmel',)
    frames : Literal['all', 'speech'], default='all'
        Speech: log-mel statistics without the pauses.
    dimensions : int, default=64
        Numbers that come out.
    fit_on : Literal['unlabelled', 'train'], default='unlabelled'
        Train: the audio of the labelled subset too, all of it at every budget, and none of its
        labels.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        descriptors: tuple[Literal["logmel", "prosody", "contours", "spectra"], ...] = ("logmel",),
        frames: Literal["all", "speech"] = "all",
        dimensions: int = 64,
        fit_on: Literal["unlabelled", "train"] = "unlabelled",
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class RandomSpectrogram(Transformer):
    """Random projection of the spectrograms of chunks: a control for codes of autoencoders.

    A scikit-learn transformer of signals: the representation of kind 'random_spectrogram'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    input_scaling : Literal['raw', 'log'], default='raw'
    dimensions : int, default=64
        Numbers that come out.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    chunk_samples : int, default=30000
        Samples of a chunk.
    tail : Literal['drop', 'cover'], default='drop'
        Samples after the last whole chunk.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        input_scaling: Literal["raw", "log"] = "raw",
        dimensions: int = 64,
        target_rate: int | None = None,
        chunk_samples: int = 30000,
        tail: Literal["drop", "cover"] = "drop",
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Stft(Transformer):
    """Short-time Fourier transform of windows of the signal: magnitude, in dB or as it is.

    A scikit-learn transformer of signals: the representation of kind 'stft'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    pooling : Literal['none', 'mean_std'], default='none'
        What classifiers other than networks get: all numbers, or mean and deviation over time.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from frame to frame.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    magnitude : Literal['decibels', 'linear'], default='decibels'
        In dB, down to 80 below the window's loudest, or as it is.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        pooling: Literal["none", "mean_std"] = "none",
        n_fft: int = 2048,
        hop_length: int = 512,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        magnitude: Literal["decibels", "linear"] = "decibels",
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Torch(Transformer):
    """Outputs of an encoder in a TorchScript file, whose program is run, pooled over the recording.

    A scikit-learn transformer of signals: the representation of kind 'torch'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    file : str
        Beside the study file, or a path.
    input : Literal['waveform', 'logmel', 'spectrogram'], default='waveform'
        (n, samples); logmel: (n, frames, 64), natural logarithm, 32 ms every 10 ms; spectrogram:
        (n, frames, bins) as of chunks, every 50 ms.
    pooling : Literal['mean', 'mean_std', 'max'], default='mean'
        Of frames over time, and of windows.
    window_seconds : float, default=30.0
        Longer recordings are encoded in windows of this length at most.
    pad : bool, default=False
        Fill all shorter windows with zeros, for encoders that take one length alone.
    batch_size : int, default=8
        Windows encoded at once.
    target_rate : int | None, default=16000
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        file: str,
        input: Literal["waveform", "logmel", "spectrogram"] = "waveform",
        pooling: Literal["mean", "mean_std", "max"] = "mean",
        window_seconds: float = 30.0,
        pad: bool = False,
        batch_size: int = 8,
        target_rate: int | None = 16000,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Transformers(Transformer):
    """Frames of a pretrained audio encoder of the library transformers, pooled over the recording.

    A scikit-learn transformer of signals: the representation of kind 'transformers'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    model : str
        Its folder, or its name on the Hugging Face hub.
    revision : str, default=''
        Commit on the hub, where model is a name.
    layer : int | Literal['last', 'mean', 'all'] | list[int], default='last'
        0 is what enters the first layer; all, or a list: each layer is a representation by itself,
        `NAME.layer_00` and so on, of one pass.
    pooling : Literal['mean', 'mean_std', 'max'], default='mean'
        Of the frames over time.
    window_seconds : float | None, default=None
        Longer recordings are encoded in windows of this length; 30, or as long as the model takes,
        if left out.
    batch_size : int, default=8
        Windows encoded at once.
    weights : Literal['pretrained', 'random'], default='pretrained'
        Random: the same network with weights drawn from the seed.
    trust_pickle : bool, default=False
        Read weights that are not safetensors, which can run code.
    float16 : bool, default=True
        On a GPU; on a processor it is float32.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        model: str,
        revision: str = "",
        layer: int | Literal["last", "mean", "all"] | list[int] = "last",
        pooling: Literal["mean", "mean_std", "max"] = "mean",
        window_seconds: float | None = None,
        batch_size: int = 8,
        weights: Literal["pretrained", "random"] = "pretrained",
        trust_pickle: bool = False,
        float16: bool = True,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Vgg16(Transformer):
    """Outputs of VGG16, or another frozen network of keras.applications, for pictures of windows.

    A scikit-learn transformer of signals: the representation of kind 'vgg16'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    n_fft : int, default=2048
        Samples of a frame.
    hop_length : int, default=512
        Samples from frame to frame.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    n_mels : int, default=128
        Bands from 0 Hz to half the sample rate.
    size : int, default=180
        Pixels a side.
    colours : str, default='magma'
        A colour map of matplotlib.
    application : str, default='VGG16'
        A network of keras.applications.
    weights : str, default='imagenet'
        `imagenet`, `random`, or a file of weights without top layers.
    pooling : Literal['mean', 'max'], default='mean'
        Of the outputs over the picture.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        n_fft: int = 2048,
        hop_length: int = 512,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        n_mels: int = 128,
        size: int = 180,
        colours: str = "magma",
        application: str = "VGG16",
        weights: str = "imagenet",
        pooling: Literal["mean", "max"] = "mean",
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Vicreg(Transformer):
    """Codes that are alike for two crops of a recording and differ between recordings: VICReg.

    A scikit-learn transformer of signals: the representation of kind 'vicreg'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='none'
        Subtract the mean of the speaker's own recordings, or standardise by them.
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    dimensions : int, default=64
        Numbers that come out.
    components : int, default=64
        Principal components in them.
    rotate : bool, default=True
        Keeps classifiers from whitening the components.
    steps : int, default=500
        Updates at most.
    patience_steps : int, default=200
        Updates without a lower val_loss before the end.
    validate_steps : int, default=20
        Updates from one val_loss to the next.
    epochs : int | None, default=None
        Passes over the data at most, in place of `steps`; 0 leaves the network untrained.
    patience : int | None, default=None
        With `epochs`: in place of `patience_steps`; 30 if left out.
    learning_rate : float, default=0.001
    batch_size : int, default=64
    validation_share : float, default=0.3
        Of the unlabelled recordings.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "none",
        min_recordings: int = 2,
        dimensions: int = 64,
        components: int = 64,
        rotate: bool = True,
        steps: int = 500,
        patience_steps: int = 200,
        validate_steps: int = 20,
        epochs: int | None = None,
        patience: int | None = None,
        learning_rate: float = 0.001,
        batch_size: int = 64,
        validation_share: float = 0.3,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class VoicePca(Transformer):
    """How a recording differs from the speaker's others: components of log-mel and prosody statistics.

    A scikit-learn transformer of signals: the representation of kind 'voice_pca'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    speaker_normalisation : Literal['none', 'mean', 'standard'], default='standard'
    min_recordings : int, default=2
        That a speaker must have in a subset to be normalised; 1 takes lone ones, and those of
        unknown speakers, whose features become 0.
    descriptors : tuple[Literal['logmel', 'prosody', 'contours', 'spectra'], ...], default=('logmel', 'prosody')
    frames : Literal['all', 'speech'], default='speech'
    dimensions : int, default=64
        Numbers that come out.
    fit_on : Literal['unlabelled', 'train'], default='unlabelled'
        Train: the audio of the labelled subset too, all of it at every budget, and none of its
        labels.
    components : int, default=10
        Principal components in them.
    rotate : bool, default=True
        Keeps classifiers from whitening the components.
    target_rate : int | None, default=None
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        speaker_normalisation: Literal["none", "mean", "standard"] = "standard",
        min_recordings: int = 2,
        descriptors: tuple[Literal["logmel", "prosody", "contours", "spectra"], ...] = (
            "logmel",
            "prosody",
        ),
        frames: Literal["all", "speech"] = "speech",
        dimensions: int = 64,
        fit_on: Literal["unlabelled", "train"] = "unlabelled",
        components: int = 10,
        rotate: bool = True,
        target_rate: int | None = None,
        short: Literal["raise", "pad"] = "raise",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...

class Waveform(Transformer):
    """Windows of the signal itself: 3 s at 22,050 Hz are 66,150 numbers.

    A scikit-learn transformer of signals: the representation of kind 'waveform'.

    Parameters
    ----------
    sample_rate : int, default=16000
        Of the signals, in Hz.
    window_seconds : float, default=3.0
        Length of a window.
    step_seconds : float, default=3.0
        From the start of a window to the next's.
    target_rate : int | None, default=22050
        In Hz, what signals are resampled to before anything is computed; `sample_rate` if None.
    short : Literal['raise', 'pad'], default='raise'
        What becomes of a signal shorter than one frame of 0.05 s, or one chunk: an error, or zeros
        fill it up.
    chunk_pooling : Literal['mean', 'mean_std'], default='mean'
        What one row of a signal's chunks or windows is: their mean, or mean and deviation.
    random_state : int | None, default=0
        Seed of everything random that it learns by.
    n_jobs : int | None, default=None
        Processes, -1 for all processors.
    verbose : bool, default=False
        Whether it tells how far it is.

    Attributes
    ----------
    models_ : dict of str to bytes
        Contents of the files that hold what was learned; empty where nothing is.
    feature_names_out_ : ndarray of shape (n_features,)
        Names of the columns.
    """

    def __init__(
        self,
        *,
        sample_rate: int = 16000,
        window_seconds: float = 3.0,
        step_seconds: float = 3.0,
        target_rate: int | None = 22050,
        short: Literal["raise", "pad"] = "raise",
        chunk_pooling: Literal["mean", "mean_std"] = "mean",
        random_state: int | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None: ...
