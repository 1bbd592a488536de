"""Unpack an archive of strangers' files: what could do harm is refused by name, everything else is still unpacked."""

import lzma
import os
import shutil
import stat
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

MEGABYTE = 1_000_000
CHUNK = MEGABYTE
# What a damaged or unusual member provokes in zipfile and its decompressors, and a strange name in the file system.
_DAMAGE = (OSError, RuntimeError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


@dataclass(frozen=True)
class Limits:
    """How much may be unpacked: bytes of one file, bytes and files of one archive."""

    file_size: int = 100 * MEGABYTE
    total_size: int = 10_000 * MEGABYTE
    files: int = 50_000


class RefusedArchive(Exception):
    """Nothing of the archive is unpacked; the message says why, and ends without a full stop."""


def unpack(path, folder, limits=Limits()):
    """Unpack a zip archive.

    Sizes are taken from the archive's own table, and counted while writing, because it may lie. A file keeps the time
    that the archive gives it. Archives inside the archive are files like any other: nothing opens them.

    Parameters
    ----------
    path : Path
    folder : Path
        Where to; it is made. It does not remain if the archive is refused.
    limits : Limits

    Returns
    -------
    refused : list of (str, str)
        Names of files that are not unpacked, each with the reason.

    Raises
    ------
    RefusedArchive
        If it is no zip archive, is damaged at its end (a download that broke off), or holds too much altogether.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpack(archive, folder, limits)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise RefusedArchive(f"it is not a zip archive that can be read ({error})") from error


def _unpack(archive, folder, limits):
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > limits.files:
        raise RefusedArchive(f"it holds {len(members)} files; at most {limits.files} are unpacked")
    folder.mkdir(parents=True)
    refused = []
    left = limits.total_size
    for member in members:
        name = true_name(member)
        try:
            target = free(folder / _harmless(member, name))
            left -= _write(archive, member, target, min(limits.file_size, left))
        except _TooLarge:
            if left < limits.file_size:
                shutil.rmtree(folder)
                raise RefusedArchive(f"it unpacks to more than {limits.total_size:,} bytes") from None
            refused.append((name, f"it unpacks to more than {limits.file_size:,} bytes"))
        except _Harmful as reason:
            refused.append((name, str(reason)))
        except _DAMAGE as error:
            refused.append((name, f"it cannot be unpacked ({type(error).__name__}: {error})"))
    return refused


class _Harmful(Exception):
    pass


class _TooLarge(Exception):
    pass


def true_name(member):
    """The name of an archive's member, in the letters its maker used.

    Canvas stores names as UTF-8 without the flag that says so; `zipfile` then reads them as code page 437.

    Examples
    --------
    >>> member = zipfile.ZipInfo("zoë_1_2_softmax.ipynb".encode().decode("cp437"))
    >>> true_name(member)
    'zoë_1_2_softmax.ipynb'
    """
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _harmless(member, name):
    """The relative path of a member, if it leads nowhere but down and is a plain file."""
    path, windows = PurePosixPath(name), PureWindowsPath(name)
    if path.is_absolute() or windows.drive or windows.root or ".." in windows.parts or not path.parts:
        raise _Harmful("its path leads out of the archive")
    if not all(character.isprintable() for character in name):
        raise _Harmful("its name holds control characters")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise _Harmful("it is a link or a device, not a file")
    if member.flag_bits & 0x1:
        raise _Harmful("it is encrypted")
    return path


def free(path):
    """The path, or one beside it that is not taken: archives may hold a name twice."""
    number, other = 0, path
    while other.exists():
        number += 1
        other = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return other


def _write(archive, member, target, most):
    """Write a member; its size in bytes. Nothing is left of one that is larger than `most`, or damaged."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.file_size > most:
        raise _TooLarge
    size = 0
    try:
        with archive.open(member) as source, open(target, "wb") as file:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise _TooLarge
                file.write(chunk)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    try:
        moment = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (moment, moment))
    except (OverflowError, ValueError, OSError):
        pass  # The archive gives no date that exists; the time of unpacking does as well.
    return size
