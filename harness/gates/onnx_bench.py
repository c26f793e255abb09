"""Where anybody's ONNX files are read and run: in processes of their own, with limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.catalogue import UsageError
from harness.child import Child, Ending, Limits
from harness.folder import RunFolder, scratch
from harness.gates.onnx_matrix import judged
from harness.jobs import Progress
from harness.launch import run_children
from harness.processor import usable_cores
from harness.record import Row, printable, read_json
from harness.runtime import environment_of

READER = "harness.children.onnx_contents"
TOLD = "ModelError: "  # begins the reason of a file that was read and refused


@dataclass
class Bench:
    """Runs children on files of others, and knows how each ended.

    Args:
        folder: of their records and logs.
        limits: of each.
        progress: is told of those that run a model; what comes of reading one is told in a sentence.
    """

    folder: RunFolder
    limits: Limits
    progress: Progress
    endings: dict[str, Ending] = field(default_factory=dict)

    def run(self, works: Mapping[str, tuple[str, Row]]) -> None:
        """Run a child for each work, by name, in the environment of the runtime that the work names, if it does."""
        children = []
        for name, (module, work) in works.items():
            records = {"records": str(self.folder.work / name)}
            environment = environment_of(work["runtime"], 1) if "runtime" in work else {}
            children.append(Child(name, module, [work | records], environment, 1))

        def ended(child: Child, ending: Ending) -> None:
            (work,) = child.works
            self.endings[child.name] = ending
            if "runtime" in work:
                record = self.record(child.name, work["jobs"][0])
                self.progress.ended(child, Ending(judged(record["status"], record["reason"])["verdict"]))

        def started(child: Child) -> None:
            if "runtime" in child.works[0]:
                self.progress.started(child)

        self.folder.work.mkdir(parents=True, exist_ok=True)
        run_children(
            children,
            self.folder.work,
            self.limits,
            slots=[[core] for core in usable_cores()],
            stop=threading.Event(),
            started=started,
            ended=ended,
        )

    def record(self, name: str, job: str) -> Row:
        """What a child left, with the status and reason that it ended with."""
        path = self.arrays(name, job).with_suffix(".json")
        found = read_json(path) if path.exists() else {"status": "partial"}
        if found["status"] == "partial":
            ending = self.endings[name]
            found |= {"status": ending.status, "reason": ending.reason}
            if ending.status == "ok":
                found |= {"status": "failed", "reason": "the process left no result"}
        return found | {"reason": printable(found["reason"])}

    def arrays(self, name: str, job: str) -> Path:
        """The file of arrays that a child left."""
        return self.folder.work / name / f"{job}.npz"

    def told(self, file: Path, name: str, job: str) -> Row:
        """What a child that read a file has found.

        Raises:
            UsageError: the file is none that is taken, or the child did not come to its end.
        """
        record = self.record(name, job)
        if record["status"] != "ok":
            told = record["reason"].startswith(TOLD)
            reason = record["reason"].removeprefix(TOLD)
            raise UsageError(reason if told else f"{file} cannot be read: {record['status']}: {reason}.")
        return record


@contextmanager
def bench(limits: Limits, progress: Progress) -> Iterator[Bench]:
    """A bench whose records are thrown away, unless a child crashed: its log may be of use."""
    with ExitStack() as leaving:
        found = Bench(scratch(leaving), limits, progress)
        try:
            yield found
        finally:
            if any(ending.status in ("crashed", "failed") for ending in found.endings.values()):
                leaving.pop_all()


def contents(files: Sequence[Path], limits: Limits, progress: Progress) -> list[Row]:
    """What each file is made of, as ``onnx_contents.contents`` tells it.

    Raises:
        UsageError: one is no ONNX model that is read.
    """
    with bench(limits, progress) as reading:
        works = {f"file {place}": {"jobs": ["contents"], "model": str(file)} for place, file in enumerate(files)}
        reading.run({name: (READER, work) for name, work in works.items()})
        return [reading.told(file, name, "contents") for file, name in zip(files, works, strict=True)]
