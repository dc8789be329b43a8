"""A linear probe: codes of labelled recordings and their labels in, recall and its error out."""

import numpy as np

from semisup.errors import SplitError

#: Folds at most; every labelled speaker is held out in one of them.
FOLDS = 4


def probe(codes: np.ndarray, labels: np.ndarray, speakers: np.ndarray) -> tuple[float, float]:
    """Score standardised codes by a logistic regression, on speakers that it was not fitted on.

    Parameters
    ----------
    codes : ndarray of shape (n, latent_dim)
        One row a recording.
    labels, speakers : ndarray of shape (n,)
        Its class and its speaker; recordings of an unknown speaker ("") count as one speaker.

    Returns
    -------
    uar : float
        Unweighted average recall over all recordings, each predicted by the fold that held it out.
    error : float
        Standard error over the speakers.

    Raises
    ------
    SplitError
        If there are fewer than two speakers, or a fold would be fitted on one class.
    """
    from sklearn.metrics import recall_score

    predicted = _predicted(codes, labels, speakers)
    by_speaker = []
    for speaker in np.unique(speakers):
        true, guessed = labels[speakers == speaker], predicted[speakers == speaker]
        # over the speaker's own classes: of others there is nothing to recall
        by_speaker.append(recall_score(true, guessed, labels=np.unique(true), average="macro"))
    uar = recall_score(
        labels, predicted, labels=np.unique(labels), average="macro", zero_division=0
    )
    return float(uar), float(np.std(by_speaker, ddof=1) / np.sqrt(len(by_speaker)))


def _predicted(codes: np.ndarray, labels: np.ndarray, speakers: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    n_speakers = len(np.unique(speakers))
    if n_speakers < 2:
        raise SplitError("objective 'probe' needs labelled recordings of at least 2 speakers")
    predicted = np.empty_like(labels)
    for fitted, held_out in GroupKFold(min(FOLDS, n_speakers)).split(codes, labels, speakers):
        if len(np.unique(labels[fitted])) < 2:
            raise SplitError(
                "objective 'probe' needs labelled speakers of several classes: without those of "
                f"{', '.join(np.unique(speakers[held_out]))} only one class is left"
            )
        # a pipeline, so that the scaler sees the fitted speakers alone
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        predicted[held_out] = model.fit(codes[fitted], labels[fitted]).predict(codes[held_out])
    return predicted
