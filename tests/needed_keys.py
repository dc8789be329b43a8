"""Keys that a kind of representation cannot do without."""

NEEDED: dict[str, dict[str, object]] = {
    "autoencoder": {"architecture": "autoencoder_1"},
    "fused": {"of": ["first", "second"]},
    "hear": {"module": "semisup.hear.mfcc"},
    "pooled": {"of": "first"},
    "table": {"path": "features.csv"},
}
