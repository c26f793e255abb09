"""Where the files of a data set are found: a sample kept here, folders of the user and the system, a cache, mirrors.

Nothing is used whose sum is not right, and one size is never taken for the other: see ``impls.data``.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from impls import data
from impls.data import (
    FILES,
    LARGEST_BYTES,
    DataError,
    DataMissingError,
    Progress,
    Size,
    bounded_content,
    checksum,
    file_bytes,
    find_file,
    read_bytes,
)

State = Literal["ready", "missing", "damaged"]
SYSTEM = Path("/usr/share/datasets")  # where Debian's packages dataset-… keep their files, a folder for each
_TIMEOUT_S = 30


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
    if source not in data.SOURCES:
        raise DataError(f"there is no data set {source!r}; choose one of {', '.join(data.SOURCES)}")
    return data.SOURCES[source].sums[size]


def _holds(folder: Path, source: str, size: Size, partly: bool) -> bool:
    """Whether the folder holds the files; raises if it holds something that passes for them and is not right.

    MNIST and Fashion-MNIST have the same file names: intact files of the other are no fault in a folder that is not
    named as the source. Nor is a part of the files where ``partly``, as an interrupted download leaves in the cache.
    """
    found = {name: path for name in FILES if (path := find_file(folder / name))}
    others = {total for other in data.SOURCES if other != source for total in data.SOURCES[other].sums[size].values()}
    for name, path in found.items():
        total = checksum(read_bytes(path, file_bytes(name, size)))
        if total in others and folder.name != source:
            return False
        if total != _sums(source, size)[name]:
            raise DataError(f"{path} is damaged or not of the {size} {source} (SHA-256 {total}); replace or remove it")
    if found and len(found) < len(FILES) and not partly:
        lacking = ", ".join(name for name in FILES if name not in found)
        raise DataMissingError(f"{folder} lacks {lacking}; add what is missing or remove the rest")
    return len(found) == len(FILES)


def _places(source: str, size: Size, named: Path | None) -> Iterator[tuple[str, Path]]:
    if size == "quick":
        yield "sample", data.SAMPLES / source
        return
    if named and not (os.access(named, os.R_OK | os.X_OK) and named.is_dir()):
        raise DataError(f"{named} is named as the data folder but is no folder that can be read; name one that is")
    if named:
        yield from (("named folder", named / source), ("named folder", named))
    yield from (("system", SYSTEM / source), ("cache", cache_folder() / source))


def locate(source: str, size: Size, folder: Path | None = None, download: bool = True) -> Located:
    """Find the files of a source and verify the sum of each.

    The sample is the one kept with the project. The full files are looked for in the folder that the user names
    (``FOLDER/SOURCE/FILE`` or ``FOLDER/FILE``), the system's data-set folder, the cache, and at the mirrors.

    Args:
        source: a name of ``data.SOURCES``.
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
        raise DataMissingError(f"the sample of {source} is not in {data.SAMPLES / source}; install the project anew")
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
    state: State
    where: str
    train_examples: int
    test_examples: int
    unpacked_bytes: int


def status(folder: Path | None = None) -> list[Status]:
    """A row for each source and size; verifies every file that is there (``folder`` as in ``locate``), fetches none."""
    return [_status(source, size, folder) for source in data.SOURCES for size in data.EXAMPLES]


def _status(source: str, size: Size, folder: Path | None) -> Status:
    total_bytes = sum(file_bytes(name, size) for name in FILES)
    try:
        located = locate(source, size, folder, download=False)
    except DataError as error:
        state: State = "missing" if isinstance(error, DataMissingError) else "damaged"
        return Status(source, size, state, str(error), *data.EXAMPLES[size], total_bytes)
    return Status(source, size, "ready", f"{located.folder} ({located.origin})", *data.EXAMPLES[size], total_bytes)


# --- filling the cache -----------------------------------------------------------------------------------------


def _keep(source: str, name: str, content: bytearray) -> None:
    """Put verified content into the cache, whole or not at all, whoever else may be writing the same file."""
    folder = cache_folder() / source
    temporary = folder / f".{name}.{os.urandom(8).hex()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            temporary.replace(folder / name)
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
    found = find_file(path)
    try:
        return found is not None and checksum(read_bytes(found, LARGEST_BYTES)) == total
    except DataError:  # cut short, say: to be fetched anew
        return False


def _download(source: str, name: str, total: str, progress: Progress | None) -> bytearray:
    import http.client  # with urllib 75 ms, which only a download need cost
    import urllib.request

    failures = []
    for mirror in data.SOURCES[source].mirrors:
        try:
            with urllib.request.urlopen(f"{mirror}{name}.gz", timeout=_TIMEOUT_S) as response:
                content = bounded_content(io.BufferedReader(response), file_bytes(name, "full"), name, progress)
            if checksum(content) == total:
                return content
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
    known = {total: (source, name) for source in data.SOURCES for name, total in _sums(source, "full").items()}
    imported: dict[str, list[str]] = {}
    refused = []
    try:
        places = [folder, *(sub for name in ("data", *data.SOURCES) if (sub := folder / name).is_dir())]
        paths = [path for place in places for path in sorted(place.iterdir()) if path.is_file()]
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error}); name a folder that holds the files") from error
    for path in paths:
        try:
            content = read_bytes(path, LARGEST_BYTES)
        except DataError as error:
            refused.append(str(error))
            continue
        source, name = known.get(checksum(content), ("", ""))
        if source:
            _keep(source, name, content)
            imported.setdefault(source, []).append(name)
    if not imported:
        reason = f" (of one of them: {refused[0]})" if refused else ""
        raise DataError(
            f"none of the {len(paths)} files in {folder} is an official file of {' or '.join(data.SOURCES)}{reason}; "
            "name the folder that holds them"
        )
    return imported
