"""Export a study's curves for a paper: ``python experiments/export_plots.py SCORES FOLDER``.

One pdf a classifier, as wide as a column, without title: that is what a caption is for.
"""

import sys
from pathlib import Path

from semisup.figures.catalogue import plot_scores
from semisup.figures.study_tables import StudyTables

if __name__ == "__main__":
    scores, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for classifier in StudyTables(scores.parent, scores).classifiers:
        path = folder / f"{classifier}.pdf"
        print(plot_scores(scores, path, classifier=classifier, width="column", title=""))
