"""Makes the samples that the project keeps, from the full data: ``python -m impls.samples.make [DESTINATION]``.

Each is the first 10,000 training and the first 2,000 test examples of its source, in the official order. The full
data are found as ``impls.files.locate`` finds them; without DESTINATION the samples of this folder are made anew.
"""

import gzip
import sys
from pathlib import Path

from impls.data import EXAMPLES, FILES, SAMPLES, SOURCES, read_idx
from impls.files import locate


def make(full: Path, destination: Path) -> None:
    """Write one source's sample: four ``FILE.gz`` in ``destination``, from the full files in ``full``."""
    destination.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        kept = read_idx(full / name)[: EXAMPLES["quick"][name.startswith("t10k")]]
        magic = 0x00000801 if kept.ndim == 1 else 0x00000803
        header = b"".join(number.to_bytes(4, "big") for number in (magic, *kept.shape))
        # Neither a time nor a name in the packed file's header: the same content makes the same file.
        with (destination / f"{name}.gz").open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(header + kept.tobytes())


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    for each in SOURCES:
        make(locate(each, "full").folder, target / each)
