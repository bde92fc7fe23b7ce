import os
import threading
from pathlib import Path

import pytest

from storage.blobs import FolderBlobs


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def test_what_was_put_is_read_back(blobs: FolderBlobs, tmp_path: Path) -> None:
    source = tmp_path / "video.mp4"
    source.write_bytes(b"0123456789" * 300_000)
    assert blobs.put("job1/1/video.mp4", source) == 3_000_000 == blobs.length("job1/1/video.mp4")
    with blobs.open("job1/1/video.mp4") as stream:
        stream.seek(2_999_995)
        assert stream.read() == b"56789"
    assert source.exists()


def test_a_second_put_replaces_the_first(blobs: FolderBlobs) -> None:
    blobs.put("job/preview.webp", b"first, and longer")
    blobs.put("job/preview.webp", b"second")
    with blobs.open("job/preview.webp") as stream:
        assert stream.read() == b"second"


def test_a_reader_keeps_what_it_opened(blobs: FolderBlobs) -> None:
    blobs.put("job/preview.webp", b"first")
    with blobs.open("job/preview.webp") as stream:
        blobs.put("job/preview.webp", b"second")
        blobs.delete("job/preview.webp")
        assert stream.read() == b"first"


def test_deleting_twice_is_fine_and_leaves_no_empty_folders(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put("job/1/video.mp4", b"x")
    blobs.put("job/2/video.mp4", b"x")
    for _ in range(2):
        blobs.delete("job/1/video.mp4")
    assert blobs.names("") == ["job/2/video.mp4"]
    blobs.delete("job/2/video.mp4")
    assert not (tmp_path / "blobs" / "job").exists()
    assert (tmp_path / "blobs").is_dir()


def test_names_are_listed_by_prefix(blobs: FolderBlobs) -> None:
    for name in ("job1/1/video.mp4", "job1/2/video.mp4", "job10/1/video.mp4", "other/upload.png"):
        blobs.put(name, b"x")
    assert blobs.names("job1/") == ["job1/1/video.mp4", "job1/2/video.mp4"]
    assert blobs.names("job1") == ["job1/1/video.mp4", "job1/2/video.mp4", "job10/1/video.mp4"]
    assert blobs.names("job1/2/v") == ["job1/2/video.mp4"]
    assert blobs.names("none/") == []
    assert len(blobs.names("")) == 4


def test_nothing_is_seen_of_a_put_that_failed(blobs: FolderBlobs, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.put("job/video.mp4", tmp_path / "missing.mp4")
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../secret", "job/../../secret", "job//video", "job/", ".hidden", "a\\b", "a\nb", "a\n", "é"],
)
def test_names_that_could_lead_out_are_refused(blobs: FolderBlobs, name: str) -> None:
    for use in (blobs.open, blobs.length, blobs.delete, lambda name: blobs.put(name, b"x")):
        with pytest.raises(ValueError, match="not a blob name"):
            use(name)


@pytest.mark.parametrize("prefix", ["../", "/", "job/../", "."])
def test_prefixes_that_could_lead_out_are_refused(blobs: FolderBlobs, prefix: str) -> None:
    with pytest.raises(ValueError, match="not a blob prefix"):
        blobs.names(prefix)


def test_missing_blobs_are_said_to_be_missing(blobs: FolderBlobs) -> None:
    for use in (blobs.open, blobs.length):
        with pytest.raises(FileNotFoundError):
            use("job/video.mp4")


def test_a_blob_is_no_folder(blobs: FolderBlobs) -> None:
    blobs.put("job", b"x")
    for name in ("job/video.mp4", "job/1/video.mp4"):
        with pytest.raises((FileExistsError, NotADirectoryError)):
            blobs.put(name, b"x")


def test_putting_beside_deleting_loses_nothing(blobs: FolderBlobs) -> None:
    """`delete` takes emptied folders away while `put` is about to use them."""
    done = threading.Event()

    def delete_always() -> None:
        while not done.is_set():
            blobs.put("job/1/other", b"x")
            blobs.delete("job/1/other")

    thread = threading.Thread(target=delete_always)
    thread.start()
    try:
        for number in range(60):
            blobs.put("job/1/video.mp4", str(number).encode())
            blobs.delete("job/1/video.mp4")
        blobs.put("job/1/video.mp4", b"end")
    finally:
        done.set()
        thread.join()
    assert blobs.names("job/") == ["job/1/video.mp4"]


def test_what_a_killed_process_was_writing_is_dropped_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    FolderBlobs(tmp_path)
    dead, living = (tmp_path / ".unfinished" / name for name in ("dead", "living"))
    dead.write_bytes(b"half")
    living.write_bytes(b"half")
    os.utime(dead, (0, 0))

    FolderBlobs(tmp_path)

    assert [file.name for file in (tmp_path / ".unfinished").iterdir()] == ["living"]
