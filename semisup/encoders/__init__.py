"""Encoders made elsewhere: waveforms in, pooled frames out, whatever library runs them."""
