"""MNIST from the files of this repository, or from a folder of your own.

`load` gives the same read-only arrays from every format it knows: it rebuilds the bytes of the original IDX
files and compares their SHA-256 with the table in ``shared/data/SHA256SUMS``. Nothing is downloaded, nothing
is written.
"""

import gzip
import hashlib
import math
import os
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
BUILT_IN = REPOSITORY / "shared" / "data"

# Every table below keeps this order, and so do the fields of MNIST.
SHAPES = {
    "train-images-idx3-ubyte": (60000, 28, 28),
    "train-labels-idx1-ubyte": (60000,),
    "t10k-images-idx3-ubyte": (10000, 28, 28),
    "t10k-labels-idx1-ubyte": (10000,),
}
# As in notebook 1, whose model answer this module does not import: while that notebook is graded, it is withheld.
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
UNSIGNED_BYTES = 0x08
NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")
CSV_COLUMNS = 1 + 28 * 28

IDX, NPZ, CSV = "IDX files", "a Keras npz file", "CSV files"
_RESTORE = "Restore the folder: git checkout -- shared/data"


def _spellings(name):
    dotted = name.replace("-idx", ".idx")
    return name, dotted, f"{name}.gz", f"{dotted}.gz"


# What a folder must hold: for each format its files, for each file the names it may have. The first complete
# format is taken, the fastest to read comes first.
LAYOUTS = {
    IDX: [_spellings(name) for name in SHAPES],
    NPZ: [("mnist.npz",)],
    CSV: [("mnist_train.csv",), ("mnist_test.csv",)],
}


class MNISTError(ValueError):
    """Data that are not MNIST, or cannot be read; the message names the file."""


class MNISTNotFoundError(MNISTError, FileNotFoundError):
    """A file or a folder that is not there."""


@dataclass(frozen=True, eq=False)
class MNIST:
    """The four arrays of MNIST, all uint8, C-contiguous and read-only.

    Attributes
    ----------
    train_images : ndarray of uint8, shape (60000, 28, 28)
        0 is the background, 255 the ink.
    train_labels : ndarray of uint8, shape (60000,)
    test_images : ndarray of uint8, shape (10000, 28, 28)
    test_labels : ndarray of uint8, shape (10000,)
    source : str
        Where the arrays were read from, for people.
    """

    train_images: np.ndarray = field(repr=False)
    train_labels: np.ndarray = field(repr=False)
    test_images: np.ndarray = field(repr=False)
    test_labels: np.ndarray = field(repr=False)
    source: str


def load(directory=None):
    """MNIST from a folder, verified.

    A folder may hold the data in several formats. The first complete one is taken, in this order:

    1. IDX: ``train-images-idx3-ubyte`` and its three sisters, also spelled ``train-images.idx3-ubyte``; each
       as it is or, failing that, gzipped (``.gz``);
    2. npz: ``mnist.npz``, as Keras distributes it;
    3. CSV: ``mnist_train.csv`` and ``mnist_test.csv``.

    If that one turns out to be damaged, this is an error: no other format and no other folder is tried.

    Parameters
    ----------
    directory : str or path, optional
        The folder. By default the one that the environment variable DIGITS_DATA_DIR names or, where that is
        not set, ``shared/data`` of this repository.

    Returns
    -------
    mnist : MNIST
        Its arrays are read-only, because later calls share them: reading them again costs nothing as long as
        the files keep their size and time. Take a ``.copy()`` to write into.

    Raises
    ------
    MNISTError
        If the folder holds something else than MNIST, or MNIST incomplete or damaged. What is absent raises
        its subclass MNISTNotFoundError, which is a FileNotFoundError as well.

    Examples
    --------
    >>> mnist = load()
    >>> mnist.train_images.shape, mnist.test_images.shape
    ((60000, 28, 28), (10000, 28, 28))
    >>> mnist.train_labels[:5]
    array([5, 0, 4, 1, 9], dtype=uint8)
    """
    with _advice(_RESTORE):
        checksums = _checksums()
    folder, way_out = _choose(directory)
    with _advice(way_out):
        with _naming(folder, "a folder with MNIST"):
            form, paths = _find(folder)
            # A file replaced since the last call has another stamp, and is read again.
            stamps = tuple((path.stat().st_size, path.stat().st_mtime_ns) for path in paths)
        arrays = _read_verified(form, paths, stamps, checksums)
    if form == IDX and all(path.suffix == ".gz" for path in paths):
        form = f"gzipped {form}"
    return MNIST(*arrays, source=f"{form} in {_shown(folder)}")


def load_idx(path):
    """The array in an IDX file of unsigned bytes, raw or gzipped.

    Parameters
    ----------
    path : str or path
        Gzip is recognised by the first two bytes of the file, not by its name.

    Returns
    -------
    array : ndarray of uint8
        Of the shape that the file states.

    Raises
    ------
    MNISTError
        If the file is missing, cut, no IDX file, or one of another type of number: MNIST has unsigned bytes.

    Examples
    --------
    >>> load_idx(BUILT_IN / "t10k-labels-idx1-ubyte.gz")[:5]
    array([7, 2, 1, 0, 4], dtype=uint8)
    """
    with _naming(path, "an IDX file"):
        raw = Path(path).read_bytes()
        if raw.startswith(b"\x1f\x8b"):
            raw = gzip.decompress(raw)
        return _unsigned_bytes(raw)


def _unsigned_bytes(raw):
    """The array in the bytes of an IDX file of the one type that MNIST has."""
    if len(raw) < 4:
        raise ValueError(f"an IDX file begins with a magic number of 4 bytes, got {len(raw)} bytes in all")
    if raw[:2] != b"\x00\x00":
        raise ValueError(f"an IDX magic number begins with two zero bytes, got {raw[:2].hex(' ')}")
    type_code, ndim = raw[2:4]
    if type_code != UNSIGNED_BYTES:
        raise ValueError(f"a file of MNIST holds unsigned bytes, IDX type 0x08, got type 0x{type_code:02X}")
    body = 4 + 4 * ndim
    if len(raw) < body:
        raise ValueError(f"an IDX header with {ndim} dimensions takes {body} bytes, got {len(raw)} in all")
    shape = np.frombuffer(raw, ">u4", ndim, offset=4).tolist()
    if len(raw) - body != math.prod(shape):
        raise ValueError(f"the IDX header says {shape} of {math.prod(shape)} bytes, got {len(raw) - body} bytes")
    return np.frombuffer(raw, np.uint8, offset=body).reshape(shape).copy()  # a buffer of bytes is read-only


def load_csv(path):
    """Images and labels from a CSV file: a row for each image, its label and then its 784 pixels.

    Parameters
    ----------
    path : str or path
        The file, with or without a line of column names.

    Returns
    -------
    images : ndarray of uint8, shape (m, 28, 28)
    labels : ndarray of uint8, shape (m,)

    Raises
    ------
    MNISTError
        If the file is missing or empty, or if a line has not 785 columns or a value that is not a whole
        number 0…255; the message names the line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "two.csv")
    ...     size = path.write_text("5" + ",0" * 784 + "\\n" + "0" + ",255" * 784 + "\\n")
    ...     images, labels = load_csv(path)
    >>> images.shape, labels
    ((2, 28, 28), array([5, 0], dtype=uint8))
    """
    number, line = 0, ""

    def rows(lines):
        nonlocal number, line
        for number, line in enumerate(lines, start=1):
            columns = line.count(",") + 1
            if line.isspace() or (number == 1 and _is_header(line)):
                continue
            if columns != CSV_COLUMNS:
                raise MNISTError(
                    f"{_shown(path)}, line {number}: expected {CSV_COLUMNS} columns "
                    f"(the label and 784 pixels), got {columns}"
                )
            yield line

    with _naming(path, "a CSV file"), open(path, encoding="utf-8-sig", errors="replace") as lines:
        try:
            with warnings.catch_warnings():
                # loadtxt only warns where it finds no rows, and before NumPy 2.4 where it cuts 1.5 to 1.
                warnings.simplefilter("error")
                table = np.loadtxt(rows(lines), np.uint8, comments=None, delimiter=",", ndmin=2)
        except MNISTError:
            raise
        except UserWarning as error:
            raise MNISTError(f"{_shown(path)}: expected rows of {CSV_COLUMNS} numbers, got none") from error
        except (ValueError, DeprecationWarning) as error:
            # loadtxt asks for one line at a time: the last one it was given is the one it cannot read.
            raise MNISTError(f"{_shown(path)}, line {number}: {_fault(line)}") from error
    return np.ascontiguousarray(table[:, 1:]).reshape(-1, 28, 28), table[:, 0].copy()


def load_npz(path):
    """The four arrays in an npz file with the keys that Keras gives them.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    train_images, train_labels, test_images, test_labels : ndarray of uint8
        Other types of integers are converted, as long as every value lies in 0…255.

    Raises
    ------
    MNISTError
        If the file is missing or damaged, or if an array is missing or does not hold whole numbers 0…255.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "tiny.npz")
    ...     np.savez(path, x_train=[[[0]]], y_train=[3], x_test=[[[255]]], y_test=[9])
    ...     load_npz(path)[3]
    array([9], dtype=uint8)
    """
    # Opened here, because np.load leaves a file of its own open when it cannot read it.
    with _naming(path, "an npz file"), open(path, "rb") as file:
        magic = file.read(2)
        if magic != b"PK":  # np.load would take it for a pickle, and say how to open it unsafely
            raise MNISTError(
                f"{_shown(path)}: expected an npz file, a zip archive that begins with the bytes 50 4b, "
                f"got {magic.hex(' ') or 'an empty file'}"
            )
        file.seek(0)
        archive = np.load(file, allow_pickle=False)
        missing = [key for key in NPZ_KEYS if key not in archive]
        if missing:
            raise MNISTError(
                f"{_shown(path)}: expected the arrays {', '.join(NPZ_KEYS)}, got "
                f"{', '.join(archive) or 'none'}: {', '.join(missing)} missing"
            )
        return tuple(_as_uint8(np.asarray(archive[key]), f"{_shown(path)}, {key}") for key in NPZ_KEYS)


def to_idx(array):
    """The bytes of an IDX file that holds an array: the inverse of notebook 1's `parse_idx`.

    Parameters
    ----------
    array : ndarray
        Of type uint8, int8, int16, int32, float32 or float64, in any memory layout and byte order.

    Returns
    -------
    raw : bytes

    Raises
    ------
    ValueError
        If the format has no code for the array's type.

    Examples
    --------
    >>> to_idx(np.array([7, 2, 1], dtype=np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 03 07 02 01'
    """
    header, body = _idx_parts(array)
    return header + body.tobytes()


def _idx_parts(array):
    """Header and body of an IDX file; the body shares the array's memory where it can."""
    array = np.asarray(array)
    for code, big_endian in IDX_TYPES.items():
        if array.dtype.newbyteorder(">") == np.dtype(big_endian):
            sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
            return bytes([0, 0, code, array.ndim]) + sizes, np.asarray(array, big_endian, order="C")
    known = ", ".join(np.dtype(big_endian).name for big_endian in IDX_TYPES.values())
    raise ValueError(f"an IDX file can hold {known}, got an array of {array.dtype}")


def _choose(directory):
    """The folder to read, and what to do if that fails."""
    if directory is not None:
        way_out = "Put the original files of MNIST into that folder, or leave the argument `directory` out"
        return Path(directory).expanduser(), way_out
    if "DIGITS_DATA_DIR" not in os.environ:
        return BUILT_IN, _RESTORE
    value = os.environ["DIGITS_DATA_DIR"]
    way_out = (
        f"The environment variable DIGITS_DATA_DIR={value!r} asks for this folder: put the original files of "
        "MNIST there, or unset the variable to use those of the repository"
    )
    if not value:  # Path("") would be the current folder
        raise MNISTNotFoundError(f"expected the path of a folder, got an empty one. {way_out}")
    return Path(value).expanduser(), way_out


def _find(folder):
    """Format and paths of the first complete set of files in the folder, see LAYOUTS."""
    if not folder.exists():
        raise MNISTNotFoundError(f"there is no folder {folder.absolute()}")
    if not folder.is_dir():
        raise MNISTError(f"expected a folder, but {folder.absolute()} is a file: give the folder it lies in")
    incomplete = []
    for form, files in LAYOUTS.items():
        found = [next(filter(Path.is_file, map(folder.joinpath, names)), None) for names in files]
        if all(found):
            return form, tuple(path.absolute() for path in found)
        if any(found):
            missing = [names[0] for names, path in zip(files, found, strict=True) if path is None]
            incomplete.append(f"{form} without {', '.join(missing)}")
    if incomplete:
        raise MNISTNotFoundError(f"{_shown(folder)} is incomplete: it holds {'; '.join(incomplete)}")
    known = "; ".join(f"{form} ({', '.join(names[0] for names in files)})" for form, files in LAYOUTS.items())
    raise MNISTNotFoundError(f"{_shown(folder)} holds no MNIST: expected {known}")


# Two sets of 55 MB each: the repository's and one's own.
@lru_cache(maxsize=2)
def _read_verified(form, paths, stamps, checksums):
    """The four arrays, read-only; `stamps` only tells one state of the files from another."""
    arrays = _read(form, paths)
    for (where, array), (name, shape), checksum in zip(arrays, SHAPES.items(), checksums, strict=True):
        _verify(where, array, name, shape, checksum)
        array.setflags(write=False)
    return tuple(array for where, array in arrays)


def _read(form, paths):
    """The four arrays in the order of SHAPES, each with words that say where it was found."""
    if form == IDX:
        return [(_shown(path), load_idx(path)) for path in paths]
    if form == NPZ:
        (path,) = paths
        return [(f"{_shown(path)}, {key}", a) for key, a in zip(NPZ_KEYS, load_npz(path), strict=True)]
    arrays = []
    for path in paths:
        images, labels = load_csv(path)
        arrays += [(f"{_shown(path)}, pixels", images), (f"{_shown(path)}, labels", labels)]
    return arrays


def _verify(where, array, name, shape, checksum):
    """Raise MNISTError unless this is the array of MNIST that belongs into the file `name`."""
    if array.shape != shape or array.dtype != np.uint8:
        kinds = {1: "labels", 3: "images"}
        raise MNISTError(
            f"{where}: expected {kinds[len(shape)]}, uint8 of shape {shape}, but this looks like "
            f"{kinds.get(array.ndim, 'neither images nor labels')}, {array.dtype} of shape {array.shape}; "
            "perhaps it has changed places with another, or was cut"
        )
    digest = hashlib.sha256()
    for part in _idx_parts(array):
        digest.update(part)
    if digest.hexdigest() != checksum:
        raise MNISTError(
            f"{where}: damaged, or not MNIST: expected the SHA-256 {checksum} ({name}, unzipped), "
            f"got {digest.hexdigest()}"
        )


def _checksums():
    """The SHA-256 of the four IDX files, in the order of SHAPES."""
    path = BUILT_IN / "SHA256SUMS"
    with _naming(path, "a list of checksums"):
        lines = re.findall(r"^([0-9a-f]{64})  (\S+)$", path.read_text(encoding="ascii"), re.MULTILINE)
    checksum_of = {name: checksum for checksum, name in lines}
    missing = [name for name in SHAPES if name not in checksum_of]
    if missing:
        raise MNISTError(f"{_shown(path)}: expected a checksum of {', '.join(missing)}, got none")
    return tuple(checksum_of[name] for name in SHAPES)


def _is_header(line):
    # Pixels are 0…255, so among 784 of them some are equal; names of columns are all different.
    fields = line.split(",")
    return len(fields) == CSV_COLUMNS == len(set(fields))


def _fault(line):
    """What is wrong with a line of CSV that has the right number of columns."""
    for column, value in enumerate(line.strip().split(","), start=1):
        if not re.fullmatch(r" *[0-9]{1,3} *", value) or int(value) > 255:
            return f"expected a whole number 0…255 in column {column}, got {value!r}"
    return f"expected {CSV_COLUMNS} whole numbers 0…255"


def _as_uint8(array, where):
    """The array as C-contiguous uint8, or an error if that would change a value."""
    if array.dtype.kind not in "iu":
        raise MNISTError(f"{where}: expected whole numbers 0…255, got an array of {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > 255):
        raise MNISTError(f"{where}: expected whole numbers 0…255, got {array.min()}…{array.max()}")
    return np.ascontiguousarray(array, dtype=np.uint8)


def _shown(path):
    """The path as messages show it: the same on all machines where it lies in the repository."""
    path = Path(os.path.abspath(path))
    for base in (REPOSITORY, Path.cwd()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(path)


@contextmanager
def _naming(path, kind):
    """Turn what goes wrong while a file is read into an MNISTError that names the file."""
    try:
        yield
    except MNISTError:
        raise
    except FileNotFoundError as error:
        raise MNISTNotFoundError(f"{_shown(path)} is missing: expected {kind}") from error
    except Exception as error:  # gzip, zipfile, zlib and NumPy have a dozen names for a damaged file
        raise MNISTError(f"{_shown(path)} cannot be read as {kind}: {error}") from error


@contextmanager
def _advice(way_out):
    """Add to an MNISTError what to do about it."""
    try:
        yield
    except MNISTError as error:
        raise type(error)(f"{error}. {way_out}") from error.__cause__
