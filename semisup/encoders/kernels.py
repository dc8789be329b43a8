"""How PyTorch computes, so that the same comes out again: kernels, sums and random numbers."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext


def exact_kernels() -> AbstractContextManager[None]:
    """Compute convolutions on a GPU the same way each time, and float32 with all of its digits."""
    import torch

    # by default they have the 10 binary digits of TF32
    return torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )


@contextmanager
def repeatable() -> Iterator[None]:
    """Compute with random numbers of one's own, on a processor with one thread, sums in order."""
    import torch

    threads, devices = torch.get_num_threads(), range(torch.cuda.device_count())
    sums = sums_in_order() if devices else nullcontext()
    with torch.random.fork_rng(devices), exact_kernels(), sums:
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@contextmanager
def sums_in_order() -> Iterator[None]:
    """Let no kernel of a GPU add up gradients in the order in which its threads come to an end.

    Of attention there are such kernels, so that it is computed by plain products of matrices.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    before = torch.are_deterministic_algorithms_enabled()
    only_warned = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=only_warned)
