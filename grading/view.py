"""What a student's kernel sees of this machine, as arguments of bubblewrap.

Nothing is visible in a sandbox but what a function here names: `system`, `scratch`, `python`, `course`, `data` and
`sockets`. Nothing can be written to but scratch and sockets. What a student is not to read is left out of the view,
not covered up: a model answer that is withheld is not there.
"""

import os
import re
import stat
import sys
from functools import cache
from pathlib import Path

from shared.mnist import LAYOUTS
from shared.reference import MODULES

COURSE = "/course"  # where `shared` lies in a sandbox, wherever it lies outside
DATA = "/data"  # for DIGITS_DATA_DIR
FILES = "/files"  # what was handed in beside the notebook, to copy into SUBMISSION
SCRATCH = "/tmp"
SUBMISSION = "/tmp/submission"  # the kernel's working directory
FONTS = "/tmp/matplotlib"

SHARED_MEMORY_MB = 16


def withheld(assignment):
    """The modules of `shared.reference` that the sandbox of an assignment lacks: its own and all later ones.

    Parameters
    ----------
    assignment : str
        A number and a topic. Of a topic that has no module nothing is known, so all are withheld.

    Returns
    -------
    modules : tuple of str

    Examples
    --------
    >>> withheld("04-softmax-jacobian")
    ('softmax_jacobian', 'backpropagation', 'mlp')
    >>> withheld("99-poetry") == MODULES
    True
    """
    topic = re.sub(r"^\d+-", "", assignment).replace("-", "_")
    return MODULES[MODULES.index(topic) :] if topic in MODULES else MODULES


def system(own_processes=True):
    """Programs and libraries, processes, devices that hold nothing. No /home, /var, /etc, /sys.

    Parameters
    ----------
    own_processes : bool
        Whether the sandbox has processes of its own, which is True for all in which a student's code runs.
    """
    processes = ["--proc", "/proc"] if own_processes else ["--ro-bind", "/proc", "/proc"]
    arguments = ["--ro-bind", "/usr", "/usr", *processes, "--dev", "/dev"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        arguments += [*_parents(name), "--ro-bind-try", name, name]
    arguments += ["--size", str(SHARED_MEMORY_MB << 20), "--perms", "1777", "--tmpfs", "/dev/shm"]
    return [*arguments, "--remount-ro", "/dev"]


def python(root):
    """Python and the installed packages, where they are outside, without the way they know to the course.

    Parameters
    ----------
    root : Path
        The course. It may lie in a folder that is visible (below /usr, in the environment), and the environment in it.
    """
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    named = {sys.base_prefix, sys.prefix, *filter(os.path.isdir, packages)}
    real = {os.path.realpath(path) for path in named}
    outside = _outermost({"/usr", *(path for path in real if not _within(path, root))})
    inside = _outermost({path for path in real if _within(path, root)})

    arguments = read_only(path for path in outside if path != "/usr")
    if any(_within(root, path) for path in outside):
        arguments += ["--perms", "0755", "--tmpfs", str(root), *read_only(inside), "--remount-ro", str(root)]
    else:
        arguments += read_only(inside)
    # A second name of a folder is a link here as well; as a folder it would show once more what was just hidden.
    for path in _outermost(path for path in named if not any(_within(path, folder) for folder in [*outside, *inside])):
        arguments += [*_parents(path), "--symlink", os.path.realpath(path), path]

    for folder in sorted({Path(path).resolve() for path in packages if os.path.isdir(path)}):
        # The finder of an editable installation knows the way to the rest of the course; a copy is all of the course.
        for pattern in ("__editable__*digits_from_scratch*", "digits_from_scratch-*/direct_url.json"):
            for file in sorted(folder.glob(pattern)):
                arguments += ["--dev-bind", "/dev/null", str(file)]
        for name in ("shared", "grading"):
            if (folder / name).is_dir():
                arguments += ["--perms", "0755", "--tmpfs", str(folder / name), "--remount-ro", str(folder / name)]
    return arguments


def course(root, assignment):
    """The package `shared`, without the catalogue of misconceptions and the model answers that are withheld.

    Parameters
    ----------
    root : Path
        The course outside.
    assignment : str
    """
    shared = root / "shared"
    reference = shared / "reference"
    own = [path for path in sorted(shared.iterdir()) if path.name[0] != "." and path.name != "__pycache__"]
    own = [path for path in own if path.name not in ("misconceptions", "reference")]
    allowed = [module for module in MODULES if module not in withheld(assignment)]
    sources = [*own, *(reference / f"{module}.py" for module in ("__init__", *allowed))]
    arguments = []
    for source in sources:
        # Byte-code only beside a source that is there, not the folder: that holds every module's.
        compiled = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        for path in (source, compiled):
            if path.exists():
                inside = f"{COURSE}/{path.relative_to(root).as_posix()}"
                arguments += [*_parents(inside), "--ro-bind", str(path), inside]
    return arguments


def data():
    """The files of MNIST in the folder that DIGITS_DATA_DIR names, and nothing else that lies there."""
    folder = os.environ.get("DIGITS_DATA_DIR")
    if folder is None:
        return []
    names = [name for files in LAYOUTS.values() for spellings in files for name in spellings]
    arguments = ["--perms", "0755", "--dir", DATA]
    for name in names:
        path = Path(folder).expanduser() / name
        if folder and path.is_file():
            arguments += ["--ro-bind", str(path.resolve()), f"{DATA}/{name}"]
    return arguments


def variables():
    """What an environment says of the files of MNIST."""
    folder = os.environ.get("DIGITS_DATA_DIR")
    return {} if folder is None else {"DIGITS_DATA_DIR": DATA if folder else ""}


def scratch(megabytes, files=None):
    """A folder of limited size to write to, in which the submission's files are to be copied.

    Parameters
    ----------
    megabytes : int
    files : path, optional
        A folder with copies of what was handed in.
    """
    arguments = ["--size", str(megabytes << 20), "--perms", "1777", "--tmpfs", SCRATCH]
    for folder in (SUBMISSION, FONTS):
        arguments += ["--perms", "1777", "--dir", folder]
    if list_of_fonts():
        arguments += ["--ro-bind", str(list_of_fonts()), f"{FONTS}/{list_of_fonts().name}"]
    return [*arguments, "--ro-bind", str(files), FILES] if files else [*arguments, "--perms", "0755", "--dir", FILES]


def sockets(folder):
    """The folder in which the kernel makes its sockets, at the same path; what lies there now can only be read.

    A link is left alone. An earlier kernel may have made it, and bubblewrap would show what it leads to outside.
    """
    files = [str(file) for file in sorted(folder.iterdir()) if stat.S_ISREG(file.lstat().st_mode)]
    return [*_parents(folder), "--bind", str(folder), str(folder), *read_only(files)]


@cache
def list_of_fonts():
    """Matplotlib's list of fonts; without it every new kernel would look for them, half a second."""
    import matplotlib

    folder = Path(matplotlib.get_cachedir())
    if not any(folder.glob("fontlist-v*.json")):
        import matplotlib.font_manager  # which makes it
    return max(folder.glob("fontlist-v*.json"), key=lambda path: path.stat().st_mtime, default=None)


def read_only(paths):
    """Paths, where they are outside."""
    return [argument for path in paths for argument in (*_parents(path), "--ro-bind", path, path)]


def _parents(path):
    """Folders above a path that anyone may pass: those that bubblewrap makes itself are closed to another user."""
    folders = [str(folder) for folder in reversed(Path(path).parents)][1:]
    return [argument for folder in folders for argument in ("--perms", "0755", "--dir", folder)]


def _within(path, folder):
    return Path(path).is_relative_to(folder)


def _outermost(paths):
    """Paths without those that lie in another one of them."""
    paths = set(paths)
    return sorted(path for path in paths if not any(_within(path, other) for other in paths if other != path))
