"""Golden values of the classification metrics, computed by scikit-learn.

    .venv/bin/python tools/make_metric_golden.py    # writes tests/metrics/golden/classification.json
"""

import json
import pathlib
import random

import sklearn
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/metrics/golden/classification.json"


def case(name, classes, labels, predicted):
    def f1(average):
        return f1_score(labels, predicted, average=average, zero_division=0)

    precision, recall, class_f1, support = precision_recall_fscore_support(
        labels, predicted, labels=range(classes), zero_division=0
    )
    return {
        "name": name,
        "classes": classes,
        "labels": labels,
        "predicted": predicted,
        "confusion": confusion_matrix(labels, predicted, labels=range(classes)).tolist(),
        "accuracy": accuracy_score(labels, predicted),
        "f1": f1("weighted"),
        "macro_f1": f1("macro"),
        "uar": balanced_accuracy_score(labels, predicted),
        "class_precision": precision.tolist(),
        "class_recall": recall.tolist(),
        "class_f1": class_f1.tolist(),
        "class_support": support.tolist(),
    }


def random_case(name, classes, clips, rng):
    labels = [rng.randrange(classes) for _ in range(clips)]
    predicted = [label if rng.random() < 0.6 else rng.randrange(classes) for label in labels]
    return case(name, classes, labels, predicted)


def main():
    rng = random.Random(1314)
    cases = [
        case("all right", 3, [0, 1, 2, 1], [0, 1, 2, 1]),
        case("all wrong", 2, [0, 0, 1], [1, 1, 0]),
        case("one class never predicted", 3, [0, 1, 2, 2, 1], [0, 1, 1, 1, 1]),
        case("one class only predicted", 3, [0, 0, 1, 1], [0, 2, 1, 1]),
        case("one class absent from both", 4, [0, 1, 3, 3], [0, 3, 3, 1]),
        case("a single clip", 5, [4], [2]),
        random_case("unbalanced", 7, 200, rng),
        random_case("many classes", 30, 400, rng),
    ]
    golden = {"made_by": f"tools/make_metric_golden.py, scikit-learn {sklearn.__version__}", "cases": cases}
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
