"""Run a study from Python: ``python experiments/run_learning_curve.py [study.toml]``."""

import sys

import semisup

if __name__ == "__main__":  # worker processes import this file
    study = sys.argv[1] if len(sys.argv) > 1 else "experiments/quickstart/study.toml"
    result = semisup.run(study, jobs=2)
    summary = result.summary
    whole = summary[(summary["percentage"] == 100) & (summary["metric"] == "uar")]
    print(whole.pivot_table("mean", index="classifier", columns="representation").round(3))
    print(result.verdict)
