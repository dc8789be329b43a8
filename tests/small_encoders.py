"""Small random encoders of the real architectures, and in files, as their libraries write them."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZE = 16
#: Of wav2vec 2.0 and its like: the real strides, so that there are 50 frames a second.
CONVOLUTIONS = {
    "hidden_size": SIZE,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "conv_dim": (8,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "vocab_size": 8,
}
LAYER_NORM = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}


def wav2vec2_group(library: Any) -> tuple[Any, Any]:
    """wav2vec 2.0 as its base model: padding would change frames."""
    config = library.Wav2Vec2Config(**CONVOLUTIONS)
    return library.Wav2Vec2Model(config), library.Wav2Vec2FeatureExtractor()


def wav2vec2_layer(library: Any) -> tuple[Any, Any]:
    """wav2vec 2.0 as its large models: padding is masked."""
    config = library.Wav2Vec2Config(**CONVOLUTIONS, **LAYER_NORM)
    extractor = library.Wav2Vec2FeatureExtractor(return_attention_mask=True)
    return library.Wav2Vec2Model(config), extractor


def hubert(library: Any) -> tuple[Any, Any]:
    """HuBERT as its large models."""
    config = library.HubertConfig(**CONVOLUTIONS, **LAYER_NORM)
    extractor = library.Wav2Vec2FeatureExtractor(return_attention_mask=True)
    return library.HubertModel(config), extractor


def wavlm(library: Any) -> tuple[Any, Any]:
    """WavLM as its large model."""
    config = library.WavLMConfig(**CONVOLUTIONS, **LAYER_NORM)
    extractor = library.Wav2Vec2FeatureExtractor(return_attention_mask=True)
    return library.WavLMModel(config), extractor


def whisper(library: Any) -> tuple[Any, Any]:
    """Whisper with encoder and decoder."""
    config = library.WhisperConfig(
        d_model=SIZE,
        encoder_layers=2,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        vocab_size=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    return library.WhisperModel(config), library.WhisperFeatureExtractor()


def ast(library: Any) -> tuple[Any, Any]:
    """Audio Spectrogram Transformer."""
    config = library.ASTConfig(
        hidden_size=SIZE, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    return library.ASTModel(config), library.ASTFeatureExtractor()


def clap(library: Any) -> tuple[Any, Any]:
    """CLAP with towers for audio and text."""
    audio = {
        "patch_embeds_hidden_size": 4,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "hidden_size": 8,
    }
    text = {
        "vocab_size": 8,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
        "max_position_embeddings": 8,
    }
    config = library.ClapConfig(text_config=text, audio_config=audio, projection_dim=8)
    return library.ClapModel(config), library.ClapFeatureExtractor(truncation="rand_trunc")


ARCHITECTURES: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    each.__name__: each
    for each in (wav2vec2_group, wav2vec2_layer, hubert, wavlm, whisper, ast, clap)
}


def write(name: str, folder: Path) -> Path:
    """Write a small model of an architecture, its weights as safetensors."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(1)
        model, extractor = ARCHITECTURES[name](transformers)
        model.save_pretrained(folder)
        extractor.save_pretrained(folder)
    return folder


#: Of encoders in files: a frame of samples to its numbers, (400, 3), then the absolute value.
KERNEL = np.random.default_rng(2).normal(0, 0.1, (400, 3)).astype(np.float32)


def frames_by_hand(signal: np.ndarray) -> np.ndarray:
    """Return what the encoders in files make of a waveform, (n_frames, 3)."""
    return np.abs(signal[: len(signal) // 400 * 400].reshape(-1, 400) @ KERNEL)


def write_onnx(path: Path) -> None:
    """Write an encoder of waveforms as an ONNX file."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    given = helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["n", "samples"])
    made = helper.make_tensor_value_info("frames", TensorProto.FLOAT, ["n", "t", 3])
    kernel = KERNEL.T[:, None, :]
    constants = [
        numpy_helper.from_array(np.ascontiguousarray(kernel), "kernel"),
        numpy_helper.from_array(np.array([1]), "one"),
    ]
    nodes = [
        helper.make_node("Unsqueeze", ["audio", "one"], ["channel"]),
        helper.make_node("Conv", ["channel", "kernel"], ["convolved"], strides=[400]),
        helper.make_node("Abs", ["convolved"], ["sizes"]),
        helper.make_node("Transpose", ["sizes"], ["frames"], perm=[0, 2, 1]),
    ]
    graph = helper.make_graph(nodes, "encoder", [given], [made], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)


def write_torch(path: Path) -> None:
    """Write an encoder of waveforms as a TorchScript file."""
    import torch

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kernel = torch.nn.Parameter(torch.from_numpy(KERNEL))

        def forward(self, audio: torch.Tensor) -> torch.Tensor:
            count = audio.shape[1] // 400
            return (audio[:, : count * 400].reshape(len(audio), count, 400) @ self.kernel).abs()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(Encoder()).save(str(path))


def write_keras(path: Path) -> None:
    """Write an encoder of waveforms as a .keras file."""
    from semisup.networks.backend import import_keras

    keras = import_keras()
    audio = keras.Input((None, 1))
    convolution = keras.layers.Conv1D(3, 400, 400, use_bias=False)
    model = keras.Model(audio, keras.ops.absolute(convolution(audio)))
    convolution.set_weights([KERNEL[:, None, :]])
    model.save(path)


def write_for(kind: str, folder: Path) -> None:
    """Write what a kind needs beside a study file, if anything."""
    if kind == "transformers":
        write("hubert", folder / "model")
    elif kind == "onnx":
        write_onnx(folder / "model.onnx")
    elif kind == "torch":
        write_torch(folder / "model.pt")
    elif kind == "keras":
        write_keras(folder / "model.keras")
