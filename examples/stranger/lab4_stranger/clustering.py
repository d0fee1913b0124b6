"""Weight clustering with TFMOT: each kernel keeps a few distinct weights, which are trained on; zeros stay zeros.

Method: Han, Mao and Dally, "Deep Compression", 2016 (weight sharing), as TFMOT implements it.
"""

from collections.abc import Iterable

import numpy as np

from lab4.domain.catalogue import Promise, TechniqueTraits
from lab4.domain.untyped import Untyped
from lab4.frameworks import keras, tfmot
from lab4.techniques import Check, Trainer

__all__ = ["CLUSTERED_16"]

_CLUSTERS = 16


def most_distinct(kernels: Iterable[Untyped]) -> float:
    """The number of distinct weights in the kernel that has most of them."""
    # As float32: NumPy 2.1 does not sort float16 right on CPUs with AVX-512 FP16.
    return float(max((np.unique(kernel.astype(np.float32)).size for kernel in kernels), default=0))


class Clustering:
    """Clusters every kernel; a pruned model keeps its zeros."""

    traits = TechniqueTraits(
        "clustered16",
        "Clustered Model (16)",
        kind="clustering",
        promises=(
            Promise(
                "distinct_weights",
                "number of distinct weights in a kernel",
                at_most=_CLUSTERS,
                precisions=("float32", "float16"),  # int8 gives each channel a scale, and rounds
            ),
        ),
        preserves=("sparsity",),
    )
    checks = (Check(traits.promises[0], most_distinct),)
    distributions = ("tensorflow-model-optimization",)

    def apply(self, model: Untyped, trainer: Trainer) -> Untyped:
        """Return a clustered copy of ``model``, the wrappers stripped."""
        from tensorflow_model_optimization.python.core.clustering.keras.experimental import cluster

        copy = keras().models.clone_model(model)
        copy.set_weights(model.get_weights())
        clustering = tfmot().clustering.keras
        wrapped = cluster.cluster_weights(
            copy,
            number_of_clusters=_CLUSTERS,
            cluster_centroids_init=clustering.CentroidInitialization.KMEANS_PLUS_PLUS,
            preserve_sparsity=True,
        )
        trainer.fit(wrapped)
        return clustering.strip_clustering(wrapped)


CLUSTERED_16 = Clustering()
