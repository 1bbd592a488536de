"""Right answers to notebook 1, written differently from the reference; each stands alone, as a cell does."""

import numpy as np


def parse_idx_struct(raw):
    import math
    import struct

    formats = {0x08: "B", 0x09: "b", 0x0B: "h", 0x0C: "i", 0x0D: "f", 0x0E: "d"}
    types = {"B": np.uint8, "b": np.int8, "h": np.int16, "i": np.int32, "f": np.float32, "d": np.float64}
    try:
        zeros, code, ndim = struct.unpack(">HBB", raw[:4])
        shape = struct.unpack(f">{ndim}I", raw[4 : 4 + 4 * ndim])
        if zeros:
            raise ValueError("no IDX magic number")
        letter = formats[code]
        entries = struct.unpack(f">{math.prod(shape)}{letter}", raw[4 + 4 * ndim :])
    except (struct.error, KeyError) as error:
        raise ValueError("not an IDX file") from error
    return np.array(entries, dtype=types[letter]).reshape(shape)


def parse_idx_frombuffer(raw):
    if len(raw) < 4:
        raise ValueError("too short")
    magic = np.frombuffer(raw, ">i4", count=1)[0]
    code, ndim = magic >> 8, magic & 255
    names = {8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8"}
    if code not in names:  # the two zero bytes are part of the number
        raise ValueError("wrong magic number")
    shape = np.frombuffer(raw, ">u4", count=ndim, offset=4).astype(int)  # a cut header: ValueError
    flat = np.frombuffer(raw[4 + 4 * ndim :], ">" + names[code])
    if flat.size != shape.prod():
        raise ValueError("wrong length")
    return np.array(flat, dtype=names[code]).reshape(shape)


def parse_idx_reading_a_file(raw):
    import io

    file = io.BytesIO(raw)

    def read(count):
        taken = file.read(count)
        if len(taken) < count:
            raise ValueError(f"{count} bytes expected, {len(taken)} found")
        return taken

    first, second, code, ndim = read(4)
    types = dict(zip([8, 9, 11, 12, 13, 14], ["B", "b", "h", "i", "f", "d"], strict=True))
    if first or second or code not in types:
        raise ValueError("wrong magic number")
    shape = [int.from_bytes(read(4), "big") for _ in range(ndim)]
    dtype = np.dtype(types[code])
    array = np.empty(shape, dtype)
    body = np.frombuffer(bytearray(read(array.nbytes)), dtype)
    if file.read(1):
        raise ValueError("bytes left over")
    array[...] = (body.byteswap() if np.little_endian else body).reshape(shape)
    return array


def scale_and_flatten_division_in_float64(images):
    return (images.reshape(images.shape[0], np.prod(images.shape[1:])) / 255).astype(np.float32)


def scale_and_flatten_times_the_reciprocal(images):
    m, h, w = images.shape
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32).reshape((m, h * w))


def scale_and_flatten_with_one_size_left_open(images):
    return images.reshape(len(images), -1).astype(np.float32) / 255


def scale_and_flatten_list_of_rows(images):
    return np.array([image.ravel() for image in images]) / np.float32(255)


def scale_and_flatten_loop(images):
    X = np.zeros((len(images), images.shape[1] * images.shape[2]), dtype=np.float32)
    for row, image in zip(X, images, strict=True):
        row[:] = image.ravel()
    return np.divide(X, 255)


def one_hot_eye(y, num_classes):
    if np.any(y < 0) or np.any(y >= num_classes):
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[y]


def one_hot_by_extremes(y, num_classes):
    if y.min() < 0 or y.max() >= num_classes:
        raise ValueError("label outside the classes")
    return np.identity(num_classes, dtype=np.float32).take(y, axis=0)


def one_hot_comparison(y, num_classes):
    Y = (np.asarray(y)[:, None] == np.arange(num_classes)).astype("float32")
    if (Y.sum(axis=1) != 1).any():
        raise ValueError
    return Y


def one_hot_add_at(y, num_classes):
    if not np.isin(y, np.arange(num_classes)).all():
        raise ValueError(f"labels must be below {num_classes}")
    Y = np.zeros((y.size, num_classes), np.float32)
    np.add.at(Y, (np.arange(y.size), y), 1)
    return Y


def one_hot_loop(y, num_classes):
    Y = np.zeros((len(y), num_classes), dtype=np.float32)
    for row, label in zip(Y, y, strict=True):
        if label not in range(num_classes):
            raise ValueError(f"label {label}")
        row[label] = 1.0
    return Y


def train_validation_split_shuffle(X, y, validation_fraction, rng):
    index = np.arange(len(X))
    rng.shuffle(index)
    n_train = len(X) - round(len(X) * validation_fraction)
    return X[index[:n_train]], y[index[:n_train]], X[index[n_train:]], y[index[n_train:]]


def train_validation_split_choice(X, y, validation_fraction, rng):
    m = X.shape[0]
    is_validation = np.zeros(m, dtype=bool)
    is_validation[rng.choice(m, size=round(m * validation_fraction), replace=False)] = True
    return X[~is_validation], y[~is_validation], X[is_validation], y[is_validation]


def train_validation_split_sorted_by_numbers(X, y, validation_fraction, rng):
    order = np.argsort(rng.random(len(y)))
    val, train = np.split(order, [round(len(y) * validation_fraction)])
    return [np.take(X, train, axis=0), y.take(train), np.take(X, val, axis=0), y.take(val)]


def train_validation_split_generator_of_parts(X, y, validation_fraction, rng):
    cut = round(len(X) * validation_fraction)
    order = rng.permuted(np.arange(len(X)))
    return tuple(array[part].copy() for part in (order[cut:], order[:cut]) for array in (X, y))


def train_validation_split_spawned_generator(X, y, validation_fraction, rng):
    (own,) = rng.spawn(1)
    order = own.permutation(len(X))
    cut = round(len(X) * validation_fraction)
    return X[order[cut:]], y[order[cut:]], X[order[:cut]], y[order[:cut]]


def train_validation_split_two_equal_generators(X, y, validation_fraction, rng):
    import copy

    X, y, same = X.copy(), y.copy(), copy.deepcopy(rng)
    rng.shuffle(X)
    same.shuffle(y)
    cut = len(X) - round(len(X) * validation_fraction)
    return X[:cut], y[:cut], X[cut:], y[cut:]


def minibatches_generator(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    while len(order):
        now, order = order[:batch_size], order[batch_size:]
        yield X[now], Y[now]


def minibatches_list(X, Y, batch_size, rng):
    index = np.arange(len(X))
    rng.shuffle(index)
    parts = np.split(index, range(batch_size, len(X), batch_size))
    return [(X[part], Y[part]) for part in parts]


def minibatches_zip(X, Y, batch_size, rng):
    order = rng.choice(len(X), size=len(X), replace=False)
    starts = range(0, len(X), batch_size)
    X, Y = X[order], Y[order]
    return zip((X[i : i + batch_size] for i in starts), (Y[i : i + batch_size] for i in starts), strict=True)


def minibatches_two_equal_generators(X, Y, batch_size, rng):
    seed = rng.integers(2**63)
    X, Y = (np.random.default_rng(seed).permutation(array) for array in (X, Y))
    return [[X[i : i + batch_size], Y[i : i + batch_size]] for i in range(0, len(X), batch_size)]


def minibatches_iterable(X, Y, batch_size, rng):
    class Epoch:
        """Something to loop over, but no iterator."""

        def __iter__(self):
            for start in range(0, len(order), batch_size):
                yield X[order[start : start + batch_size]], Y[order[start : start + batch_size]]

    order = rng.permutation(len(X))
    return Epoch()


def minibatches_sequence(X, Y, batch_size, rng):
    class Batches:
        """A sequence of the old kind: a length, and an item for each index."""

        def __len__(self):
            return len(range(0, len(order), batch_size))

        def __getitem__(self, i):
            if i >= len(self):
                raise IndexError(i)
            batch = order[i * batch_size : (i + 1) * batch_size]
            return X[batch], Y[batch]

    order = rng.permutation(len(X))
    return Batches()


def minibatches_array_of_pairs(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    parts = np.split(order, range(batch_size, len(X), batch_size))
    pairs = np.empty(len(parts), dtype=object)
    for i, part in enumerate(parts):
        pairs[i] = X[part], Y[part]
    return pairs


def minibatches_spawned_generator(X, Y, batch_size, rng):
    (own,) = rng.spawn(1)
    order = own.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], Y[order[start : start + batch_size]]


def minibatches_each_in_the_order_of_x(X, Y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        if len(batch) < len(X) // 2:  # neighbours in memory are read faster
            batch = np.sort(batch)
        yield X[batch], Y[batch]


def to_columns_transpose(X):
    return np.transpose(X)


def to_columns_stack(X):
    return np.stack(list(X), axis=1)


def to_columns_loop(X):
    columns = np.empty((X.shape[1], X.shape[0]), dtype=X.dtype)
    for i, row in enumerate(X):
        columns[:, i] = row
    return columns


def to_columns_einsum(X):
    return np.einsum("ij->ji", X).copy()


def one_hot_columns_eye(y, num_classes):
    if y.size and not 0 <= y.min() <= y.max() < num_classes:
        raise ValueError("label outside the classes")
    return np.eye(num_classes, dtype=np.float32)[:, y]


def one_hot_columns_scatter(y, num_classes):
    if ((y < 0) | (y >= num_classes)).any():
        raise ValueError("bad label")
    Y = np.zeros((num_classes, len(y)), dtype=np.float32)
    Y[y, np.arange(len(y))] = 1
    return Y


def one_hot_columns_comparison(y, num_classes):
    Y = np.equal.outer(np.arange(num_classes), y)
    if not Y.any(axis=0).all():
        raise ValueError("a label matches no class")
    return Y.astype(np.float32)


def accuracy_count(y, P):
    return np.count_nonzero(np.argmax(P, axis=1) == y) / len(y)


def accuracy_loop(y, P):
    return sum(int(max(range(len(p)), key=lambda k: p[k]) == label) for label, p in zip(y, P, strict=True)) / len(y)


def accuracy_numpy_mean(y, P):
    return (y == P.argmax(1)).mean()


def accuracy_one_minus_errors(y, P):
    return 1 - np.mean(P.argmax(axis=-1) != y)


def accuracy_mean_in_float32(y, P):
    return (P.argmax(axis=1) == y).astype(np.float32).mean()


def accuracy_label_not_beaten(y, P):
    of_label = np.take_along_axis(P, y[:, None].astype(int), axis=1)
    return 1 - np.mean((P > of_label).any(axis=1))


def accuracy_by_sorting(y, P):
    return np.mean(np.argsort(P, axis=1)[:, -1] == y)
