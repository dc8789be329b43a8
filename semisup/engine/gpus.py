"""The GPUs of this machine by name: what a network computes there has other last digits."""

from pathlib import Path

#: Where NVIDIA's driver for Linux tells of each, a folder a GPU.
DRIVER = Path("/proc/driver/nvidia/gpus")


def gpus(driver: Path = DRIVER) -> list[str]:
    """Return the name of each GPU that the driver tells of; none where there is no such driver."""
    lines = [
        line
        for file in sorted(driver.glob("*/information"))
        for line in file.read_text(errors="replace").splitlines()
    ]
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
    return [name for name in named if name]
