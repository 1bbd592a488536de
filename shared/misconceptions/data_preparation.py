"""What goes wrong in notebook 1, data preparation."""

import numpy as np

from shared import promises
from shared.misconceptions import misconception, probe
from shared.reference import data_preparation as reference

_rng = np.random.default_rng(1)


# parse_idx


def _idx(type_code, array):
    """The bytes of an IDX file; the array's type is the stored one, big-endian."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, type_code, array.ndim]) + sizes + array.tobytes()


_bytes = _idx(0x08, _rng.integers(0, 256, (2, 3, 4)).astype(">u1"))
_labels = _idx(0x08, _rng.integers(0, 10, 5).astype(">u1"))
_shorts = _idx(0x0B, _rng.integers(-300, 300, (4, 3)).astype(">i2"))
_floats = _idx(0x0D, _rng.normal(0, 1, (3, 5)).astype(">f4"))
for _raw in (
    _bytes,
    _labels,
    _idx(0x09, np.array([[-128, -1], [0, 127], [5, -6]], dtype=">i1")),
    _shorts,
    _idx(0x0C, _rng.integers(-(2**31), 2**31, (2, 2, 3, 2)).astype(">i4")),
    _floats,
    _idx(0x0E, _rng.normal(0, 1, (2, 3)).astype(">f8")),
    _idx(0x08, np.zeros((0, 7), dtype=">u1")),
):
    probe(reference.parse_idx, _raw)
for _raw in (
    b"",
    b"\x00\x00\x08",
    b"\x1f\x8b" + _labels[2:],  # gzip's magic number
    b"\x00\x01" + _labels[2:],
    b"\x00\x00\x0a" + _labels[3:],
    _bytes[:7],
    _bytes[:14],
    _bytes[:16],
    _bytes[:-1],
    _bytes[:-12],
    _shorts[:-1],
    _bytes + b"\x00",
    _bytes + _bytes[-12:],
    _floats + b"\x00\x00\x00\x00",
):
    probe(reference.parse_idx, _raw)
for _raw in (_bytes, _shorts, _floats):
    probe(reference.parse_idx, _raw, promise=promises.own_array)
for _raw in (
    _idx(0x08, np.zeros((1, 2, 1, 2, 1, 2, 1), dtype=">u1")),
    _idx(0x08, np.zeros((300, 5), dtype=">u1")),
    _idx(0x08, np.zeros((70_000, 1), dtype=">u1")),
    b"\x00\x00\x08\x00\x07",  # no dimensions, one entry
    b"\x00\x00\x08\x00",
    b"\x00\x00\x08\x02\xff\xff\xff\xff\x00\x00\x00\x00",  # no entries, many rows
    b"\x00\x00\x08\x01\xff\xff\xff\xff" + bytes(5),  # 4,294,967,295, not -1
    b"\x00\x00\x01" + _bytes[3:],
    b"\x00\x00\x18" + _bytes[3:],
    _bytes[:15],
):
    probe(reference.parse_idx, _raw, costly=True)


@misconception(
    reference.parse_idx,
    "sizes read little-endian",
    "the sizes in the header are read with their lowest byte first",
    "which number are the four bytes 00 00 00 05, and which byte do you read first?",
)
def little_endian_sizes(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "little") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "entries read little-endian",
    "entries of more than one byte are read with their lowest byte first",
    "the sizes are big-endian; what about the entries of a file of int16?",
)
def little_endian_entries(raw):
    types = {0x08: "<u1", 0x09: "<i1", 0x0B: "<i2", 0x0C: "<i4", 0x0D: "<f4", 0x0E: "<f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "three dimensions assumed",
    "the header is taken to be 16 bytes long, as that of an image file is",
    "how long is the header of a file of labels, and which byte tells?",
)
def always_offset_16(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 16:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[16:]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(3)]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "type code ignored",
    "every file is read as uint8, whatever its type code says",
    "which byte of the header says how many bytes an entry has?",
)
def always_uint8(raw):
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw[4 + 4 * raw[3] :], np.uint8).reshape(shape).copy()


@misconception(
    reference.parse_idx,
    "signed bytes read as unsigned",
    "type code 0x09 is read as uint8",
    "what is the smallest number that a file of int8 can hold?",
)
def int8_as_uint8(raw):
    types = {0x08: ">u1", 0x09: ">u1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "read-only result",
    "the array still looks at the bytes, which nobody may change",
    "what does array.flags.writeable say after np.frombuffer, and which array is your own?",
)
def read_only(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


@misconception(
    reference.parse_idx,
    "big-endian type kept",
    "the array keeps the byte order of the file",
    "what does array.dtype.isnative say, and which method gives the same numbers in another type?",
)
def big_endian_kept(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(raw[4 + 4 * raw[3] :], types[raw[2]]).reshape(shape).copy()


@misconception(
    reference.parse_idx,
    "longer body accepted",
    "as many entries are read as the header says, and bytes behind them are ignored",
    "what should become of a file with bytes to spare?",
)
def longer_body_accepted(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    size = int(np.prod(shape))
    if len(body) < size * dtype.itemsize:
        raise ValueError("the body is too short")
    return np.frombuffer(body[: size * dtype.itemsize], dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "shorter body accepted",
    "entries that the body lacks are filled in",
    "which pixels does a file hold that was cut off in the middle?",
)
def shorter_body_filled(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    missing = int(np.prod(shape)) * dtype.itemsize - len(body)
    if missing < 0:
        raise ValueError("the body is too long")
    return np.frombuffer(body + bytes(missing), dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "first size not read",
    "the number of samples is taken from the length of the body, not from the header",
    "how would you notice that the last images are missing?",
)
def first_size_from_body(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(-1, *shape[1:]).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "zero bytes not checked",
    "the first two bytes may be anything",
    "how does a file of another format begin, and would you notice?",
)
def zeros_unchecked(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "unknown type not refused",
    "the type code is looked up without a look whether it is known",
    "which error does a dict raise for a key it does not have, and which one is promised?",
)
def key_error(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "unknown type read as uint8",
    "a type code that is not known counts as uint8",
    "what is known about the entries of a file whose type is not?",
)
def unknown_as_uint8(raw):
    types = {0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types.get(raw[2], ">u1")), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "no look at the length first",
    "bytes are taken by their index before anybody asks how many there are",
    "what is raw[2] of a file with two bytes?",
)
def index_error(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if raw[0] != 0 or raw[1] != 0 or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "cut header accepted",
    "sizes that the header has lost count as 0",
    "what does int.from_bytes give for no bytes at all?",
)
def cut_header_accepted(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "Fortran order",
    "the entries fill the array with the first index running fastest",
    "which two entries of an image lie next to each other in the file?",
)
def fortran_order(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape, order="F").astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "left flat",
    "the entries stay in a single row",
    "which shape does the header promise?",
)
def left_flat(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) < 4 + 4 * raw[3]:
        raise ValueError("not an IDX file")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    if len(body) != int(np.prod(shape)) * dtype.itemsize:
        raise ValueError("wrong length")
    return np.frombuffer(body, dtype).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "assert instead of raise",
    "bad bytes meet an assert",
    "which error does assert raise, and what is left of it under python -O?",
)
def asserted(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    assert len(raw) >= 4 and raw[:2] == b"\x00\x00" and raw[2] in types and len(raw) >= 4 + 4 * raw[3]
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    assert len(body) == int(np.prod(shape)) * dtype.itemsize
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


@misconception(
    reference.parse_idx,
    "empty array refused",
    "a file without entries counts as broken",
    "how many bytes does an array of shape (0, 7) take?",
)
def empty_refused(raw):
    types = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
    if len(raw) < 4 or raw[:2] != b"\x00\x00" or raw[2] not in types or len(raw) <= 4 + 4 * raw[3]:
        raise ValueError("no data")
    dtype, body = np.dtype(types[raw[2]]), raw[4 + 4 * raw[3] :]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return np.frombuffer(body, dtype).reshape(shape).astype(dtype.newbyteorder("="))


# scale_and_flatten

_images = _rng.integers(0, 256, (4, 3, 5), dtype=np.uint8)
# Another order of rounding is as good: dividing in float64, or multiplying by 1 / 255 in float32.
for _some in (_images, _images // 2, _images[:1], np.full((2, 2, 3), 255, dtype=np.uint8)):
    probe(reference.scale_and_flatten, _some, rtol=1e-6)
for _some in (_images.T, np.ones((2, 3, 1), dtype=np.uint8)):
    probe(reference.scale_and_flatten, _some, rtol=1e-6, costly=True)


@misconception(
    reference.scale_and_flatten,
    "divided by 256",
    "the pixels are divided by 256",
    "which number does the brightest pixel become?",
)
def by_256(images):
    return images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32) / 256


@misconception(
    reference.scale_and_flatten,
    "divided by the maximum",
    "the pixels are divided by the largest one that happens to be there",
    "does an image come out the same, whichever images stand beside it?",
)
def by_maximum(images):
    X = images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32)
    return X / X.max(initial=1)


@misconception(
    reference.scale_and_flatten,
    "each image by its own maximum",
    "each image is divided by its own brightest pixel",
    "how do you tell a faint image from a strong one afterwards?",
)
def by_own_maximum(images):
    X = images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32)
    return X / X.max(axis=1, keepdims=True, initial=1)


@misconception(
    reference.scale_and_flatten,
    "always float64",
    "uint8 divided by 255 becomes float64, and stays so",
    "which type has your result, and which is promised?",
)
def scaled_in_float64(images):
    return images.reshape(len(images), images.shape[1] * images.shape[2]) / 255


@misconception(
    reference.scale_and_flatten,
    "images as columns",
    "reshape gets the two sizes the other way round",
    "which pixels stand in row 0 of your result?",
)
def reshaped_to_columns(images):
    return images.reshape(images.shape[1] * images.shape[2], len(images)).astype(np.float32) / 255


@misconception(
    reference.scale_and_flatten,
    "images as columns",
    "the result is transposed: one image a column",
    "is a sample a row or a column in this course?",
)
def transposed_result(images):
    return images.reshape(len(images), images.shape[1] * images.shape[2]).T.astype(np.float32) / 255


@misconception(
    reference.scale_and_flatten,
    "pixels column by column",
    "the pixels of an image are taken column by column",
    "which pixel follows the first one, its neighbour to the right or the one below?",
)
def pixels_by_columns(images):
    rows = images.transpose(0, 2, 1).reshape(len(images), images.shape[1] * images.shape[2])
    return rows.astype(np.float32) / 255


@misconception(
    reference.scale_and_flatten,
    "Fortran order",
    "reshape runs through the array with the first index fastest",
    "do all pixels of row 0 come from the first image?",
)
def flattened_in_fortran_order(images):
    return images.reshape((len(images), images.shape[1] * images.shape[2]), order="F").astype(np.float32) / 255


@misconception(
    reference.scale_and_flatten,
    "integer division",
    "the pixels are divided with //",
    "what is 254 // 255?",
)
def integer_division(images):
    return (images.reshape(len(images), images.shape[1] * images.shape[2]) // 255).astype(np.float32)


@misconception(
    reference.scale_and_flatten,
    "back to uint8",
    "the quotient is written into uint8, which has no fractions",
    "which numbers between 0 and 1 can a uint8 hold?",
)
def back_to_uint8(images):
    return (images.reshape(len(images), images.shape[1] * images.shape[2]) / 255).astype(np.uint8)


@misconception(
    reference.scale_and_flatten,
    "bright pixels negative",
    "the bytes are taken for signed ones",
    "which number does a pixel of 200 become in an int8?",
)
def signed_bytes(images):
    return images.astype(np.int8).reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32) / 255


@misconception(
    reference.scale_and_flatten,
    "overflow in uint8",
    "the pixels are doubled while they still are bytes",
    "what is 2 * 200 in uint8?",
)
def overflow(images):
    X = images.reshape(len(images), images.shape[1] * images.shape[2])
    return (2 * X).astype(np.float32) / 510


@misconception(
    reference.scale_and_flatten,
    "scaled to −1…1",
    "the pixels are scaled to the interval from −1 to 1",
    "which number is promised for a black pixel?",
)
def to_minus_one(images):
    return images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32) / 127.5 - 1


@misconception(
    reference.scale_and_flatten,
    "not scaled",
    "the pixels stay between 0 and 255",
    "which number is promised for a white pixel?",
)
def not_scaled(images):
    return images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32)


@misconception(
    reference.scale_and_flatten,
    "not flattened",
    "the images keep their two dimensions",
    "how many dimensions does (m, h·w) have?",
)
def not_flattened(images):
    return images.astype(np.float32) / 255


@misconception(
    reference.scale_and_flatten,
    "all images in one row",
    "all images are strung together",
    "how many rows should four images give?",
)
def one_row(images):
    return images.ravel().astype(np.float32) / 255


# one_hot

_y = np.array([2, 0, 4, 2, 1])  # neither 3 nor 5, the largest of six
for _some in (_y, _y.astype(np.uint8), _y[:1], np.array([5, 3])):
    probe(reference.one_hot, _some, 6)
for _bad in ([0, 6], [0, -1, 2], [7], [-6, 0]):
    probe(reference.one_hot, np.array(_bad), 6)
probe(reference.one_hot, np.array([0, 255], dtype=np.uint8), 10)
_small_types = _rng.integers(0, 10, 60, dtype=np.uint8), 10  # 9 · 10 + 9 is no int8, 59 · 10 + 9 no uint8
_many_classes = np.array([299, 0, 130], dtype=np.int16), 300
for _some in (
    (np.arange(4), 4),
    (np.array([3, 1, 2, 0]), 4),
    (np.array([2, 0, 1]), 3),  # not symmetric
    _small_types,
    _many_classes,
    (np.array([2**16]), 10),
    (np.array([2**32]), 10),
):
    probe(reference.one_hot, *_some, costly=True)


@misconception(
    reference.one_hot,
    "classes counted in y",
    "the number of classes is read off the labels that happen to be there",
    "how many columns do you get for a batch without the last class?",
)
def classes_from_y(y, num_classes):
    if len(y) and (y.min() < 0 or y.max() >= num_classes):
        raise ValueError("label outside the classes")
    K = int(y.max(initial=0)) + 1
    return np.eye(K, dtype=np.float32)[y]


@misconception(
    reference.one_hot,
    "negative labels wrap around",
    "some label below 0 is let through",
    "which column is Y[0, -1]?",
)
def negative_wraps(y, num_classes):
    Y = np.zeros((len(y), num_classes), dtype=np.float32)
    if (y >= num_classes).any():
        raise ValueError("label too large")
    Y[np.arange(len(y)), y] = 1
    return Y


@misconception(
    reference.one_hot,
    "errors left to NumPy",
    "nobody looks at the labels before they serve as indices",
    "which error does an index that is too large raise, and does −1 raise one at all?",
)
def no_check(y, num_classes):
    Y = np.zeros((len(y), num_classes), dtype=np.float32)
    Y[np.arange(len(y)), y] = 1
    return Y


@misconception(
    reference.one_hot,
    "first bad label let through",
    "labels above num_classes are refused, but not num_classes itself",
    "with six classes, which is the largest label?",
)
def first_bad_label_let_through(y, num_classes):
    if (y < 0).any() or (y > num_classes).any():
        raise ValueError("label outside the classes")
    Y = np.zeros((len(y), num_classes), dtype=np.float32)
    Y[np.arange(len(y)), y] = 1
    return Y


@misconception(
    reference.one_hot,
    "bad labels give rows of zeros",
    "a label outside the classes matches none of them",
    "how many ones does each row have?",
)
def rows_of_zeros(y, num_classes):
    return (y[:, None] == np.arange(num_classes)).astype(np.float32)


@misconception(
    reference.one_hot,
    "bad labels clipped",
    "a label outside the classes is moved to the nearest one",
    "is a sample whose label is 12 an 8 or a 9, or is the file broken?",
)
def clipped_labels(y, num_classes):
    return np.eye(num_classes, dtype=np.float32)[np.clip(y, 0, num_classes - 1)]


@misconception(
    reference.one_hot,
    "last class refused",
    "the largest label allowed is refused too",
    "which label has the last of six classes?",
)
def last_class_refused(y, num_classes):
    if ((y < 0) | (y >= num_classes - 1)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[y]


@misconception(
    reference.one_hot,
    "always float64",
    "np.zeros or np.eye is called without a type",
    "which type does np.zeros give by default?",
)
def one_hot_in_float64(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes)[y]


@misconception(
    reference.one_hot,
    "integers returned",
    "the entries are integers",
    "which type is promised, and which one will the logarithm of a prediction have?",
)
def one_hot_in_int(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=int)[y]


@misconception(
    reference.one_hot,
    "booleans returned",
    "the comparison is returned as it is",
    "which type does == give?",
)
def one_hot_in_bool(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return y[:, None] == np.arange(num_classes)


@misconception(
    reference.one_hot,
    "shape not in a tuple",
    "np.zeros gets the second size where it expects the type",
    "how many arguments are the two sizes of np.zeros?",
)
def zeros_without_tuple(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    Y = np.zeros(len(y), num_classes)
    Y[np.arange(len(y)), y] = 1
    return Y


@misconception(
    reference.one_hot,
    "samples as columns",
    "the result is transposed: one sample a column",
    "is a sample a row or a column in this course?",
)
def one_hot_transposed(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[:, y]


@misconception(
    reference.one_hot,
    "whole columns set",
    "the labels choose columns, and every row gets a one there",
    "which row belongs to which label, and where does your index say so?",
)
def whole_columns(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    Y = np.zeros((len(y), num_classes), dtype=np.float32)
    Y[:, y] = 1
    return Y


@misconception(
    reference.one_hot,
    "classes counted from 1",
    "the label 1 gets the first column",
    "which label has the first column?",
)
def from_one(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[y.astype(int) - 1]


@misconception(
    reference.one_hot,
    "label instead of a one",
    "the label itself is written into its column",
    "what does each row sum to?",
)
def label_written(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.diag(np.arange(num_classes, dtype=np.float32))[y]


# train_validation_split

# Every row of X occurs once: which sample is where can be seen.
_X = _rng.permutation(103 * 3).reshape(103, 3).astype(np.float32)
_classes = _rng.integers(0, 10, 103)
for _promise in (promises.split, promises.repeatable, promises.afresh):
    probe(reference.train_validation_split, _X, _classes, 0.3, np.random.default_rng(3), promise=_promise)
# round: 2.5 to the even 2, 3.5 to the even 4
for _m, _fraction in ((10, 0.25), (14, 0.25), (103, 0.0), (103, 1.0), (30, 0.01), (7, 0.5), (103, 0.05), (103, 0.125)):
    _args = _X[:_m], _classes[:_m].astype(np.uint8), _fraction, np.random.default_rng(4)
    probe(reference.train_validation_split, *_args, promise=promises.split)
_other_samples = (
    _rng.integers(0, 256, (40, 2, 5), dtype=np.uint8),
    _rng.random((40, 3)),
    np.arange(40.0),
    np.zeros((40, 2), dtype=np.float32),  # equal ones with different labels
)
for _some, _fraction in (*((each, 0.2) for each in _other_samples), (_X, 1)):
    _args = _some, np.arange(len(_some)), _fraction, np.random.default_rng(4)
    probe(reference.train_validation_split, *_args, promise=promises.split, costly=True)


@misconception(
    reference.train_validation_split,
    "no shuffle",
    "the last samples become the validation part, in the order of the file",
    "what would the validation part hold if the file were sorted by label?",
)
def last_ones(X, y, validation_fraction, rng):
    cut = len(X) - round(len(X) * validation_fraction)
    return X[:cut], y[:cut], X[cut:], y[cut:]


@misconception(
    reference.train_validation_split,
    "no shuffle",
    "the first samples become the validation part, in the order of the file",
    "what would the validation part hold if the file were sorted by label?",
)
def first_ones(X, y, validation_fraction, rng):
    cut = round(len(X) * validation_fraction)
    return X[cut:], y[cut:], X[:cut], y[:cut]


@misconception(
    reference.train_validation_split,
    "shuffled inside the parts only",
    "the parts are cut first and shuffled then",
    "can the first sample of the file ever come into the validation part?",
)
def shuffled_after_the_cut(X, y, validation_fraction, rng):
    cut = len(X) - round(len(X) * validation_fraction)
    train, val = rng.permutation(cut), cut + rng.permutation(len(X) - cut)
    return X[train], y[train], X[val], y[val]


@misconception(
    reference.train_validation_split,
    "every n-th sample",
    "the validation samples are taken at equal distances",
    "what does your function draw from rng?",
)
def every_nth(X, y, validation_fraction, rng):
    cut = round(len(X) * validation_fraction)
    val = np.linspace(0, len(X) - 1, cut).astype(int)
    train = np.setdiff1d(np.arange(len(X)), val)
    return X[train], y[train], X[val], y[val]


@misconception(
    reference.train_validation_split,
    "X and y shuffled separately",
    "X and y are shuffled one after the other, each in an order of its own",
    "which label does the first image have after your shuffle?",
)
def shuffled_separately(X, y, validation_fraction, rng):
    cut = round(len(X) * validation_fraction)
    X, y = rng.permutation(X), rng.permutation(y)
    return X[cut:], y[cut:], X[:cut], y[:cut]


@misconception(
    reference.train_validation_split,
    "y not shuffled",
    "the order is applied to X alone",
    "which label does the first image have after your shuffle?",
)
def y_left_behind(X, y, validation_fraction, rng):
    cut = round(len(X) * validation_fraction)
    order = rng.permutation(len(X))
    return X[order[cut:]], y[cut:], X[order[:cut]], y[:cut]


@misconception(
    reference.train_validation_split,
    "cut off instead of rounded",
    "the number of validation samples is cut off, not rounded",
    "what are int(30.9) and round(30.9)?",
)
def int_not_round(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = int(len(X) * validation_fraction)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "rounded up",
    "the number of validation samples is rounded up",
    "what are np.ceil(30.1) and round(30.1)?",
)
def rounded_up(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = int(np.ceil(len(X) * validation_fraction))
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "training part rounded",
    "the training part is rounded, and validation gets what is left",
    "10 samples, a quarter for validation: what are round(2.5) and 10 - round(7.5)?",
)
def training_rounded(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = int((len(X) * (1 - validation_fraction)) + 0.5)
    return X[order[:cut]], y[order[:cut]], X[order[cut:]], y[order[cut:]]


@misconception(
    reference.train_validation_split,
    "half rounded up",
    "a half is always rounded up",
    "what does Python say to round(2.5)?",
)
def half_up(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = int(np.floor(len(X) * validation_fraction + 0.5))
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "parts swapped",
    "the smaller part is used for training",
    "to which part does the fraction belong?",
)
def parts_swapped(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return X[order[:cut]], y[order[:cut]], X[order[cut:]], y[order[cut:]]


@misconception(
    reference.train_validation_split,
    "values in another order",
    "the four values are returned as X_train, X_val, y_train, y_val",
    "in which order does the docstring name the four values?",
)
def order_of_sklearn(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return X[order[cut:]], X[order[:cut]], y[order[cut:]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "two values",
    "each part is returned as a pair",
    "how many names does the caller write to the left of the equals sign?",
)
def pairs_returned(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return (X[order[cut:]], y[order[cut:]]), (X[order[:cut]], y[order[:cut]])


@misconception(
    reference.train_validation_split,
    "training part is everything",
    "the validation samples are copied out, but stay in the training part",
    "what does the validation score say about samples that were trained on?",
)
def training_is_everything(X, y, validation_fraction, rng):
    val = rng.permutation(len(X))[: round(len(X) * validation_fraction)]
    return X, y, X[val], y[val]


@misconception(
    reference.train_validation_split,
    "two orders drawn",
    "the two parts are cut from two different orders",
    "can a sample be among the first of one order and among the last of another?",
)
def two_orders(X, y, validation_fraction, rng):
    cut = round(len(X) * validation_fraction)
    val, train = rng.permutation(len(X))[:cut], rng.permutation(len(X))[cut:]
    return X[train], y[train], X[val], y[val]


@misconception(
    reference.train_validation_split,
    "drawn with replacement",
    "the same sample can be drawn twice",
    "what does the argument replace of rng.choice mean, and what is its default?",
)
def with_replacement(X, y, validation_fraction, rng):
    val = rng.choice(len(X), round(len(X) * validation_fraction))
    train = np.setdiff1d(np.arange(len(X)), val)
    return X[train], y[train], X[val], y[val]


@misconception(
    reference.train_validation_split,
    "size left to chance",
    "each sample is dealt by a coin of its own",
    "how many heads do 100 coins show?",
)
def coin_for_each(X, y, validation_fraction, rng):
    val = rng.random(len(X)) < validation_fraction
    return X[~val], y[~val], X[val], y[val]


@misconception(
    reference.train_validation_split,
    "randomness not from rng",
    "the order comes from np.random or from Python's random, not from rng",
    "why does the caller pass a generator?",
)
def global_randomness(X, y, validation_fraction, rng):
    order = np.random.permutation(len(X))  # noqa: NPY002
    cut = round(len(X) * validation_fraction)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "randomness not from rng",
    "the order comes from np.random or from Python's random, not from rng",
    "why does the caller pass a generator?",
)
def randomness_of_python(X, y, validation_fraction, rng):
    import random

    order = random.sample(range(len(X)), len(X))
    cut = round(len(X) * validation_fraction)
    val, train = np.array(order[:cut], dtype=int), np.array(order[cut:], dtype=int)
    return X[train], y[train], X[val], y[val]


@misconception(
    reference.train_validation_split,
    "seed of its own",
    "a fixed seed takes the place of rng, or an order is kept from an earlier call",
    "what does the caller have to do to get another split?",
)
def own_seed(X, y, validation_fraction, rng):
    order = np.random.default_rng(0).permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "copy of rng",
    "the order is drawn from a copy of rng, so that the caller's own generator stays where it was",
    "what does the same generator draw in the next call?",
)
def split_from_a_copy(X, y, validation_fraction, rng):
    import copy

    order = copy.deepcopy(rng).permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "rotated, not shuffled",
    "the samples keep their order, and only where it begins is drawn",
    "how many orders can np.roll make, and how many are there?",
)
def rolled_split(X, y, validation_fraction, rng):
    order = np.roll(np.arange(len(X)), rng.integers(len(X)))
    cut = round(len(X) * validation_fraction)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "fraction taken for a percentage",
    "the fraction is divided by 100",
    "how much is a validation_fraction of 1?",
)
def percentage(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = round(len(X) * validation_fraction / 100)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "shuffled in place",
    "the caller's own X and y are put into a new order",
    "what does rng.shuffle(X) or X[:] = … do to the array that was passed in?",
)
def split_in_place(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    cut = round(len(X) * validation_fraction)
    return X[cut:], y[cut:], X[:cut], y[:cut]


@misconception(
    reference.train_validation_split,
    "cut at minus zero",
    "the validation part is order[-n:], even where n is 0",
    "what is order[-0:]?",
)
def minus_zero(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    n = round(len(X) * validation_fraction)
    return X[order[:-n]], y[order[:-n]], X[order[-n:]], y[order[-n:]]


@misconception(
    reference.train_validation_split,
    "at least one sample",
    "the validation part always gets a sample",
    "what may a caller want who passes a fraction of 0?",
)
def at_least_one(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = max(1, round(len(X) * validation_fraction))
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


@misconception(
    reference.train_validation_split,
    "one sample lost",
    "the training part begins one sample behind the cut",
    "in which part is order[n] if one ends before it and the other begins behind it?",
)
def one_lost(X, y, validation_fraction, rng):
    order = rng.permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return X[order[cut + 1 :]], y[order[cut + 1 :]], X[order[:cut]], y[order[:cut]]


# minibatches

_Y = np.eye(10, dtype=np.float32)[_classes]
for _promise in (promises.batches, promises.repeatable, promises.afresh):
    probe(reference.minibatches, _X, _Y, 10, np.random.default_rng(5), promise=_promise)
for _m, _batch_size in ((20, 5), (21, 5), (7, 10), (12, 12), (13, 1), (1, 4)):
    _args = _X[:_m], _classes[:_m], _batch_size, np.random.default_rng(6)
    probe(reference.minibatches, *_args, promise=promises.batches)
for _some in _other_samples:
    _args = _some, np.arange(len(_some)), 9, np.random.default_rng(6)
    probe(reference.minibatches, *_args, promise=promises.batches, costly=True)


@misconception(
    reference.minibatches,
    "last batch dropped",
    "only whole batches are given",
    "103 samples in batches of 10: which samples does this epoch never see?",
)
def last_dropped(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in range(len(X) // batch_size):
        batch = order[i * batch_size : (i + 1) * batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "last batch filled up",
    "the last batch is filled up with samples from the beginning",
    "how often does each sample count in this epoch?",
)
def last_filled_up(X, Y, batch_size, rng):
    order = np.resize(rng.permutation(len(X)), -(-len(X) // batch_size) * batch_size)
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "last batch overlaps",
    "the last batch is the last batch_size samples, some of which came before",
    "how often does each sample count in this epoch?",
)
def last_overlaps(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        start = max(0, min(start, len(X) - batch_size))
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "empty last batch",
    "there is always one batch more than whole ones",
    "20 samples in batches of 5: what is left for a fifth batch?",
)
def empty_last(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in range(len(X) // batch_size + 1):
        batch = order[i * batch_size : (i + 1) * batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "rest added to the last batch",
    "what is left over goes into the last whole batch",
    "how many samples may a batch have at most?",
)
def rest_added(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    count = max(1, len(X) // batch_size)
    for i in range(count):
        batch = order[i * batch_size : (i + 1) * batch_size if i < count - 1 else None]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "shorter batch first",
    "the batches are counted from the end, so that the first one is short",
    "which batch is promised to be the shorter one?",
)
def shorter_first(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    first = len(X) % batch_size or batch_size
    for start in range(first - batch_size, len(X), batch_size):
        batch = order[max(start, 0) : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "batches of about the same size",
    "np.array_split makes all batches about equally large",
    "how many samples has each batch but the last?",
)
def about_the_same(X, Y, batch_size, rng):
    for batch in np.array_split(rng.permutation(len(X)), -(-len(X) // batch_size)):
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "batch size taken for their number",
    "the samples are cut into batch_size parts",
    "is batch_size the number of batches or of samples in one?",
)
def number_of_batches(X, Y, batch_size, rng):
    for batch in np.array_split(rng.permutation(len(X)), batch_size):
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "one sample too many",
    "each batch has one sample more than it should",
    "how many samples are order[0:n]?",
)
def one_too_many(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size + 1):
        batch = order[start : start + batch_size + 1]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "one sample too few",
    "the last sample of each batch is left out",
    "does order[a:b] contain order[b]?",
)
def one_too_few(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size - 1]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "batches overlap by one",
    "each batch begins with the next one's first sample at its end",
    "in which batch is the sample order[batch_size]?",
)
def overlap_by_one(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size + 1]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "no shuffle",
    "the samples are taken in the order of X",
    "what is in the first batch if X is sorted by class?",
)
def no_shuffle(X, Y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], Y[start : start + batch_size]


@misconception(
    reference.minibatches,
    "batches shuffled, not samples",
    "the samples are cut into batches first, and the batches are shuffled",
    "can the first and the last sample of X ever come into one batch?",
)
def batches_shuffled(X, Y, batch_size, rng):
    whole = len(X) // batch_size * batch_size
    starts = [*rng.permutation(np.arange(0, whole, batch_size)), *range(whole, len(X), batch_size)]
    for start in starts:
        yield X[start : start + batch_size], Y[start : start + batch_size]


@misconception(
    reference.minibatches,
    "shuffled inside the batches only",
    "the samples are cut into batches first, and each batch is shuffled",
    "can the first and the last sample of X ever come into one batch?",
)
def shuffled_inside(X, Y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        batch = start + rng.permutation(min(batch_size, len(X) - start))
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "seed of its own",
    "a fixed seed takes the place of rng, or an order is kept from an earlier call",
    "in what do two epochs differ then?",
)
def same_order_every_call(X, Y, batch_size, rng):
    order = np.random.default_rng(0).permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "randomness not from rng",
    "the order comes from np.random or from Python's random, not from rng",
    "why does the caller pass a generator?",
)
def order_from_global_randomness(X, Y, batch_size, rng):
    order = np.random.permutation(len(X))  # noqa: NPY002
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "randomness not from rng",
    "the order comes from np.random or from Python's random, not from rng",
    "why does the caller pass a generator?",
)
def order_from_python(X, Y, batch_size, rng):
    import random

    order = list(range(len(X)))
    random.shuffle(order)
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "copy of rng",
    "the order is drawn from a copy of rng, so that the caller's own generator stays where it was",
    "what does the same generator draw in the next call?",
)
def order_from_a_copy(X, Y, batch_size, rng):
    import copy

    order = copy.deepcopy(rng).permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "rotated, not shuffled",
    "the samples keep their order, and only where it begins is drawn",
    "how many orders can np.roll make, and how many are there?",
)
def rolled_order(X, Y, batch_size, rng):
    order = np.roll(np.arange(len(X)), rng.integers(len(X)))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "drawn with replacement",
    "each batch is drawn from all samples again",
    "can a sample come twice in an epoch, and can one never come?",
)
def every_batch_from_all(X, Y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        batch = rng.choice(len(X), min(batch_size, len(X) - start))
        yield X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "X and Y shuffled separately",
    "X and Y are shuffled one after the other, each in an order of its own",
    "which label does the first image of a batch have?",
)
def two_shuffles(X, Y, batch_size, rng):
    X, Y = rng.permutation(X), rng.permutation(Y)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], Y[start : start + batch_size]


@misconception(
    reference.minibatches,
    "Y not shuffled",
    "the order is applied to X alone",
    "which label does the first image of a batch have?",
)
def labels_left_behind(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], Y[start : start + batch_size]


@misconception(
    reference.minibatches,
    "shuffled in place",
    "the caller's own X and Y are put into a new order",
    "what does rng.shuffle(X) or X[:] = … do to the array that was passed in?",
)
def batches_in_place(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], Y[:] = X[order], Y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], Y[start : start + batch_size]


@misconception(
    reference.minibatches,
    "first batch only",
    "return ends the function at the first batch",
    "what happens to a loop when return is reached in it?",
)
def first_batch_only(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        return X[batch], Y[batch]


@misconception(
    reference.minibatches,
    "batches of X and Y apart",
    "all batches of X are returned, and all of Y, in two lists",
    "what does a loop `for Xb, Yb in …` take at each turn?",
)
def two_lists(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    starts = range(0, len(X), batch_size)
    Xs = [X[order[start : start + batch_size]] for start in starts]
    Ys = [Y[order[start : start + batch_size]] for start in starts]
    return Xs, Ys


# to_columns

_wide = _rng.normal(0, 1, (4, 6))
for _some in (_wide, _wide.astype(np.float32), _wide[:1], np.arange(6).reshape(3, 2), np.arange(4.0).reshape(2, 2)):
    probe(reference.to_columns, _some)


@misconception(
    reference.to_columns,
    "reshaped, not transposed",
    "reshape fills the new shape with the entries in their old order",
    "which entries of X stand in column 0 of your result?",
)
def reshaped(X):
    return X.reshape(X.shape[1], X.shape[0])


@misconception(
    reference.to_columns,
    "rows kept",
    "X is returned as it is, or with its entries moved in memory only",
    "which shape is promised, and which has your result?",
)
def rows_kept(X):
    return X


@misconception(
    reference.to_columns,
    "rows kept",
    "X is returned as it is, or with its entries moved in memory only",
    "which shape is promised, and which has your result?",
)
def memory_order_only(X):
    return np.asfortranarray(X)


@misconception(
    reference.to_columns,
    "turned by a quarter",
    "the array is rotated, so that one axis is reversed",
    "which sample stands in the first column?",
)
def rotated(X):
    return np.rot90(X)


@misconception(
    reference.to_columns,
    "samples in reverse",
    "the last sample comes first",
    "which sample stands in the first column?",
)
def reversed_samples(X):
    return X[::-1].T


@misconception(
    reference.to_columns,
    "one long column",
    "all samples are put under each other",
    "how many columns should four samples give?",
)
def one_long_column(X):
    return X.reshape(-1, 1)


@misconception(
    reference.to_columns,
    "a column for each row",
    "each sample becomes a matrix with one column",
    "how many dimensions has your result?",
)
def stack_of_columns(X):
    return X[:, :, None]


@misconception(
    reference.to_columns,
    "list of columns",
    "a list of arrays is returned",
    "of which type is your result?",
)
def list_of_rows(X):
    return list(X.T)


@misconception(
    reference.to_columns,
    "always float64",
    "the entries are written into an array without a type",
    "which type does np.zeros give by default?",
)
def columns_in_float64(X):
    columns = np.zeros((X.shape[1], X.shape[0]))
    columns[:] = X.T
    return columns


# one_hot_columns

for _some in (_y, _y.astype(np.uint8), _y[:1], np.array([5, 3]), np.array([0, 2, 1, 4, 3, 5])):
    probe(reference.one_hot_columns, _some, 6)
for _bad in ([0, 6], [0, -1, 2], [7], [-6, 0]):
    probe(reference.one_hot_columns, np.array(_bad), 6)
for _some in ((np.array([2, 0, 1]), 3), (np.array([0, 0, 0]), 1), _small_types, _many_classes):
    probe(reference.one_hot_columns, *_some, costly=True)


@misconception(
    reference.one_hot_columns,
    "samples as rows",
    "the result has the layout of one_hot",
    "is a sample a row or a column here?",
)
def still_rows(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[y]


@misconception(
    reference.one_hot_columns,
    "reshaped, not transposed",
    "reshape fills the new shape with the entries in their old order",
    "what does each column of your result sum to?",
)
def reshaped_one_hot(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[y].reshape(num_classes, len(y))


@misconception(
    reference.one_hot_columns,
    "indices not swapped",
    "the array has the new shape, but the ones are written at [sample, class]",
    "which index of Y runs over the classes now?",
)
def indices_not_swapped(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    Y = np.zeros((num_classes, len(y)), dtype=np.float32)
    Y[np.arange(len(y)), y] = 1
    return Y


@misconception(
    reference.one_hot_columns,
    "whole rows set",
    "the labels choose rows, and every column gets a one there",
    "which column belongs to which label, and where does your index say so?",
)
def whole_rows(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    Y = np.zeros((num_classes, len(y)), dtype=np.float32)
    Y[y] = 1
    return Y


@misconception(
    reference.one_hot_columns,
    "classes counted in y",
    "the number of classes is read off the labels that happen to be there",
    "how many rows do you get for a batch without the last class?",
)
def columns_with_classes_from_y(y, num_classes):
    if len(y) and (y.min() < 0 or y.max() >= num_classes):
        raise ValueError("label outside the classes")
    return np.eye(int(y.max(initial=0)) + 1, dtype=np.float32)[:, y]


@misconception(
    reference.one_hot_columns,
    "negative labels wrap around",
    "some label below 0 is let through",
    "which row is Y[-1]?",
)
def columns_negative_wraps(y, num_classes):
    if (y >= num_classes).any():
        raise ValueError("label too large")
    return np.eye(num_classes, dtype=np.float32)[:, y]


@misconception(
    reference.one_hot_columns,
    "errors left to NumPy",
    "nobody looks at the labels before they serve as indices",
    "which error does an index that is too large raise, and does −1 raise one at all?",
)
def columns_without_check(y, num_classes):
    return np.eye(num_classes, dtype=np.float32)[:, y]


@misconception(
    reference.one_hot_columns,
    "bad labels give columns of zeros",
    "a label outside the classes matches none of them",
    "how many ones does each column have?",
)
def columns_of_zeros(y, num_classes):
    return (np.arange(num_classes)[:, None] == y).astype(np.float32)


@misconception(
    reference.one_hot_columns,
    "always float64",
    "np.zeros or np.eye is called without a type",
    "which type does np.zeros give by default?",
)
def one_hot_columns_in_float64(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes)[:, y]


@misconception(
    reference.one_hot_columns,
    "integers returned",
    "the entries are integers",
    "which type is promised?",
)
def one_hot_columns_in_int(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=int)[:, y]


# accuracy

_P = _rng.dirichlet(np.ones(5), 12)
_truth = np.where(_rng.random(12) < 0.6, _P.argmax(axis=1), _rng.integers(0, 5, 12))
for _some in (
    (_truth, _P),
    (_truth[:7].astype(np.uint8), _P[:7].astype(np.float32)),
    (np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])),
    (np.array([2, 0]), np.array([[0.4, 0.3, 0.3], [0.4, 0.35, 0.25]])),
    (np.array([0, 1, 2]), np.eye(3)),
    (np.array([1, 0]), np.eye(2)),
):
    probe(reference.accuracy, *_some, rtol=1e-6)
for _some in (
    (np.array([0, 1, 1]), np.eye(3)[[1, 1, 0]]),
    (_rng.integers(0, 3, 40), _rng.normal(0, 1, (40, 3))),
    (np.zeros(300, dtype=np.uint8), np.eye(2)[np.zeros(300, dtype=int)]),
    (np.array([256]), np.eye(257)[[0]]),
):
    probe(reference.accuracy, *_some, rtol=1e-6, costly=True)


@misconception(
    reference.accuracy,
    "percentage",
    "the share is multiplied by 100",
    "how large can a fraction be?",
)
def as_percentage(y, P):
    return 100 * float(np.mean(P.argmax(axis=1) == y))


@misconception(
    reference.accuracy,
    "count instead of fraction",
    "the right answers are counted, but not divided by the number of samples",
    "how large can a fraction be?",
)
def as_count(y, P):
    return float(np.sum(P.argmax(axis=1) == y))


@misconception(
    reference.accuracy,
    "error rate",
    "the wrong answers are counted",
    "what should a perfect model get?",
)
def error_rate(y, P):
    return float(np.mean(P.argmax(axis=1) != y))


@misconception(
    reference.accuracy,
    "wrong axis",
    "argmax runs down each column",
    "which axis runs along the classes of one sample?",
)
def accuracy_wrong_axis(y, P):
    return float(np.mean(P.argmax(axis=0) == y))


@misconception(
    reference.accuracy,
    "argmax without an axis",
    "argmax looks for one place in the whole of P",
    "how many predictions does P.argmax() give?",
)
def accuracy_without_axis(y, P):
    return float(np.mean(P.argmax() == y))


@misconception(
    reference.accuracy,
    "all entries compared",
    "one-hot rows are compared entry by entry, so that zeros that agree count as hits",
    "how many entries of two different one-hot rows are equal?",
)
def entries_compared(y, P):
    K = P.shape[1]
    return float(np.mean(np.eye(K)[P.argmax(axis=1)] == np.eye(K)[y]))


@misconception(
    reference.accuracy,
    "labels of the samples before",
    "each prediction is compared with the label of the sample before",
    "does y[0] belong to P[0] where the comparison is made?",
)
def labels_shifted(y, P):
    return float(np.mean(P.argmax(axis=1) == np.roll(y, 1)))


@misconception(
    reference.accuracy,
    "labels in reverse",
    "the labels come in reverse order",
    "does y[0] belong to P[0] where the comparison is made?",
)
def labels_reversed(y, P):
    return float(np.mean(P.argmax(axis=1) == y[::-1]))


@misconception(
    reference.accuracy,
    "labels sorted",
    "the labels are sorted before the comparison",
    "does y[0] belong to P[0] where the comparison is made?",
)
def labels_sorted(y, P):
    return float(np.mean(P.argmax(axis=1) == np.sort(y)))


@misconception(
    reference.accuracy,
    "classes counted, not samples",
    "only how often each class occurs is compared",
    "does a model score that finds the right number of sevens in the wrong images?",
)
def classes_counted(y, P):
    K = P.shape[1]
    common = np.minimum(np.bincount(P.argmax(axis=1), minlength=K), np.bincount(y, minlength=K))
    return float(common.sum() / len(y))


@misconception(
    reference.accuracy,
    "more than one half asked for",
    "only a probability above 0.5 counts as an answer",
    "which class is predicted from 0.4, 0.3 and 0.3?",
)
def above_one_half(y, P):
    return float(np.mean(P[np.arange(len(y)), y] > 0.5))


@misconception(
    reference.accuracy,
    "mean probability",
    "the probabilities of the labels are averaged",
    "does it matter for the accuracy how sure a right answer is?",
)
def mean_probability(y, P):
    return float(np.mean(P[np.arange(len(y)), y]))


@misconception(
    reference.accuracy,
    "integer division",
    "the hits are divided with //, or all() takes the place of the mean",
    "what is 7 // 12?",
)
def whole_hits(y, P):
    return float(np.sum(P.argmax(axis=1) == y) // len(y))


@misconception(
    reference.accuracy,
    "divided by the classes",
    "the hits are divided by the number of classes",
    "what is P.shape[1], and what should the hits be divided by?",
)
def divided_by_classes(y, P):
    return float(np.sum(P.argmax(axis=1) == y) / P.shape[1])


@misconception(
    reference.accuracy,
    "hits not averaged",
    "the comparison is returned as it is, one truth value a sample",
    "how many numbers are promised?",
)
def not_averaged(y, P):
    return P.argmax(axis=1) == y
