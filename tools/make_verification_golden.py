"""Golden values of the verification metrics, computed with scikit-learn's ROC curve and scipy.

    .venv/bin/python tools/make_verification_golden.py    # writes tests/metrics/golden/verification.json

The rate is s3prl's expression. For the threshold the curve is read along (false acceptance - miss), which rises from
point to point; s3prl reads it along false acceptance, which does not rise where the curve is vertical.
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_curve

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/metrics/golden/verification.json"


def min_dcf(false_acceptance, miss, p_target, c_miss=1.0, c_fa=1.0):
    cost = c_miss * p_target * miss + c_fa * (1 - p_target) * false_acceptance
    return cost.min() / min(c_miss * p_target, c_fa * (1 - p_target))


def case(name, scores, labels):
    scores, labels = np.asarray(scores, np.float64), np.asarray(labels)
    fpr, tpr, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    thresholds[0] = thresholds[1]  # infinite
    return {
        "name": name,
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "eer": brentq(lambda x: 1.0 - x - interp1d(fpr, tpr)(x), 0.0, 1.0),
        "threshold": np.interp(0, fpr - (1 - tpr), thresholds),
        "min_dcf": min_dcf(fpr, 1 - tpr, 0.05),
        "min_dcf_half": min_dcf(fpr, 1 - tpr, 0.5),
        "min_dcf_dear": min_dcf(fpr, 1 - tpr, 0.01, c_miss=10.0, c_fa=2.0),
    }


def random_case(name, same, different, distance, digits, rng):
    scores = np.concatenate([rng.normal(distance, 1, same), rng.normal(0, 1, different)])
    order = rng.permutation(same + different)
    labels = np.concatenate([np.ones(same, int), np.zeros(different, int)])
    return case(name, np.round(scores, digits)[order], labels[order])


def main():
    rng = np.random.default_rng(1314)
    cases = [
        case("perfect", [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]),
        case("reversed", [0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]),
        case("all tied", [0.5, 0.5, 0.5], [1, 0, 0]),
        case("two trials", [0.3, 0.7], [0, 1]),
        case("tied across the crossing", [0.9, 0.5, 0.5, 0.5, 0.5, 0.1], [1, 1, 1, 0, 0, 0]),
        case("crossing on a miss", [0.9, 0.8, 0.7, 0.6, 0.5], [0, 1, 1, 0, 0]),
        case("negative scores", [-0.9, -0.2, -0.5, -0.4, -0.1], [0, 0, 1, 0, 1]),
        random_case("random", 150, 150, 1.5, 9, rng),
        random_case("few of the same speaker", 12, 400, 2.0, 9, rng),
        random_case("few different", 300, 5, 1.0, 9, rng),
        random_case("many ties", 100, 200, 1.5, 1, rng),
        random_case("worse than chance", 80, 60, -1.0, 9, rng),
    ]
    made_by = f"tools/make_verification_golden.py, scikit-learn {sklearn.__version__}, scipy {scipy.__version__}"
    OUTPUT.write_text(json.dumps({"made_by": made_by, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
