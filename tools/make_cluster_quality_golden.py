"""Golden purities and phone-normalised mutual information, by scikit-learn and numpy.

    .venv/bin/python tools/make_cluster_quality_golden.py    # writes tests/metrics/golden/cluster_quality.json
"""

import json
import pathlib

import numpy
import scipy.stats
import sklearn
from sklearn.metrics import mutual_info_score

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/metrics/golden/cluster_quality.json"


def measure(counts):
    counts = numpy.array(counts)
    entropy = scipy.stats.entropy(counts.sum(1))
    return {"counts": counts.tolist(), "label_purity": counts.max(0).sum() / counts.sum(),
            "cluster_purity": counts.max(1).sum() / counts.sum(), "entropy": entropy,
            "pnmi": mutual_info_score(None, None, contingency=counts) / entropy}


def main():
    generator = numpy.random.default_rng(1314)
    tables = [[[5, 0], [0, 3]], [[2, 2], [2, 2]], [[4, 0, 1], [0, 0, 7]], generator.integers(0, 50, size=(6, 11))]
    golden = {
        "made_by": f"tools/make_cluster_quality_golden.py, scikit-learn {sklearn.__version__}",
        "cases": [measure(table) for table in tables],
    }
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
