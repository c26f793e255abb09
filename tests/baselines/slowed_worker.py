"""The child that trains a cell more slowly than it could. Run as ``python -m baselines.slowed_worker``."""

from __future__ import annotations

import time

from harness.children.worker import NetWork, serve
from impls.spec import Dtype, Learner


class SlowedWork(NetWork):
    """A net whose training sleeps after each epoch, for the request's ``slowness``: a share of the epoch's seconds."""

    def learner(self, dtype: Dtype) -> Learner:
        """The cell's learner, with a sleep in its training."""
        learner, slowness = super().learner(dtype), self.request["slowness"]
        train_epoch = learner.train_epoch

        def slowed(*batches):
            began = time.perf_counter()
            losses = train_epoch(*batches)
            learner.wait()
            time.sleep(slowness * (time.perf_counter() - began))
            return losses

        learner.train_epoch = slowed
        return learner


if __name__ == "__main__":
    serve(SlowedWork)
