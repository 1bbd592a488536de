"""The MNIST loader: the same arrays from every format, and a clear error for everything else."""

import gzip
import hashlib
import re
import shutil
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shared import mnist
from shared.mnist import BUILT_IN, MNISTError, MNISTNotFoundError, load, load_csv, load_idx, load_npz, to_idx
from shared.reference.data_preparation import IDX_TYPES, parse_idx

FIELDS = ("train_images", "train_labels", "test_images", "test_labels")
NAMES = tuple(mnist.SHAPES)
HEADERS = [
    ",".join(["label", *(f"pixel{i}" for i in range(784))]),
    ",".join(["label", *(f"{i}x{j}" for i in range(1, 29) for j in range(1, 29))]),
    ",".join(["label", *map(str, range(784))]),
]


@pytest.fixture(autouse=True)
def _no_folder_of_the_users(monkeypatch):
    monkeypatch.delenv("DIGITS_DATA_DIR", raising=False)


@pytest.fixture(scope="module")
def data():
    return load(BUILT_IN)


@pytest.fixture(scope="module")
def folders(data, tmp_path_factory):
    """One folder for each format, written without the code under test."""
    root = tmp_path_factory.mktemp("mnist")
    for folder in ("raw", "dotted", "gz", "npz", "csv"):
        (root / folder).mkdir()
    for name in NAMES:
        raw = gzip.decompress((BUILT_IN / f"{name}.gz").read_bytes())
        (root / "raw" / name).write_bytes(raw)
        (root / "dotted" / name.replace("-idx", ".idx")).write_bytes(raw)
        shutil.copy(BUILT_IN / f"{name}.gz", root / "gz")
    arrays = [getattr(data, name) for name in FIELDS]
    np.savez(root / "npz" / "mnist.npz", **dict(zip(mnist.NPZ_KEYS, arrays, strict=True)))
    (root / "csv" / "mnist_train.csv").write_bytes(csv_bytes(data.train_images, data.train_labels))
    header = HEADERS[0].encode() + b"\n"
    (root / "csv" / "mnist_test.csv").write_bytes(header + csv_bytes(data.test_images, data.test_labels))
    return root


def csv_bytes(images, labels):
    """CSV without a header, fast: every value as four bytes, padded with zero bytes that are then dropped."""
    cells = np.array([f"{value},".encode() for value in range(256)], dtype="S4")
    cell_of = cells.view(np.uint8).reshape(256, 4)
    table = np.column_stack([labels, images.reshape(len(images), -1)])  # (m, 785)
    chunks = []
    for start in range(0, len(table), 2000):  # small enough for the processor's cache
        cells = cell_of[table[start : start + 2000]]  # (2000, 785, 4)
        last = cells[:, -1]
        last[last == ord(",")] = ord("\n")
        chunks.append(cells[cells != 0].tobytes())
    return b"".join(chunks)


def copy_of(folder, tmp_path):
    """A copy to damage. Only the links are new, so a file must be replaced, not written into."""
    copy = tmp_path / "mine"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).hardlink_to(path)
    return copy


def replace(path, content):
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def assert_same(found, expected):
    for name in FIELDS:
        a, b = getattr(found, name), getattr(expected, name)
        assert a.dtype == b.dtype == np.uint8
        assert a.flags.c_contiguous
        assert np.array_equal(a, b)  # of equal shape, too


# ---------------------------------------------------------------------------------------------- the data


def test_what_is_known_about_mnist(data):
    assert data.train_images.shape == (60000, 28, 28)
    assert data.test_images.shape == (10000, 28, 28)
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.train_labels).tolist() == counts
    assert data.train_images.mean() == pytest.approx(33.318421)
    # The pixels stand upright and lie in rows: digit 1 is taller than it is wide.
    one = data.train_images[3] > 0
    assert one.any(axis=1).sum() > one.any(axis=0).sum()


@pytest.mark.parametrize(
    ("folder", "form"),
    [
        ("raw", "IDX files"),
        ("dotted", "IDX files"),
        ("gz", "gzipped IDX files"),
        ("npz", "a Keras npz file"),
        ("csv", "CSV files"),
    ],
)
def test_every_format_gives_the_same_arrays(folders, folder, form, data, monkeypatch):
    monkeypatch.chdir(folders)
    found = load(folder)
    assert_same(found, data)
    assert found.source == f"{form} in {folder}"
    assert repr(found) == f"MNIST(source='{form} in {folder}')"


def test_raw_and_gzipped_files_may_be_mixed(folders, tmp_path, data):
    mine = copy_of(folders / "gz", tmp_path)
    (mine / f"{NAMES[0]}.gz").unlink()
    (mine / NAMES[0]).hardlink_to(folders / "raw" / NAMES[0])
    found = load(mine)
    assert_same(found, data)
    assert found.source.startswith("IDX files in ")


@pytest.mark.parametrize("directory", [None, BUILT_IN, str(BUILT_IN)])
def test_source_of_the_built_in_data_is_the_same_everywhere(directory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load(directory).source == "gzipped IDX files in shared/data"


def test_source_elsewhere_is_the_full_path(folders):
    assert load(folders / "gz").source == f"gzipped IDX files in {folders / 'gz'}"


# --------------------------------------------------------------------------- shared arrays, speed, checksums


def test_second_call_costs_nothing_and_shares_the_arrays():
    mnist._read_verified.cache_clear()
    start = time.perf_counter()
    first = load()
    between = time.perf_counter()
    second = load()
    end = time.perf_counter()
    assert all(getattr(first, name) is getattr(second, name) for name in FIELDS)
    assert between - start < 5  # about 0.4 s
    assert end - between < (between - start) / 10


def test_no_caller_can_change_the_arrays_of_another(folders):
    for folder in ("raw", "npz"):
        found = load(folders / folder)
        for name in FIELDS:
            with pytest.raises(ValueError, match="read-only"):
                getattr(found, name)[0] = 1
    with pytest.raises(AttributeError):
        found.source = "elsewhere"


def test_single_files_are_not_shared():
    path = BUILT_IN / f"{NAMES[3]}.gz"
    load_idx(path)[0] = 99
    assert load_idx(path)[0] == 7


def test_a_file_replaced_after_the_first_call_is_read_again(folders, tmp_path):
    mine = copy_of(folders / "raw", tmp_path)
    load(mine)
    replace(mine / NAMES[3], (folders / "raw" / NAMES[3]).read_bytes()[:-1] + b"\x00")
    with pytest.raises(MNISTError, match="SHA-256"):
        load(mine)


def test_sha256sums_are_those_of_the_unzipped_files():
    for line in (BUILT_IN / "SHA256SUMS").read_text().splitlines():
        checksum, name = line.split("  ")
        raw = gzip.decompress((BUILT_IN / f"{name}.gz").read_bytes())
        assert hashlib.sha256(raw).hexdigest() == checksum


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is missing"), ("0123  train-images-idx3-ubyte\n", "expected a checksum of train-images-idx3")],
)
def test_without_checksums_nothing_is_loaded(content, message, tmp_path, folders, monkeypatch):
    monkeypatch.setattr(mnist, "BUILT_IN", tmp_path)
    if content:
        (tmp_path / "SHA256SUMS").write_text(content)
    with pytest.raises(MNISTError, match=f"SHA256SUMS.*{message}.*git checkout"):
        load(folders / "raw")


# ------------------------------------------------------------------------------------------ choosing a folder


def test_environment_variable_names_the_folder(folders, monkeypatch):
    monkeypatch.chdir(folders)
    monkeypatch.setenv("DIGITS_DATA_DIR", str(folders / "npz"))
    assert load().source == "a Keras npz file in npz"
    assert load("gz").source == "gzipped IDX files in gz"  # the argument goes first


def test_tilde_is_the_home_folder(folders, monkeypatch):
    monkeypatch.setenv("HOME", str(folders))
    monkeypatch.setenv("USERPROFILE", str(folders))  # Windows
    monkeypatch.setenv("DIGITS_DATA_DIR", "~/npz")
    assert load().source.startswith("a Keras npz file in ")
    assert load("~/gz").source.startswith("gzipped IDX files in ")


def test_environment_variable_is_never_ignored(folders, tmp_path, monkeypatch):
    load()  # the built-in data are in the cache
    file = tmp_path / "file"
    file.touch()
    empty = tmp_path / "empty"
    empty.mkdir()
    damaged = copy_of(folders / "gz", tmp_path)
    replace(damaged / f"{NAMES[3]}.gz", b"damaged")
    for value, message in [
        ("", "got an empty one"),
        (str(tmp_path / "nowhere"), "there is no folder .*nowhere"),
        (str(file), "file is a file: give the folder"),
        (str(empty), "empty holds no MNIST: expected IDX files .*npz.*CSV"),
        (str(damaged), "t10k-labels-idx1-ubyte.gz cannot be read as an IDX file"),
    ]:
        monkeypatch.setenv("DIGITS_DATA_DIR", value)
        with pytest.raises(MNISTError, match=message) as caught:
            load()
        assert f"DIGITS_DATA_DIR={value!r}" in str(caught.value)
        assert "unset the variable" in str(caught.value)


def test_damaged_repository_says_how_to_restore_it(folders, tmp_path, monkeypatch):
    mine = copy_of(folders / "gz", tmp_path)
    shutil.copy(BUILT_IN / "SHA256SUMS", mine)
    (mine / f"{NAMES[0]}.gz").unlink()
    monkeypatch.setattr(mnist, "BUILT_IN", mine)
    with pytest.raises(MNISTNotFoundError, match="without train-images-idx3-ubyte.* git checkout -- shared"):
        load()


@pytest.mark.parametrize("name", NAMES)
def test_missing_idx_file_is_named(name, folders, tmp_path):
    mine = copy_of(folders / "gz", tmp_path)
    (mine / f"{name}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=f"mine is incomplete: .*IDX files without {name}.*Put"):
        load(mine)


def test_missing_csv_file_is_named(tmp_path):
    (tmp_path / "mnist_train.csv").touch()
    with pytest.raises(MNISTNotFoundError, match=r"CSV files without mnist_test\.csv\. Put the original"):
        load(tmp_path)


def test_first_complete_format_is_taken(folders, tmp_path):
    mine = copy_of(folders / "npz", tmp_path)
    (mine / NAMES[0]).touch()  # an incomplete set does not count
    assert load(mine).source.startswith("a Keras npz file in ")
    for name in NAMES:
        replace(mine / name, (folders / "raw" / name).read_bytes())
    assert load(mine).source.startswith("IDX files in ")
    replace(mine / NAMES[0], b"")  # a complete set that is damaged does
    with pytest.raises(MNISTError, match="train-images-idx3-ubyte cannot be read"):
        load(mine)


def test_folder_with_the_name_of_a_file_is_no_file(folders, tmp_path):
    mine = copy_of(folders / "dotted", tmp_path)
    (mine / NAMES[0]).mkdir()
    assert load(mine).source.startswith("IDX files in ")


# ------------------------------------------------------------------------------------------------ damaged IDX


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.float32, np.float64])
def test_idx_file_of_another_type(dtype, tmp_path):
    (tmp_path / "numbers").write_bytes(to_idx(np.zeros((2, 3), dtype)))
    with pytest.raises(MNISTError, match="unsigned bytes, IDX type 0x08, got type 0x0"):
        load_idx(tmp_path / "numbers")


def test_gzip_is_recognised_by_content(tmp_path):
    labels = np.array([7, 2, 1], dtype=np.uint8)
    (tmp_path / "zipped").write_bytes(gzip.compress(to_idx(labels)))
    (tmp_path / "raw.gz").write_bytes(to_idx(labels))
    for name in ("zipped", "raw.gz"):
        np.testing.assert_array_equal(load_idx(tmp_path / name), labels, strict=True)


def test_idx_file_that_is_missing(tmp_path):
    with pytest.raises(MNISTNotFoundError, match="nowhere-idx1-ubyte is missing") as caught:
        load_idx(tmp_path / "nowhere-idx1-ubyte")
    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize(
    ("damage", "message", "cause"),
    [
        (lambda raw: gzip.compress(raw)[:-20], "ended before", EOFError),
        (lambda raw: gzip.compress(raw)[:-8] + bytes(8), "CRC check failed", gzip.BadGzipFile),
        (lambda raw: gzip.compress(raw)[:10] + b"\xff" * 99, "invalid", Exception),
        (lambda raw: raw[:-1], "10000 bytes, got 9999", ValueError),
        (lambda raw: raw + b"\x00", "10000 bytes, got 10001", ValueError),
        (lambda raw: b"<html>404</html>", "two zero bytes, got 3c 68", ValueError),
        (lambda raw: b"", "magic number of 4 bytes, got 0", ValueError),
        (lambda raw: raw[:7], "1 dimensions takes 8 bytes, got 7", ValueError),
    ],
    ids=["gzip cut", "gzip CRC", "gzip garbage", "cut", "too long", "HTML", "empty", "header cut"],
)
def test_damaged_idx_file(damage, message, cause, folders, tmp_path):
    mine = copy_of(folders / "raw", tmp_path)
    path = mine / NAMES[3]
    replace(path, damage((folders / "raw" / NAMES[3]).read_bytes()))
    message = f"{NAMES[3]} cannot be read as an IDX file: .*{message}"
    with pytest.raises(MNISTError, match=message) as alone:
        load_idx(path)
    with pytest.raises(MNISTError, match=message + ".*Put the original files") as in_folder:
        load(mine)
    assert isinstance(alone.value.__cause__, cause)
    assert isinstance(in_folder.value.__cause__, cause)


@pytest.mark.parametrize("index", range(4))
def test_single_wrong_byte_fails_the_checksum(index, folders, tmp_path):
    mine = copy_of(folders / "raw", tmp_path)
    raw = bytearray((folders / "raw" / NAMES[index]).read_bytes())
    expected = hashlib.sha256(raw).hexdigest()
    raw[-1] ^= 1
    replace(mine / NAMES[index], raw)
    with pytest.raises(MNISTError) as caught:
        load(mine)
    message = str(caught.value)
    assert f"mine/{NAMES[index]}: damaged, or not MNIST" in message
    assert f"expected the SHA-256 {expected}" in message
    assert f"got {hashlib.sha256(raw).hexdigest()}" in message
    assert "Put the original files of MNIST into that folder" in message


@pytest.mark.parametrize(
    ("one", "other", "expected", "found"),
    [
        (0, 1, "images, uint8 of shape (60000, 28, 28)", "labels, uint8 of shape (60000,)"),
        (1, 3, "labels, uint8 of shape (60000,)", "labels, uint8 of shape (10000,)"),
        (1, 2, "labels, uint8 of shape (60000,)", "images, uint8 of shape (10000, 28, 28)"),
    ],
)
def test_swapped_files(one, other, expected, found, folders, tmp_path):
    mine = copy_of(folders / "raw", tmp_path)
    (mine / NAMES[one]).rename(mine / "aside")
    (mine / NAMES[other]).rename(mine / NAMES[one])
    (mine / "aside").rename(mine / NAMES[other])
    message = re.escape(f"{NAMES[one]}: expected {expected}, but this looks like {found}")
    with pytest.raises(MNISTError, match=f"{message}.*changed places.*Put the original files"):
        load(mine)


def test_other_type_or_dimensions(folders, tmp_path, data):
    mine = copy_of(folders / "raw", tmp_path)
    for array, message in [
        (data.test_labels.astype(np.int32), "unsigned bytes, IDX type 0x08, got type 0x0C"),
        (data.test_labels.reshape(100, 100), "looks like neither images nor labels, uint8"),
    ]:
        replace(mine / NAMES[3], to_idx(array))
        with pytest.raises(MNISTError, match=message):
            load(mine)


# ------------------------------------------------------------------------------------------------ damaged npz


def small(**changes):
    arrays = {"x_train": [[[1, 2]]], "y_train": [3], "x_test": [[[4, 5]]], "y_test": [6]} | changes
    return {key: np.asarray(array) for key, array in arrays.items() if array is not None}


def test_npz_of_other_integers_and_orders_becomes_uint8(tmp_path):
    images = np.asfortranarray(np.arange(24, dtype=np.int64).reshape(2, 3, 4))
    np.savez_compressed(tmp_path / "mnist.npz", **small(x_train=images))
    found = load_npz(tmp_path / "mnist.npz")
    assert [array.dtype for array in found] == [np.uint8] * 4
    assert found[0].flags.c_contiguous
    np.testing.assert_array_equal(found[0], images)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "expected the arrays x_train, .*, y_test, got .*x_test: y_test missing"),
        ({"y_test": [256]}, "mnist.npz, y_test: expected whole numbers 0…255, got 256…256"),
        ({"y_test": [0, -1]}, "mnist.npz, y_test: expected whole numbers 0…255, got -1…0"),
        ({"x_train": [[[0.5]]]}, "mnist.npz, x_train: expected whole numbers 0…255, got an array of float64"),
        ({"y_test": np.array([None])}, "cannot be read as an npz file: Object arrays"),
    ],
)
def test_npz_with_other_arrays(changes, message, tmp_path):
    np.savez(tmp_path / "mnist.npz", **small(**changes))
    with pytest.raises(MNISTError, match=message):
        load_npz(tmp_path / "mnist.npz")
    with pytest.raises(MNISTError, match=message + ".*Put the original files"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: raw[:-30], "cannot be read as an npz file: File is not a zip file"),
        (lambda raw: raw.replace(b"\x01\x00\x00\x00\x00\x00\x00\x00\x02", b"\x09" * 9), "Bad CRC-32"),
        (lambda raw: b"", "a zip archive that begins with the bytes 50 4b, got an empty file"),
        (lambda raw: b"<html>", "a zip archive that begins with the bytes 50 4b, got 3c 68"),
    ],
    ids=["cut", "wrong bytes", "empty", "HTML"],
)
def test_damaged_npz(damage, message, tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, **small())
    raw = path.read_bytes()
    assert damage(raw) != raw
    path.write_bytes(damage(raw))
    with pytest.raises(MNISTError, match=f"mnist.npz.*{message}.*Put the original files"):
        load(tmp_path)


def test_npz_that_is_missing(tmp_path):
    with pytest.raises(MNISTNotFoundError, match="mnist.npz is missing: expected an npz file"):
        load_npz(tmp_path / "mnist.npz")


def test_npz_with_one_wrong_pixel_fails_the_checksum(tmp_path, data):
    images = data.test_images.copy()
    images[5000, 14, 14] ^= 1
    arrays = [data.train_images, data.train_labels, images, data.test_labels]
    np.savez(tmp_path / "mnist.npz", **dict(zip(mnist.NPZ_KEYS, arrays, strict=True)))
    with pytest.raises(MNISTError, match="mnist.npz, x_test: damaged, .* expected the SHA-256 0fa7898d"):
        load(tmp_path)


def test_npz_with_flat_images(tmp_path, data):
    arrays = [data.train_images.reshape(60000, 784), data.train_labels, data.test_images, data.test_labels]
    np.savez(tmp_path / "mnist.npz", **dict(zip(mnist.NPZ_KEYS, arrays, strict=True)))
    with pytest.raises(MNISTError, match=r"mnist.npz, x_train: expected images, .*of shape \(60000, 784\)"):
        load(tmp_path)


# ------------------------------------------------------------------------------------------------ damaged CSV


def csv_lines(data, m):
    return csv_bytes(data.train_images[:m], data.train_labels[:m]).decode().splitlines()


@pytest.mark.parametrize("header", [[], *([header] for header in HEADERS)], ids=["none", "a", "b", "c"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(("m", "tail"), [(1, ""), (3, "\n"), (3, "\n\n\n")])
def test_csv_with_and_without_header(header, end, encoding, m, tail, data, tmp_path):
    path = tmp_path / "rows.csv"
    text = "\n".join(header + csv_lines(data, m)) + tail
    path.write_text(text, encoding=encoding, newline=end)
    images, labels = load_csv(path)
    np.testing.assert_array_equal(images, data.train_images[:m], strict=True)
    np.testing.assert_array_equal(labels, data.train_labels[:m], strict=True)
    assert images.flags.c_contiguous and labels.flags.c_contiguous


@pytest.mark.parametrize("header", [[], HEADERS[:1]], ids=["no header", "header"])
@pytest.mark.parametrize("row", [0, 1, 99])
@pytest.mark.parametrize("value", ["256", "-1", "1.5", "1.0", "x", "", "nan", "1e2", "1 2", "٣", "7#8"])
def test_csv_with_a_wrong_value(header, row, value, data, tmp_path):
    lines = header + csv_lines(data, 100)
    number = row + len(header) + 1
    fields = lines[number - 1].split(",")
    fields[-1] = value
    lines[number - 1] = ",".join(fields)
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    message = f"rows.csv, line {number}: expected a whole number 0…255 in column 785, got {value!r}"
    with pytest.raises(MNISTError, match=re.escape(message)) as caught:
        load_csv(path)
    assert isinstance(caught.value.__cause__, ValueError | Warning)


@pytest.mark.parametrize("row", [0, 1, 4, 9])
@pytest.mark.parametrize("change", [lambda line: line[2:], lambda line: line + ",0", lambda line: "5"])
def test_csv_with_a_wrong_number_of_columns(row, change, data, tmp_path):
    lines = csv_lines(data, 10)
    lines[row] = change(lines[row])
    columns = lines[row].count(",") + 1
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(lines))
    message = f"rows.csv, line {row + 1}: expected 785 columns .*, got {columns}"
    with pytest.raises(MNISTError, match=message):
        load_csv(path)


def test_csv_with_a_damaged_first_line_is_not_taken_for_a_header(data, tmp_path):
    lines = csv_lines(data, 2)
    lines[0] = "x" + lines[0][1:]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    with pytest.raises(MNISTError, match="line 1: expected a whole number 0…255 in column 1, got 'x'"):
        load_csv(tmp_path / "rows.csv")


@pytest.mark.parametrize("content", [b"", b"\n\n", HEADERS[0].encode() + b"\n"])
def test_csv_without_rows(content, tmp_path):
    (tmp_path / "rows.csv").write_bytes(content)
    with pytest.raises(MNISTError, match="rows.csv: expected rows of 785 numbers, got none"):
        load_csv(tmp_path / "rows.csv")


def test_csv_that_is_no_text(tmp_path):
    (tmp_path / "rows.csv").write_bytes(bytes(range(256)))
    with pytest.raises(MNISTError, match="rows.csv, line 1: expected 785 columns"):
        load_csv(tmp_path / "rows.csv")


def test_csv_that_is_missing(tmp_path):
    with pytest.raises(MNISTNotFoundError, match="rows.csv is missing: expected a CSV file"):
        load_csv(tmp_path / "rows.csv")


def test_csv_with_a_row_too_few(data, folders, tmp_path):
    mine = copy_of(folders / "csv", tmp_path)
    replace(mine / "mnist_train.csv", csv_bytes(data.train_images[:9], data.train_labels[:9]))
    message = r"mnist_train.csv, pixels: .*\(60000, 28, 28\), but .*\(9, 28, 28\).*Put the original"
    with pytest.raises(MNISTError, match=message):
        load(mine)


def test_csv_with_one_wrong_label_fails_the_checksum(data, folders, tmp_path):
    mine = copy_of(folders / "csv", tmp_path)
    labels = data.test_labels.copy()
    labels[9999] = 0
    replace(mine / "mnist_test.csv", csv_bytes(data.test_images, labels))
    with pytest.raises(MNISTError, match="mnist_test.csv, labels: damaged, .* expected .* ff7bcfd4"):
        load(mine)


# ----------------------------------------------------------------------------------------------------- to_idx


@given(
    hnp.arrays(
        dtype=st.sampled_from([f"{order}{code[1:]}" for code in IDX_TYPES.values() for order in "<>"]),
        shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    st.booleans(),
)
@settings(deadline=None)
def test_parse_idx_undoes_to_idx(array, transposed):
    array = array.T if transposed else array  # Fortran order
    back = parse_idx(to_idx(array))
    native = array.astype(array.dtype.newbyteorder("="))
    assert back.dtype == native.dtype
    assert back.shape == array.shape
    assert back.tobytes() == native.tobytes()  # of NaNs, too


@pytest.mark.parametrize("name", NAMES)
def test_to_idx_undoes_parse_idx(name):
    raw = gzip.decompress((BUILT_IN / f"{name}.gz").read_bytes())
    assert to_idx(parse_idx(raw)) == raw


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, bool, np.float16, complex, "U3"])
def test_to_idx_has_no_code_for_other_types(dtype):
    with pytest.raises(ValueError, match=f"uint8, .*, float64, got an array of {np.dtype(dtype)}"):
        to_idx(np.zeros(3, dtype))
