"""Golden k-means by scikit-learn: Lloyd's iterations and mini-batch steps from given centres.

    .venv/bin/python tools/make_kmeans_golden.py    # writes tests/pretrain/golden/kmeans.json
"""

import json
import pathlib

import numpy
import sklearn
from sklearn.cluster import KMeans, MiniBatchKMeans

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/pretrain/golden/kmeans.json"


def blobs(generator, points, features, clusters):
    means = generator.normal(size=(clusters, features)) * 2
    return (means[generator.integers(clusters, size=points)] + generator.normal(size=(points, features))).round(4)


def lloyd_case(generator, points, features, clusters, iterations, far=False):
    data = blobs(generator, points, features, clusters)
    start = data[:clusters] + (100.0 * numpy.eye(1, clusters).T if far else 0.0)  # far: the first centre is left empty
    model = KMeans(clusters, init=start, n_init=1, max_iter=iterations, tol=1e-4).fit(data)
    return {"points": data.tolist(), "start": start.tolist(), "iterations": iterations,
            "centres": model.cluster_centers_.tolist(), "inertia": model.inertia_, "clusters": model.labels_.tolist()}


def mini_batch_case(generator, features, clusters, batches):
    data = blobs(generator, 30 * batches, features, clusters)
    start = data[:clusters]
    model = MiniBatchKMeans(clusters, init=start, n_init=1, reassignment_ratio=0.0)
    case = {"start": start.tolist(), "batches": []}
    for batch in numpy.split(data, batches):
        model.partial_fit(batch)
        case["batches"].append({"points": batch.tolist(), "centres": model.cluster_centers_.tolist()})
    return case


def main():
    generator = numpy.random.default_rng(1314)
    golden = {
        "made_by": f"tools/make_kmeans_golden.py, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}",
        "lloyd": [lloyd_case(generator, 60, 2, 3, 300), lloyd_case(generator, 200, 5, 7, 300),
                  lloyd_case(generator, 200, 5, 7, 2), lloyd_case(generator, 80, 3, 4, 300, far=True)],
        "mini_batch": [mini_batch_case(generator, 3, 4, 5)],
    }
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
