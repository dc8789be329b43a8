"""Keys that a kind of representation cannot do without."""

NEEDED: dict[str, dict[str, object]] = {
    "autoencoder": {"architecture": "autoencoder_1"},
    "columns": {"of": "first", "begin": "l"},
    "fused": {"of": ["first", "second"]},
    "hear": {"module": "semisup.hear.mfcc"},
    "keras": {"file": "model.keras"},
    "onnx": {"file": "model.onnx"},
    "pooled": {"of": "first"},
    "table": {"path": "features.csv"},
    "torch": {"file": "model.pt"},
    "transformers": {"model": "model"},
}
#: Kinds that need libraries which the tests do without, `make test-extras` aside.
EXTRAS = ("onnx", "torch", "transformers")
