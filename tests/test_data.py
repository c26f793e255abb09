"""The data: found in the stated order, used only where their sums are right, read within bounds."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impls import data, files
from impls.data import EXAMPLES, FILES, SAMPLES, SOURCES, DataError, DataMissingError, Images, read_idx, read_sample
from impls.made import LinearPoints
from impls.samples.make import make
from impls.spec import Dtype

TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = FILES
MIB = 1 << 20


def idx(array: np.ndarray) -> bytes:
    """The IDX file of labels or images, written here anew so that the reader is not held against itself."""
    magic = {1: b"\0\0\x08\x01", 3: b"\0\0\x08\x03"}[array.ndim]
    return magic + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


def bomb(unpacked_bytes: int) -> bytes:
    """A gzip file of zeros a thousandth of their size, made of many members of 16 MiB."""
    return gzip.compress(bytes(16 * MIB)) * (unpacked_bytes // (16 * MIB))


@dataclass
class World:
    """Two small sources in the place of the real ones, and empty folders in the place of the machine's."""

    contents: dict[str, dict[str, bytes]]
    user: Path
    system: Path
    cache: Path

    def fill(self, folder: Path, source: str = "mnist", packed: bool = False) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents[source].items():
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content) if packed else content)
        return folder

    def cached(self) -> list[str]:
        return sorted(str(path.relative_to(self.cache)) for path in self.cache.rglob("*") if path.is_file())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    rng = np.random.default_rng(0)
    contents = {}
    for source in SOURCES:
        images = (rng.integers(0, 256, (n, 28, 28)) for n in (30, 10))
        labels = (rng.integers(0, 10, n) for n in (30, 10))
        arrays = [array for pair in zip(images, labels, strict=True) for array in pair]
        contents[source] = {name: idx(array) for name, array in zip(FILES, arrays, strict=True)}
    sums = {s: {n: hashlib.sha256(c).hexdigest() for n, c in files.items()} for s, files in contents.items()}
    small = {s: replace(real, mirrors=(), sums={**real.sums, "full": sums[s]}) for s, real in SOURCES.items()}
    monkeypatch.setattr(data, "SOURCES", small)
    monkeypatch.setattr(data, "EXAMPLES", {**EXAMPLES, "full": (30, 10)})
    monkeypatch.setattr(files, "SYSTEM", tmp_path / "system")
    monkeypatch.setenv("LESSONBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LESSONBENCH_DATA", raising=False)
    (tmp_path / "user").mkdir()
    return World(contents, tmp_path / "user", tmp_path / "system", tmp_path / "cache")


@pytest.fixture(autouse=True)
def not_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have set it; before ``offline``, being automatic."""
    monkeypatch.delenv("LESSONBENCH_OFFLINE", raising=False)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setenv("LESSONBENCH_OFFLINE", "1")
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


# --- the sample ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.usefixtures("offline")
def test_sample_is_found_and_right_without_a_network(source: str) -> None:
    located = files.locate(source, "quick")
    assert (located.origin, located.folder) == ("sample", SAMPLES / source)
    for name, total in located.sha256.items():
        content = gzip.decompress((SAMPLES / source / f"{name}.gz").read_bytes())
        assert hashlib.sha256(content).hexdigest() == total == SOURCES[source].sums["quick"][name]
        assert len(content) == data.file_bytes(name, "quick")


def test_sample_is_never_taken_from_the_users_folder(world: World) -> None:
    assert files.locate("mnist", "quick", world.fill(world.user / "mnist")).origin == "sample"


@pytest.mark.usefixtures("world")
def test_sample_is_never_taken_for_the_full_data() -> None:
    with pytest.raises(DataError, match=r"more than the .* bytes|not of the full mnist"):
        files.locate("mnist", "full", SAMPLES, download=False)


def test_damaged_or_absent_sample_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "SAMPLES", tmp_path)
    with pytest.raises(DataMissingError, match=str(tmp_path)):
        files.locate("mnist", "quick")
    for name in FILES:
        content = (SAMPLES / "fashion-mnist" / f"{name}.gz").read_bytes()
        (tmp_path / "mnist").mkdir(exist_ok=True)
        (tmp_path / "mnist" / f"{name}.gz").write_bytes(content)
    with pytest.raises(DataError, match="not of the quick mnist"):  # intact, but of the other source
        files.locate("mnist", "quick")
    (tmp_path / "mnist" / f"{TRAIN_LABELS}.gz").write_bytes(b"")
    (tmp_path / "mnist" / f"{TRAIN_IMAGES}.gz").unlink()
    with pytest.raises(DataError, match=TRAIN_LABELS):
        files.locate("mnist", "quick")


# --- finding ---------------------------------------------------------------------------------------------------


def test_places_are_looked_at_in_the_stated_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fill(world.cache / "mnist")
    assert files.locate("mnist", "full").origin == "cache"
    world.fill(world.system / "mnist", packed=True)
    assert files.locate("mnist", "full").origin == "system"
    monkeypatch.setenv("LESSONBENCH_DATA", str(world.user))
    assert files.locate("mnist", "full").origin == "system"  # an empty folder stands in nobody's way
    world.fill(world.user)
    found = files.locate("mnist", "full")
    assert (found.origin, found.folder) == ("named folder", world.user)
    world.fill(world.user / "mnist")
    assert files.locate("mnist", "full").folder == world.user / "mnist"
    assert found.sha256 == data.SOURCES["mnist"].sums["full"]


def test_argument_goes_before_the_variable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESSONBENCH_DATA", str(world.user / "not there"))
    other = world.fill(world.user / "other")
    assert files.locate("mnist", "full", other).folder == other
    with pytest.raises(DataError, match="not there is named as the data folder"):
        files.locate("mnist", "full")


@pytest.mark.usefixtures("offline")
def test_absent_and_offline_names_every_place(world: World) -> None:
    with pytest.raises(DataMissingError) as caught:
        files.locate("mnist", "full")
    named = ("LESSONBENCH_DATA", str(world.system / "mnist"), str(world.cache / "mnist"), "download", *FILES)
    assert [place for place in named if place not in str(caught.value)] == []
    with pytest.raises(DataError, match="LESSONBENCH_OFFLINE"):
        files.fetch("mnist")


@pytest.mark.usefixtures("world")
def test_download_can_be_forbidden_by_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "fetch", pytest.fail)
    with pytest.raises(DataMissingError):
        files.locate("mnist", "full", download=False)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", ["user", "system", "cache"])
def test_damaged_file_is_an_error_wherever_it_lies(world: World, place: str, packed: bool) -> None:
    folder = world.fill(getattr(world, place) / "mnist", packed=packed)
    world.fill(world.cache / "mnist")  # intact ones further on do not help
    path = folder / (TEST_IMAGES + ".gz" * packed)
    content = bytearray(world.contents["mnist"][TEST_IMAGES])
    content[100] ^= 1
    path.write_bytes(gzip.compress(content) if packed else content)
    if place == "cache" and packed:
        (folder / TEST_IMAGES).unlink()
    with pytest.raises(DataError, match=f"{TEST_IMAGES}.* is damaged") as caught:
        files.locate("mnist", "full", world.user)
    assert not isinstance(caught.value, DataMissingError)


@pytest.mark.parametrize("kept", [0, 1, 20, 1000, -1])
def test_file_cut_short_is_an_error(world: World, kept: int) -> None:
    for packed in (False, True):
        path = world.fill(world.user / "mnist", packed=packed) / (TEST_IMAGES + ".gz" * packed)
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(DataError, match=TEST_IMAGES):
            files.locate("mnist", "full", world.user)
        path.unlink()


def test_missing_file_among_others_is_named(world: World) -> None:
    (world.fill(world.user) / TEST_LABELS).unlink()
    with pytest.raises(DataError, match=f"lacks {TEST_LABELS}"):
        files.locate("mnist", "full", world.user)


def test_files_of_the_other_source_are_passed_over(world: World) -> None:
    world.fill(world.user, "fashion-mnist")
    world.fill(world.cache / "mnist")
    assert files.locate("fashion-mnist", "full", world.user).origin == "named folder"
    assert files.locate("mnist", "full", world.user).origin == "cache"
    world.fill(world.user / "mnist", "fashion-mnist")  # said to be what it is not
    with pytest.raises(DataError, match="not of the full mnist"):
        files.locate("mnist", "full", world.user)


def test_recompressed_and_misnamed_packing_is_accepted(world: World) -> None:
    folder = world.fill(world.user / "mnist", packed=True)
    content = world.contents["mnist"]
    (folder / f"{TRAIN_IMAGES}.gz").write_bytes(gzip.compress(content[TRAIN_IMAGES], 1))
    (folder / f"{TRAIN_LABELS}.gz").write_bytes(content[TRAIN_LABELS])  # not packed at all
    (folder / TEST_LABELS).write_bytes(gzip.compress(content[TEST_LABELS]))  # packed without saying so
    found = files.locate("mnist", "full", world.user)
    assert found.sha256 == data.SOURCES["mnist"].sums["full"]
    assert read_idx(found.folder / TEST_LABELS).shape == (10,)


@pytest.mark.usefixtures("world")
def test_unknown_source_is_named() -> None:
    with pytest.raises(DataError, match=r"'cifar'.*mnist, fashion-mnist"):
        files.locate("cifar", "full")
    with pytest.raises(DataError, match=r"'cifar'.*mnist, fashion-mnist"):
        files.fetch("cifar")


def test_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LESSONBENCH_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    assert files.cache_folder() == Path("/home/someone/.cache/lessonbench")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert files.cache_folder() == Path("/xdg/lessonbench")
    monkeypatch.setenv("LESSONBENCH_CACHE", "~/mine")
    assert files.cache_folder() == Path("/home/someone/mine")


@pytest.mark.usefixtures("offline")
def test_status_tells_ready_missing_and_damaged(world: World) -> None:
    (world.fill(world.cache / "fashion-mnist", "fashion-mnist") / TEST_LABELS).write_bytes(b"?")
    rows = {(row.source, row.size): row for row in files.status()}
    assert list(rows) == [(source, size) for source in SOURCES for size in ("quick", "full")]
    assert [row.state for row in rows.values()] == ["ready", "missing", "ready", "damaged"]
    assert TEST_LABELS in rows["fashion-mnist", "full"].where
    sample = rows["mnist", "quick"]
    assert (sample.train_examples, sample.test_examples, sample.unpacked_bytes) == (10_000, 2_000, 12_000 * 785 + 48)
    world.fill(world.user)
    assert [row.state for row in files.status(world.user)] == ["ready", "ready", "ready", "damaged"]


# --- reading ---------------------------------------------------------------------------------------------------


def test_idx_of_labels_and_images(tmp_path: Path) -> None:
    for array in (np.arange(5), np.arange(24).reshape(2, 3, 4)):
        for content in (idx(array), gzip.compress(idx(array))):
            (tmp_path / "file").write_bytes(content)
            read = read_idx(tmp_path / "file")
            assert read.dtype == np.uint8
            np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "begins with nothing"),
        (b"\0\0\x08", "begins with 000008"),
        (b"\0\0\x08\x02" + bytes(20), "begins with 00000802"),
        (b"\0\0\x0d\x01" + bytes(20), "begins with 00000d01"),  # floats
        (b"PK\x03\x04" + bytes(20), "begins with 504b0304"),
        (b"\0\0\x08\x03" + bytes(8), "within its header of 16"),
        (b"\0\0\x08\x01" + struct.pack(">I", 4) + bytes(3), "11 bytes .* 8 . 4"),
        (b"\0\0\x08\x01" + struct.pack(">I", 2) + bytes(3), "11 bytes .* 8 . 2"),
        (b"\0\0\x08\x01" + b"\xff" * 4 + bytes(3), "4294967295"),
        (b"\0\0\x08\x03" + b"\xff" * 12 + bytes(99), "4294967295 x 4294967295"),
        (b"\0\0\x08\x03" + struct.pack(">3I", 1 << 31, 1 << 31, 4), "2147483648"),  # 2**64, 0 in 64 bits
        (b"\x1f\x8b", "cannot be read"),
        (b"\x1f\x8b\x08" + bytes(50), "cannot be read"),
        (gzip.compress(idx(np.arange(9)), mtime=0)[:-1], "cannot be read"),  # the time would be in the test's name
        (gzip.compress(idx(np.arange(9)), mtime=0) + b"more", "cannot be read"),
    ],
)
def test_idx_that_is_none_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(DataError, match=reason) as caught:
        read_idx(tmp_path / "file")
    assert str(tmp_path / "file") in str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
def test_size_is_bounded(tmp_path: Path, packed: bool) -> None:
    content = idx(np.zeros(100))
    (tmp_path / "file").write_bytes(gzip.compress(content) if packed else content)
    assert len(read_idx(tmp_path / "file", limit=108)) == 100
    with pytest.raises(DataError, match="more than the 107 bytes"):
        read_idx(tmp_path / "file", limit=107)


def test_gzip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(bomb(8 << 30))
    assert (tmp_path / "file.gz").stat().st_size < 16 * MIB
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more than the 5,000,000 bytes"):
            read_idx(tmp_path / "file", limit=5_000_000)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder", "nothing"):
        with pytest.raises(DataMissingError, match=name):
            read_idx(tmp_path / name)
    with pytest.raises(DataError, match="cannot be looked for"):  # more than the 255 letters a name may have
        read_idx(tmp_path / ("x" * 300))


@given(st.binary(max_size=40), st.sampled_from([b"", b"\0\0\x08\x01", b"\0\0\x08\x03", b"\x1f\x8b\x08\0"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, tail: bytes, head: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(head + tail)
    try:
        array = read_idx(path)
    except DataError:
        return
    assert idx(array) == head + tail


# --- fetching --------------------------------------------------------------------------------------------------


@dataclass
class Mirror:
    """A server on this machine: what it answers for each path, and the paths that it was asked for."""

    url: str
    answers: dict[str, bytes]
    asked: list[str]


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    answers: dict[str, bytes] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            content = answers.get(self.path)
            self.send_response(200 if content is not None else 404)
            # A mirror whose path begins with /cut promises more than it sends.
            self.send_header("Content-Length", str(len(content or b"") + 100 * self.path.startswith("/cut")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield Mirror(f"http://127.0.0.1:{server.server_port}", answers, asked)
    server.shutdown()
    thread.join()
    server.server_close()


def serve(mirror: Mirror, world: World, monkeypatch: pytest.MonkeyPatch, *paths: str) -> None:
    """Serve the small MNIST under the last path; all the paths are its mirrors, in order."""
    for name, content in world.contents["mnist"].items():
        mirror.answers[f"/{paths[-1]}/{name}.gz"] = gzip.compress(content)
    mirrors = tuple(f"{mirror.url}/{path}/" for path in paths)
    monkeypatch.setattr(data, "SOURCES", {**data.SOURCES, "mnist": replace(data.SOURCES["mnist"], mirrors=mirrors)})


WHOLE_CACHE = sorted(f"mnist/{name}" for name in FILES)


def test_fetched_once_then_found(world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(mirror, world, monkeypatch, "good")
    assert files.locate("mnist", "full").origin == "download"
    assert world.cached() == WHOLE_CACHE
    assert {name: (world.cache / "mnist" / name).read_bytes() for name in FILES} == world.contents["mnist"]
    asked = len(mirror.asked)
    assert files.locate("mnist", "full").origin == "cache"
    files.fetch("mnist")
    assert len(mirror.asked) == asked == 4


def test_second_mirror_serves_where_the_first_fails(
    world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(mirror, world, monkeypatch, "broken", "good")
    mirror.answers[f"/broken/{TEST_LABELS}.gz"] = gzip.compress(b"something else")
    mirror.answers[f"/broken/{TRAIN_LABELS}.gz"] = b"<html>moved</html>"
    files.fetch("mnist")
    assert world.cached() == WHOLE_CACHE
    assert len(mirror.asked) == 8


def test_progress_is_told(world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(mirror, world, monkeypatch, "good")
    told: list[tuple[str, int, int]] = []
    files.fetch("mnist", lambda name, done, total: told.append((name, done, total)))
    sizes = {name: len(content) for name, content in world.contents["mnist"].items()}
    assert {name: done for name, done, _ in told} == {name: total for name, _, total in told} == sizes


def test_wrong_content_is_refused_and_not_kept(world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(mirror, world, monkeypatch, "good")
    content = world.contents["mnist"][TRAIN_IMAGES]
    answers = {
        "has another content": gzip.compress(content[:-1] + b"!"),
        "more than": bomb(1 << 30),
        "end-of-stream": gzip.compress(content)[:-20],
    }
    for reason, answer in answers.items():
        mirror.answers[f"/good/{TRAIN_IMAGES}.gz"] = answer
        with pytest.raises(DataError, match=f"{TRAIN_IMAGES} of mnist could not be downloaded: .*{reason}"):
            files.locate("mnist", "full")
        assert world.cached() == sorted(set(WHOLE_CACHE) - {f"mnist/{TRAIN_IMAGES}"})


def test_download_cut_short_goes_to_the_next_mirror(
    world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(mirror, world, monkeypatch, "cut", "good")
    for name, content in world.contents["mnist"].items():
        mirror.answers[f"/cut/{name}.gz"] = gzip.compress(content)[:-10]
    files.fetch("mnist")
    assert world.cached() == WHOLE_CACHE


def test_interrupted_and_damaged_cache_is_completed(
    world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(mirror, world, monkeypatch, "good")
    folder = world.fill(world.cache / "mnist")
    (folder / TRAIN_IMAGES).unlink()
    files.locate("mnist", "full")
    (folder / TEST_LABELS).write_bytes(b"damaged")
    files.fetch("mnist")
    assert mirror.asked == [f"/good/{TRAIN_IMAGES}.gz", f"/good/{TEST_LABELS}.gz"]
    assert files.locate("mnist", "full").origin == "cache"


def test_several_at_once_do_no_harm(world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(mirror, world, monkeypatch, "good")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(files.fetch, ["mnist"] * 8))
    assert found == [files.Located(world.cache / "mnist", "download", data.SOURCES["mnist"].sums["full"])] * 8
    assert world.cached() == WHOLE_CACHE
    assert files.locate("mnist", "full").origin == "cache"


@pytest.mark.usefixtures("world")
def test_no_mirror_is_reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    mirrors = ("http://127.0.0.1:1/",)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(data, "SOURCES", {"mnist": replace(data.SOURCES["mnist"], mirrors=mirrors)})
    with pytest.raises(DataError, match=r"127\.0\.0\.1:1/ failed .*LESSONBENCH_DATA"):
        files.locate("mnist", "full")


def test_cache_that_cannot_be_written(world: World, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(mirror, world, monkeypatch, "good")
    world.cache.write_bytes(b"a file where the folder should be")
    with pytest.raises(DataError, match=r"cache cannot be written .*LESSONBENCH_CACHE"):
        files.locate("mnist", "full")
    assert len(mirror.asked) == 1  # known before the large files are fetched


def test_full_disk_leaves_nothing_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, content: bytes) -> None:
        with self.open("wb") as stream:
            stream.write(content[:10])
        raise OSError(28, "No space left on device")

    world.fill(world.user)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DataError, match="No space left"):
        files.import_folder(world.user)
    assert world.cached() == []


# --- importing -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("offline")
def test_import_knows_files_by_content(world: World) -> None:
    """The names of one source's files on the other's contents, and names that say nothing at all."""
    world.fill(world.user, "fashion-mnist")
    (world.user / "data").mkdir()
    for number, content in enumerate(world.contents["mnist"].values()):
        (world.user / "data" / f"{number}.bin").write_bytes(gzip.compress(content) if number % 2 else content)
    (world.user / "notes.txt").write_text("not data")
    (world.user / "broken.gz").write_bytes(b"\x1f\x8b\x08")
    imported = files.import_folder(world.user)
    assert {source: sorted(names) for source, names in imported.items()} == {s: sorted(FILES) for s in SOURCES}
    for source in SOURCES:
        assert files.locate(source, "full").origin == "cache"
        assert (world.cache / source / TEST_IMAGES).read_bytes() == world.contents[source][TEST_IMAGES]


def test_import_takes_a_part(world: World) -> None:
    (world.user / "labels").write_bytes(world.contents["mnist"][TEST_LABELS])
    assert files.import_folder(world.user) == {"mnist": [TEST_LABELS]}
    with pytest.raises(DataMissingError):
        files.locate("mnist", "full", download=False)


def test_import_of_nothing_is_an_error(world: World) -> None:
    content = bytearray(world.contents["mnist"][TEST_IMAGES])
    content[99] ^= 1
    (world.user / TEST_IMAGES).write_bytes(content)
    (world.user / f"{TEST_LABELS}.gz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DataError, match=f"none of the 2 files in {world.user} .*{TEST_LABELS}.gz cannot be read"):
        files.import_folder(world.user)
    with pytest.raises(DataError, match="nowhere cannot be read"):
        files.import_folder(world.user / "nowhere")
    assert world.cached() == []


# --- what a lesson is given ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "images",
    [
        Images("mnist", flat=True),
        Images("fashion-mnist"),
        Images("mnist", mean=0.1307, deviation=0.3081),
        Images("mnist", -0.01 / 0.99, 1 / 0.99, flat=True),
    ],
)
def test_images_are_the_stated_formula(images: Images, dtype: Dtype) -> None:
    loaded = images.load(SAMPLES / images.source, 0, dtype)
    parts = zip(("train", "t10k"), ((loaded.x_train, loaded.y_train), (loaded.x_test, loaded.y_test)), strict=True)
    for n, (part, (x, y)) in zip(EXAMPLES["quick"], parts, strict=True):
        packed = (SAMPLES / images.source / f"{part}-images-idx3-ubyte.gz").read_bytes()
        v = np.frombuffer(gzip.decompress(packed)[16:], np.uint8).astype(np.float64)
        expected = ((v / 255 - images.mean) / images.deviation).astype(dtype)
        assert (str(x.dtype), x.flags.c_contiguous) == (dtype, True)
        np.testing.assert_array_equal(x, expected.reshape((n, 784) if images.flat else (n, 28, 28, 1)))
        packed = (SAMPLES / images.source / f"{part}-labels-idx1-ubyte.gz").read_bytes()
        assert (str(y.dtype), y.shape) == ("int32", (n,))
        np.testing.assert_array_equal(y, list(gzip.decompress(packed)[8:]))
        assert set(y) == set(range(10))


def test_images_do_not_depend_on_the_seed() -> None:
    first, second = (Images("mnist").load(SAMPLES / "mnist", seed, "float32") for seed in (0, 1))
    np.testing.assert_array_equal(first.x_train, second.x_train)


def test_a_sample_is_read_and_none_that_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_sample("fashion-mnist", TEST_IMAGES)
    np.testing.assert_array_equal(read, read_idx(SAMPLES / "fashion-mnist" / TEST_IMAGES))
    monkeypatch.setattr(data, "SAMPLES", tmp_path)
    place = tmp_path / "fashion-mnist" / f"{TEST_IMAGES}.gz"
    place.parent.mkdir()
    with pytest.raises(DataError, match=re.escape(str(place))):
        read_sample("fashion-mnist", TEST_IMAGES)
    place.write_bytes((SAMPLES / "mnist" / place.name).read_bytes())  # whole, but of another source
    with pytest.raises(DataError, match="damaged"):
        read_sample("fashion-mnist", TEST_IMAGES)


def test_images_take_little_more_memory_than_their_own() -> None:
    own_bytes = 12_000 * 784 * 8
    tracemalloc.start()
    try:
        Images("mnist", flat=True).load(SAMPLES / "mnist", 0, "float64")
        assert tracemalloc.get_traced_memory()[1] < 1.35 * own_bytes
    finally:
        tracemalloc.stop()


def test_images_of_another_shape_are_refused(world: World) -> None:
    with pytest.raises(DataError, match="need the folder"):
        Images("mnist").load(None, 0, "float32")
    with pytest.raises(DataMissingError, match=TRAIN_IMAGES):
        Images("mnist").load(world.user, 0, "float32")
    Images("mnist").load(world.fill(world.user), 0, "float32")
    wrong = {
        TRAIN_IMAGES: np.zeros((30, 28, 29)),
        TRAIN_LABELS: np.full(30, 10),
        TEST_IMAGES: np.zeros((11, 28, 28)),
        TEST_LABELS: np.zeros(0),
    }
    for name, array in wrong.items():
        (world.fill(world.user) / name).write_bytes(idx(array))
        with pytest.raises(DataError, match="do not make up mnist"):
            Images("mnist").load(world.user, 0, "float32")


def test_points_lie_near_their_plane() -> None:
    points = LinearPoints((2.0, -3.4), 4.2, noise=0.01, train_examples=4000, test_examples=2000)
    loaded = points.load(None, 0, "float64")
    for n, x, y in ((4000, loaded.x_train, loaded.y_train), (2000, loaded.x_test, loaded.y_test)):
        assert (x.shape, y.shape) == ((n, 2), (n, 1))
        assert np.abs(x.mean(axis=0)).max() < 5 / n**0.5
        assert np.abs(x.std(axis=0) - 1).max() < 5 / (2 * n) ** 0.5
        error = y - (x @ [[2.0], [-3.4]] + 4.2)
        assert abs(error.mean()) < 0.05 / n**0.5
        assert error.std() == pytest.approx(0.01, rel=5 / (2 * n) ** 0.5)
        assert abs(np.corrcoef(np.hstack([x, error]).T) - np.eye(3)).max() < 5 / n**0.5
    assert points.source is None
    fitted, *_ = np.linalg.lstsq(np.hstack([loaded.x_train, np.ones((4000, 1))]), loaded.y_train, rcond=None)
    np.testing.assert_allclose(fitted[:, 0], [2.0, -3.4, 4.2], atol=1e-3)


def test_points_are_the_seeds_alone() -> None:
    points = LinearPoints((2.0, -3.4), 4.2, noise=0.01, train_examples=100, test_examples=50)
    first, again, other = (points.load(None, seed, "float64") for seed in (0, 0, 1))
    single = points.load(None, 0, "float32")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
        assert getattr(single, name).dtype == np.float32
        np.testing.assert_array_equal(getattr(single, name), getattr(first, name).astype(np.float32))
    assert not np.array_equal(first.x_train[:50], first.x_test)
    more_tests = LinearPoints((2.0, -3.4), 4.2, noise=0.01, train_examples=100, test_examples=90)
    np.testing.assert_array_equal(more_tests.load(None, 0, "float64").x_train, first.x_train)


def test_importing_the_data_brings_no_network_code() -> None:
    check = "import sys, impls.data; print([m for m in ('http.client', 'urllib.request', 'ssl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- the official files, where this machine has them -----------------------------------------------------------


@pytest.fixture(params=SOURCES)
def full(request: pytest.FixtureRequest) -> tuple[str, Path]:
    try:
        return request.param, files.locate(request.param, "full", download=False).folder
    except DataMissingError as error:
        pytest.skip(str(error))


def test_official_files_load_whole(full: tuple[str, Path]) -> None:
    source, folder = full
    loaded = Images(source).load(folder, 0, "float32")
    assert (loaded.x_train.shape, loaded.x_test.shape) == ((60_000, 28, 28, 1), (10_000, 28, 28, 1))
    assert (loaded.x_train.min(), loaded.x_train.max()) == (0, 1)
    assert np.bincount(loaded.y_test).min() >= 892  # the ten classes are about equal


def test_samples_are_made_anew_from_the_official_files(full: tuple[str, Path], tmp_path: Path) -> None:
    source, folder = full
    make(folder, tmp_path)
    for name in FILES:
        made, kept = ((place / f"{name}.gz").read_bytes() for place in (tmp_path, SAMPLES / source))
        assert gzip.decompress(made) == gzip.decompress(kept)
        if "ng" not in zlib.ZLIB_RUNTIME_VERSION:  # another implementation of deflate packs otherwise
            assert made == kept
