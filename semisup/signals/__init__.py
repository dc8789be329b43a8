"""Pure mathematics on arrays: framing, hand-crafted features, spectrograms, prosody."""
