"""Train every architecture on a study's unlabelled part and compare validation losses.

``python experiments/tune_autoencoders.py [study.toml]``; each keeps `files/<study>-<name>/`.
"""

import json
import sys
from pathlib import Path

import pandas as pd

import semisup
from semisup.registry import architectures


def best_loss(study: Path, architecture: str) -> dict[str, object]:
    """Train one architecture as the representation `code`; nothing of the test set is read."""
    folder = semisup.run(
        study,
        until="train",
        jobs=2,
        overrides=[
            f"name={study.parent.name}-{architecture}",
            f"representations.code.architecture={architecture}",
            'curve.representations=["code"]',
        ],
    )
    history = pd.read_csv(folder / "code" / "history.csv")
    health = json.loads((folder / "code" / "health.json").read_text())
    return {
        "architecture": architecture,
        "val_loss": history["val_loss"].min(),
        "epochs": len(history),
        "collapsed": health["collapsed"],
    }


if __name__ == "__main__":  # worker processes import this file
    chosen = Path(sys.argv[1] if len(sys.argv) > 1 else "experiments/quickstart/study.toml")
    rows = [best_loss(chosen, name) for name in architectures.names()]
    print(pd.DataFrame(rows).sort_values("val_loss").to_string(index=False))
