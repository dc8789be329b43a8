"""Which frames of a `transformers` model belong to a waveform, and which to its padding.

In: the configuration of a model and of its feature extractor. Out: how long a waveform may be,
which waveforms may share a batch, and the frames of each layer without those of the padding. A
family that is not known here gets waveforms of one length at a time, and all frames are taken.
"""

from collections.abc import Callable
from math import ceil, inf
from typing import Any, NamedTuple

#: Output of one waveform in one layer, and its number of samples, to its frames (n_frames, size);
#: an array or a tensor.
OfWaveform = Callable[[Any, int], Any]
#: Seconds between frames of the spectrograms of AST.
AST_HOP = 0.01
#: Where padding is masked: more of it would only take time.
MASKED = 1.25


class Family(NamedTuple):
    """How models of a kind are given waveforms.

    Parameters
    ----------
    frames : callable
        The frames of a waveform that are its own.
    stretch : float
        How many times as long as the shortest of a batch the longest may be: padding is masked,
        all are padded to one length, or none may be padded.
    longest : float, optional
        Seconds that it takes at most.
    shortest : int
        Samples that it takes at least.
    pads : bool
        Whether its feature extractor must be asked to pad.
    """

    frames: OfWaveform
    stretch: float
    longest: float | None = None
    shortest: int = 1
    pads: bool = False


def family_of(config: Any, extractor: Any) -> Family:
    """Return the family of a model.

    Parameters
    ----------
    config : transformers.PretrainedConfig
        Of the model, or of its audio tower.
    extractor : transformers feature extractor
    """
    kind, rate = config.model_type, extractor.sampling_rate
    if kind == "whisper":
        return Family(_over_all(extractor.n_samples), inf, extractor.n_samples / rate)
    if kind == "audio-spectrogram-transformer":
        longest = config.max_length * AST_HOP
        return Family(_of_patches(config, rate), inf, longest)
    if kind == "clap_audio_model":
        # short sounds are repeated until they fill it
        return Family(_of_map, inf, extractor.nb_max_samples / rate)
    if hasattr(config, "conv_kernel") and hasattr(config, "conv_stride"):
        return _convolutional(config, extractor)
    return Family(_all, 1)


def _convolutional(config: Any, extractor: Any) -> Family:
    """Return the family of wav2vec 2.0, HuBERT, WavLM and their like."""
    layers = list(zip(config.conv_kernel, config.conv_stride, strict=True))
    shortest = 1
    for kernel, stride in reversed(layers):
        shortest = (shortest - 1) * stride + kernel

    def frames(output: Any, samples: int) -> Any:
        count = samples
        for kernel, stride in layers:
            count = (count - kernel) // stride + 1
        return output[: max(1, count)]

    # normalisation over time (group norm) would mix the padding into every frame
    is_masked = extractor.return_attention_mask and config.feat_extract_norm == "layer"
    if is_masked and not hasattr(config, "squeeze_factor"):
        return Family(frames, MASKED, shortest=shortest, pads=True)
    return Family(_all, 1, shortest=shortest, pads=True)


def _over_all(n_samples: int) -> OfWaveform:
    """Take the frames that cover the waveform, of those that cover all of the input."""

    def frames(output: Any, samples: int) -> Any:
        return output[: max(1, ceil(samples * len(output) / n_samples))]

    return frames


def _of_patches(config: Any, sample_rate: int) -> OfWaveform:
    """Average the patches of one time over frequencies; special tokens are left out."""
    size, stride = config.patch_size, config.time_stride
    n_bands = (config.num_mel_bins - size) // config.frequency_stride + 1

    def frames(output: Any, samples: int) -> Any:
        n_times = (config.max_length - size) // stride + 1
        patches = output[-n_bands * n_times :].reshape(n_bands, n_times, -1)
        begun = ceil(samples / sample_rate / AST_HOP / stride)
        return patches.mean(axis=0)[: max(1, begun)]

    return frames


def _of_map(output: Any, samples: int) -> Any:
    """Take each place of a map (size, height, width) for a frame."""
    return output.reshape(len(output), -1).T


def _all(output: Any, samples: int) -> Any:
    return output
