"""The examples that lessons learn from: what the files hold, how they are read, and what a lesson is given.

A file data set comes in two sizes that are never taken for one another: ``quick`` is the sample kept with the
project (10,000 + 2,000 examples), ``full`` the official files (60,000 + 10,000). Both are IDX files (described at
http://yann.lecun.com/exdb/mnist), plain or packed with gzip. What makes a file right is the SHA-256 of its
*unpacked* content, since the packed bytes differ from mirror to mirror; no other file is used.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from impls.spec import Array, Dataset, Dtype

Size = Literal["quick", "full"]
Progress = Callable[[str, int, int], None]
"""Called with a file's name, the unpacked bytes read so far, and how many there will be."""


class DataError(Exception):
    """Data are missing or not what they should be; the one sentence names the place and says what to do."""


class DataMissingError(DataError):
    """The data are in none of the places that were looked at, as opposed to being there and damaged."""


# --- the data sets ---------------------------------------------------------------------------------------------

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
EXAMPLES: Mapping[Size, tuple[int, int]] = {"quick": (10_000, 2_000), "full": (60_000, 10_000)}
"""Training and test examples of each size."""

SIDE = 28  # pixels of an image's edge
CLASSES = 10
SAMPLES = Path(__file__).parent / "samples"

_DIMENSIONS = {0x00000801: 1, 0x00000803: 3}  # of unsigned bytes, by an IDX file's magic number
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Source:
    """A data set of pictures.

    Args:
        mirrors: addresses to which ``FILE.gz`` is added, in the order in which they are tried.
        sums: for each size, the SHA-256 of the unpacked content of each of ``FILES``, by name.
        classes: what the labels 0, 1 … stand for.
    """

    mirrors: tuple[str, ...]
    sums: Mapping[Size, Mapping[str, str]]
    classes: tuple[str, ...]


SOURCES: Mapping[str, Source] = {
    "mnist": Source(
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        {
            "quick": {
                FILES[0]: "2889698e6bc3614913e76901316712919d1998fc2b44512451bfe65bc1e668b1",
                FILES[1]: "651e38e2ac0632f5113ec18f1df4977117f953197819034009971a6675a0df78",
                FILES[2]: "3f6bd66dee48df299584c67669bceee490faa25f931496bd7473b42106d7daed",
                FILES[3]: "7b098e5f6a3065807cebeabf36fb1724a8aff19f2673ac08b4923e0e8c715bce",
            },
            "full": {
                FILES[0]: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                FILES[1]: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                FILES[2]: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                FILES[3]: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            },
        },
        ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    ),
    "fashion-mnist": Source(
        (
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ),
        {
            "quick": {
                FILES[0]: "ed2e37ed5a3a57d212141a69fe0a0de5a7126ffba14ac3f7e76f5f52cc04b1f0",
                FILES[1]: "a69f2dad024ca220a8c4d85f621fdf929042d40c444abde2868903e9220ad517",
                FILES[2]: "862035b0a96959b614c9574f4c2b0ae9584ca234813e8d6d7adb7838b12ca46b",
                FILES[3]: "aa3f574d30afaf0d4d9da084a6f8541771e20693d6a97fae6e9a4953fca8f078",
            },
            "full": {
                FILES[0]: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                FILES[1]: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                FILES[2]: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                FILES[3]: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            },
        },
        ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ),
}


def file_bytes(name: str, size: Size) -> int:
    """How many bytes the file ``name`` of ``FILES`` has when unpacked; it is the same for every source."""
    examples = EXAMPLES[size][name.startswith("t10k")]
    return 16 + examples * SIDE * SIDE if "images" in name else 8 + examples


LARGEST_BYTES = max(file_bytes(name, "full") for name in FILES)

# --- reading files ---------------------------------------------------------------------------------------------


def bounded_content(stream: io.BufferedReader, limit: int, name: str, progress: Progress | None = None) -> bytearray:
    """What the stream holds, unpacked if it is gzip; never holds more than ``limit`` + 1 bytes and a piece."""
    packed = stream.peek(len(_GZIP)).startswith(_GZIP)
    unpacked = gzip.GzipFile(fileobj=stream) if packed else stream
    data = bytearray()
    while piece := unpacked.read(min(_PIECE, limit + 1 - len(data))):
        data += piece
        if progress:
            progress(name, min(len(data), limit), limit)
    if len(data) > limit:
        raise DataError(f"{name} holds more than the {limit:,} bytes that it may have; put the right file there")
    return data


def read_bytes(path: Path, limit: int) -> bytearray:
    """What a file holds, unpacked if it is gzip; raises DataError if it cannot be read or holds more than ``limit``."""
    try:
        with path.open("rb") as stream:
            return bounded_content(stream, limit, str(path))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); put an intact copy there") from error


def checksum(data: bytearray) -> str:
    """The SHA-256 of unpacked content."""
    return hashlib.sha256(data).hexdigest()


def find_file(path: Path) -> Path | None:
    """The file itself, or the one packed beside it; pipes and devices, which might never end, are no files."""
    try:
        return next((file for file in (path, path.with_name(path.name + ".gz")) if file.is_file()), None)
    except OSError as error:
        raise DataError(f"{path} cannot be looked for ({error}); name a folder that can be read") from error


def read_idx(path: Path, limit: int = LARGEST_BYTES) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes: labels (n,) or images (n, height, width).

    Args:
        path: the file, or the name without the ``.gz`` of the packed file beside it. Whether it is packed is
            told by its first bytes, not by its name.
        limit: the most bytes that it may have when unpacked; nothing is unpacked beyond them.

    Raises:
        DataError: the file is not there, cut short, damaged or too large, is not IDX of one or three dimensions, or
            has not the size that its header states.
    """
    found = find_file(path)
    if found is None:
        raise DataMissingError(f"{path} is not there, nor is {path.name}.gz; put one of the two there")
    data = read_bytes(found, limit)
    dimensions = _DIMENSIONS.get(int.from_bytes(data[:4], "big"))
    if dimensions is None:
        raise DataError(
            f"{found} begins with {data[:4].hex() or 'nothing'}, not as an IDX file of labels or images does"
        )
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise DataError(f"{found} ends within its header of {start} bytes; put an intact copy there")
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    if len(data) != start + math.prod(shape):
        raise DataError(
            f"{found} has {len(data):,} bytes where its header states {start} + {' x '.join(map(str, shape))}; "
            "put an intact copy there"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def read_sample(source: str, name: str) -> NDArray[np.uint8]:
    """Labels or images from the project's sample of a source, for a lesson of functions, which has no other data.

    Args:
        source: of ``SOURCES``.
        name: of ``FILES``.

    Raises:
        DataError: the file is gone, or its content is not the one that the sum is of.
    """
    path = SAMPLES / source / f"{name}.gz"
    _verified(path, SOURCES[source].sums["quick"][name])
    return read_idx(path)


def read_table(file: str, sha256: str) -> Array:
    """The numbers of a CSV file kept with the project, (rows, columns), without the names in its first line.

    Args:
        file: its path in ``SAMPLES``.
        sha256: of its content; no other file is used.

    Raises:
        DataError: the file is gone, or its content is not the one that the sum is of.
    """
    content = _verified(SAMPLES / file, sha256)
    return np.loadtxt(io.StringIO(content.decode()), delimiter=",", skiprows=1, ndmin=2)


def _verified(path: Path, sha256: str) -> bytearray:
    """What a file of the project's own holds."""
    content = read_bytes(path, LARGEST_BYTES)
    if (found := checksum(content)) != sha256:
        raise DataError(f"{path} is damaged (SHA-256 {found}); install the project anew")
    return content


# --- what a lesson is given ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Images:
    """Pictures and their labels from the files of ``source``: x = (v / 255 - mean) / deviation for each byte v.

    x is (n, 28, 28, 1), or (n, 784) if ``flat``; y is (n,) int32, 0 to 9. With ``targets``, the pair of what a net
    shall give for a wrong class and for the right one, y is (n, 10) floats: the second at the label, else the first.
    """

    source: str
    mean: float = 0.0
    deviation: float = 1.0
    flat: bool = False
    targets: tuple[float, float] | None = None

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """Read the files, which ``locate`` has verified, from the folder that it told; the seed plays no part.

        Raises:
            DataError: a file is gone or damaged since, or the files are not of one size of the source.
        """
        if folder is None:
            raise DataError(f"the images of {self.source} need the folder that holds their files; locate them first")
        x_train, y_train, x_test, y_test = (read_idx(folder / name) for name in FILES)
        parts = ((x_train, y_train), (x_test, y_test))
        right = (len(y_train), len(y_test)) in EXAMPLES.values() and all(
            x.shape == (len(y), SIDE, SIDE) and y.ndim == 1 and y.max() < CLASSES for x, y in parts
        )
        if not right:
            raise DataError(f"the files in {folder} do not make up {self.source}; replace them")
        return Dataset(
            self._scaled(x_train, dtype),
            self._wanted(y_train, dtype),
            self._scaled(x_test, dtype),
            self._wanted(y_test, dtype),
        )

    def _wanted(self, labels: NDArray[np.uint8], dtype: Dtype) -> Array:
        if self.targets is None:
            return labels.astype(np.int32)
        wrong, right = self.targets
        return np.where(np.arange(CLASSES) == labels[:, np.newaxis], right, wrong).astype(dtype)

    def _scaled(self, images: NDArray[np.uint8], dtype: Dtype) -> Array:
        """Computed once for each of the 256 bytes, in float64, and looked up: no temporaries of the images' size."""
        table = ((np.arange(256) / 255 - self.mean) / self.deviation).astype(dtype)
        x = np.empty(images.shape, dtype)
        for i in range(0, len(images), 1000):  # NumPy makes 8-byte indices of the bytes: in parts, these stay small
            x[i : i + 1000] = table[images[i : i + 1000]]
        return x.reshape((len(x), SIDE * SIDE) if self.flat else (len(x), SIDE, SIDE, 1))


@dataclass(frozen=True)
class Table:
    """Numbers in columns from a CSV file kept with the project: features, and last a target of 0 or 1.

    Each feature is scaled to [-1, 1], by its least and its largest value in the table. The last rows are for testing,
    the same ones for every seed, so that figures of several seeds tell of the net and not of the choice of rows.
    x is (n, features), y is (n, 1), both floats.

    Args:
        file: its path in ``SAMPLES``.
        sha256: of its content; no other file is used.
        test_examples: how many rows are for testing.
    """

    file: str
    sha256: str
    test_examples: int

    @property
    def source(self) -> None:
        """None: the file comes with the project, and is looked for nowhere else."""

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:  # noqa: ARG002 - spec.Data has it
        """Read, verify and scale the table; neither folder nor seed plays a part.

        Raises:
            DataError: the file is gone, or its content is not the one that the sum is of.
        """
        table = read_table(self.file, self.sha256)
        features, target = table[:, :-1], table[:, -1:]
        least, largest = features.min(axis=0), features.max(axis=0)
        x, y = (2 * (features - least) / (largest - least) - 1).astype(dtype), target.astype(dtype)
        train = len(x) - self.test_examples
        return Dataset(x[:train], y[:train], x[train:], y[train:])
