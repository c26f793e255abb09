"""The examples that lessons learn from: where their files are found, how they are checked, and how they are read.

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
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from impls.spec import Array, Dataset, Dtype, data_rng

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
SYSTEM = Path("/usr/share/datasets")  # where Debian's packages dataset-… keep their files, a folder for each

_DIMENSIONS = {0x00000801: 1, 0x00000803: 3}  # of unsigned bytes, by an IDX file's magic number
_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_TIMEOUT_S = 30


@dataclass(frozen=True)
class Source:
    """A data set of pictures.

    Args:
        mirrors: addresses to which ``FILE.gz`` is added, in the order in which they are tried.
        sums: for each size, the SHA-256 of the unpacked content of each of ``FILES``, by name.
    """

    mirrors: tuple[str, ...]
    sums: Mapping[Size, Mapping[str, str]]


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
    ),
}


def file_bytes(name: str, size: Size) -> int:
    """How many bytes the file ``name`` of ``FILES`` has when unpacked; it is the same for every source."""
    examples = EXAMPLES[size][name.startswith("t10k")]
    return 16 + examples * SIDE * SIDE if "images" in name else 8 + examples


_LARGEST_BYTES = max(file_bytes(name, "full") for name in FILES)

# --- reading files ---------------------------------------------------------------------------------------------


def _content(stream: io.BufferedReader, limit: int, name: str, progress: Progress | None = None) -> bytearray:
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


def _read(path: Path, limit: int) -> bytearray:
    try:
        with path.open("rb") as stream:
            return _content(stream, limit, str(path))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); put an intact copy there") from error


def _sha256(data: bytearray) -> str:
    return hashlib.sha256(data).hexdigest()


def _find(path: Path) -> Path | None:
    """The file itself, or the one packed beside it; pipes and devices, which might never end, are no files."""
    candidates = (path, path.with_name(path.name + ".gz"))
    return next((candidate for candidate in candidates if os.path.isfile(candidate)), None)


def read_idx(path: Path, limit: int = _LARGEST_BYTES) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes: labels (n,) or images (n, height, width).

    Args:
        path: the file, or the name without the ``.gz`` of the packed file beside it. Whether it is packed is
            told by its first bytes, not by its name.
        limit: the most bytes that it may have when unpacked; nothing is unpacked beyond them.

    Raises:
        DataError: the file is not there, cut short, damaged or too large, is not IDX of one or three dimensions, or
            has not the size that its header states.
    """
    found = _find(path)
    if found is None:
        raise DataMissingError(f"{path} is not there, nor is {path.name}.gz; put one of the two there")
    data = _read(found, limit)
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


# --- finding files ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Located:
    """Files that were found and verified.

    Args:
        folder: what ``Images.load`` is given.
        origin: ``sample``, ``named folder``, ``system``, ``cache`` or ``download``.
        sha256: the sum of the unpacked content of each file, by file name.
    """

    folder: Path
    origin: str
    sha256: Mapping[str, str]


def _folder_variable(name: str) -> Path | None:
    return Path(os.environ[name]).expanduser() if os.environ.get(name) else None


def _offline() -> bool:
    return os.environ.get("LESSONBENCH_OFFLINE", "0") not in ("", "0")


def cache_folder() -> Path:
    """Where fetched and imported files are kept, unpacked, in a sub-folder for each source."""
    base = _folder_variable("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return _folder_variable("LESSONBENCH_CACHE") or base / "lessonbench"


def _sums(source: str, size: Size) -> Mapping[str, str]:
    if source not in SOURCES:
        raise DataError(f"there is no data set {source!r}; choose one of {', '.join(SOURCES)}")
    return SOURCES[source].sums[size]


def _holds(folder: Path, source: str, size: Size, partly: bool) -> bool:
    """Whether the folder holds the files; raises if it holds something that passes for them and is not right.

    MNIST and Fashion-MNIST have the same file names: intact files of the other are no fault, they are just not these.
    Nor is it a fault where only a part may be there (``partly``), as an interrupted download leaves it in the cache.
    """
    found = {name: path for name in FILES if (path := _find(folder / name))}
    others = {total for other in SOURCES if other != source for total in SOURCES[other].sums[size].values()}
    for name, path in found.items():
        total = _sha256(_read(path, file_bytes(name, size)))
        if total in others:
            return False
        if total != _sums(source, size)[name]:
            raise DataError(f"{path} is damaged or not of the {size} {source} (SHA-256 {total}); replace or remove it")
    if found and len(found) < len(FILES) and not partly:
        lacking = ", ".join(name for name in FILES if name not in found)
        raise DataMissingError(f"{folder} lacks {lacking}; add what is missing or remove the rest")
    return len(found) == len(FILES)


def _places(source: str, size: Size, named: Path | None) -> Iterator[tuple[str, Path]]:
    if size == "quick":
        yield "sample", SAMPLES / source
        return
    if named and not named.is_dir():
        raise DataError(f"{named} is named as the data folder but is no folder; name one that holds the files")
    if named:
        yield from (("named folder", named / source), ("named folder", named))
    yield from (("system", SYSTEM / source), ("cache", cache_folder() / source))


def locate(source: str, size: Size, folder: Path | None = None, download: bool = True) -> Located:
    """Find the files of a source and verify the sum of each.

    The sample is the one kept with the project. The full files are looked for in the folder that the user names
    (``FOLDER/SOURCE/FILE`` or ``FOLDER/FILE``), the system's data-set folder, the cache, and at the mirrors.

    Args:
        source: a name of ``SOURCES``.
        size: ``quick`` for the sample, ``full`` for the official files.
        folder: the user's folder; without it, the one that ``LESSONBENCH_DATA`` names.
        download: whether the mirrors may be asked; ``LESSONBENCH_OFFLINE=1`` forbids it too.

    Raises:
        DataMissingError: the files are nowhere, or not all of them are there.
        DataError: the source is unknown, a file is damaged, or a download failed.
    """
    sums = _sums(source, size)
    named = folder or _folder_variable("LESSONBENCH_DATA")
    for origin, place in _places(source, size, named):
        if _holds(place, source, size, partly=origin == "cache"):
            return Located(place, origin, sums)
    if size == "quick":
        raise DataMissingError(f"the sample of {source} is not in {SAMPLES / source}; install the project anew")
    if download and not _offline():
        return fetch(source)
    raise DataMissingError(
        f"the full {source} is neither in your folder ({named or 'LESSONBENCH_DATA is not set'}) nor in the system's "
        f"({SYSTEM / source}) nor in the cache ({cache_folder() / source}), and downloading is off; put the files "
        f"{', '.join(FILES)} into a folder and name it in LESSONBENCH_DATA, or allow the download"
    )


@dataclass(frozen=True)
class Status:
    """Whether one size of one source is there; ``where`` is its folder and origin, or the sentence on what is wrong."""

    source: str
    size: Size
    state: Literal["ready", "missing", "damaged"]
    where: str
    train_examples: int
    test_examples: int
    unpacked_bytes: int


def status(folder: Path | None = None) -> list[Status]:
    """A row for each source and size; verifies every file that is there (``folder`` as in ``locate``), fetches none."""
    return [_status(source, size, folder) for source in SOURCES for size in EXAMPLES]


def _status(source: str, size: Size, folder: Path | None) -> Status:
    state: Literal["ready", "missing", "damaged"]
    try:
        located = locate(source, size, folder, download=False)
        state, where = "ready", f"{located.folder} ({located.origin})"
    except DataError as error:
        state, where = "missing" if isinstance(error, DataMissingError) else "damaged", str(error)
    return Status(source, size, state, where, *EXAMPLES[size], sum(file_bytes(name, size) for name in FILES))


# --- filling the cache -----------------------------------------------------------------------------------------


def _keep(source: str, name: str, data: bytearray) -> None:
    """Put verified content into the cache, whole or not at all, whoever else may be writing the same file."""
    folder = cache_folder() / source
    temporary = folder / f".{name}.{os.urandom(8).hex()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            os.replace(temporary, folder / name)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"the cache cannot be written ({error}); name another in LESSONBENCH_CACHE") from error


def fetch(source: str, progress: Progress | None = None) -> Located:
    """Bring the full files of a source into the cache, from the first mirror that has each; intact ones stay.

    Raises:
        DataError: the source is unknown, downloading is forbidden, the cache cannot be written, or no mirror gave the
            right content.
    """
    sums = _sums(source, "full")
    if _offline():
        raise DataError(f"{source} cannot be fetched while LESSONBENCH_OFFLINE is set; unset it or import the files")
    folder = cache_folder() / source
    # The small ones first: a mirror or a cache that fails does so before the large ones are fetched.
    for name in sorted(sums, key=lambda name: file_bytes(name, "full")):
        if not _intact(folder / name, sums[name]):
            _keep(source, name, _download(source, name, sums[name], progress))
    return Located(folder, "download", sums)


def _intact(path: Path, total: str) -> bool:
    found = _find(path)
    try:
        return found is not None and _sha256(_read(found, _LARGEST_BYTES)) == total
    except DataError:  # cut short, say: to be fetched anew
        return False


def _download(source: str, name: str, total: str, progress: Progress | None) -> bytearray:
    import http.client  # with urllib 75 ms, which only a download need cost
    import urllib.request

    failures = []
    for mirror in SOURCES[source].mirrors:
        try:
            with urllib.request.urlopen(f"{mirror}{name}.gz", timeout=_TIMEOUT_S) as response:
                data = _content(io.BufferedReader(response), file_bytes(name, "full"), name, progress)
            if _sha256(data) == total:
                return data
            failures.append(f"{mirror} has another content")
        except (OSError, EOFError, zlib.error, http.client.HTTPException, DataError) as error:
            failures.append(f"{mirror} failed ({error})")
    raise DataError(
        f"{name} of {source} could not be downloaded: {'; '.join(failures)}; try later, or put the files into a folder "
        "and name it in LESSONBENCH_DATA"
    )


def import_folder(folder: Path) -> dict[str, list[str]]:
    """Copy the official files that lie in a folder into the cache, known by their content, whatever their names.

    Looks at the folder itself and, in it, at ``data`` and at a folder named as a source.

    Returns:
        The names of the files that were recognised, by source.

    Raises:
        DataError: the folder cannot be read, none of its files is an official one, or the cache cannot be written.
    """
    known = {total: (source, name) for source in SOURCES for name, total in _sums(source, "full").items()}
    imported: dict[str, list[str]] = {}
    refused = []
    try:
        places = [folder, *(sub for name in ("data", *SOURCES) if (sub := folder / name).is_dir())]
        paths = [path for place in places for path in sorted(place.iterdir()) if os.path.isfile(path)]
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error}); name a folder that holds the files") from error
    for path in paths:
        try:
            data = _read(path, _LARGEST_BYTES)
        except DataError as error:
            refused.append(str(error))
            continue
        source, name = known.get(_sha256(data), ("", ""))
        if source:
            _keep(source, name, data)
            imported.setdefault(source, []).append(name)
    if not imported:
        reason = f" (of one of them: {refused[0]})" if refused else ""
        raise DataError(
            f"none of the {len(paths)} files in {folder} is an official file of {' or '.join(SOURCES)}{reason}; "
            "name the folder that holds them"
        )
    return imported


# --- what a lesson is given ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Images:
    """Pictures and their labels from the files of ``source``: x = (v / 255 - mean) / deviation for each byte v.

    x is (n, 28, 28, 1), or (n, 784) if ``flat``; y is (n,) int32, 0 to 9.
    """

    source: str
    mean: float = 0.0
    deviation: float = 1.0
    flat: bool = False

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:
        """Read the files, which ``locate`` has verified, from the folder that it told; the seed plays no part.

        Raises:
            DataError: a file is gone or damaged since, or the files are not of one size of the source.
        """
        if folder is None:
            raise DataError(f"the images of {self.source} need the folder that holds their files; locate them first")
        x_train, y_train, x_test, y_test = (read_idx(folder / name) for name in FILES)
        examples = (len(y_train), len(y_test))
        shapes = [(len(y), SIDE, SIDE) for y in (y_train, y_test)]
        labels_right = all(y.ndim == 1 and y.max() < CLASSES for y in (y_train, y_test))
        if examples not in EXAMPLES.values() or [x_train.shape, x_test.shape] != shapes or not labels_right:
            raise DataError(f"the files in {folder} do not make up {self.source}; replace them")
        return Dataset(
            self._scaled(x_train, dtype), y_train.astype(np.int32), self._scaled(x_test, dtype), y_test.astype(np.int32)
        )

    def _scaled(self, images: NDArray[np.uint8], dtype: Dtype) -> Array:
        """Computed once for each of the 256 bytes, in float64, and looked up: no temporaries of the images' size."""
        table = ((np.arange(256) / 255 - self.mean) / self.deviation).astype(dtype)
        x = np.empty(images.shape, dtype)
        for i in range(0, len(images), 1000):  # NumPy makes 8-byte indices of the bytes: in parts, these stay small
            x[i : i + 1000] = table[images[i : i + 1000]]
        return x.reshape((len(x), SIDE * SIDE) if self.flat else (len(x), SIDE, SIDE, 1))


@dataclass(frozen=True)
class LinearPoints:
    """Made points near a plane: x ~ N(0, 1) of shape (n, len(weight)), y = x·weight + bias + noise·N(0, 1), (n, 1)."""

    weight: tuple[float, ...]
    bias: float
    noise: float
    train_examples: int
    test_examples: int

    @property
    def source(self) -> None:
        """None: there are no files."""

    def load(self, folder: Path | None, seed: int, dtype: Dtype) -> Dataset:
        """Draw the training and then the test points from the seed's one stream, in float64; no folder is needed."""
        rng = data_rng(seed)
        parts = [self._draw(rng, n) for n in (self.train_examples, self.test_examples)]
        return Dataset(*(array.astype(dtype) for part in parts for array in part))

    def _draw(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        x = rng.standard_normal((n, len(self.weight)))
        # Not a matrix product: its rounding differs from one BLAS to another, and the data must not.
        plane = sum((x[:, i : i + 1] * w for i, w in enumerate(self.weight)), np.full((n, 1), self.bias))
        return x, plane + self.noise * rng.standard_normal((n, 1))
