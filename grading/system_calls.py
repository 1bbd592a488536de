"""System calls that a sandbox refuses: a filter of Linux (seccomp), as bubblewrap takes it.

Namespaces and limits are the walls. These calls go around them: they make namespaces in which limits begin anew,
take memory that is nobody's, speak to the machine's host, look into other processes, or reach parts of the system
that have had more than their share of flaws. None of them is of use in a notebook.

The filter is a program of classic BPF; each instruction is a code, two jump distances and a constant (see
``linux/filter.h`` and seccomp(2)).
"""

import errno
import platform
import struct

# Names and numbers for x86-64 and for 64-bit ARM, from the tables of Linux.
REFUSED = {
    # memory that no limit counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # namespaces and mounts; see also clone, below
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    # other processes, keys, files without a path
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # large and rarely needed parts of the system
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
CLONE, CLONE3, SOCKET = (56, 220), (435, 435), (41, 198)
NEW_NAMESPACE = 0x7E020000  # the flags CLONE_NEW… of clone(2)
# A socket of another family (vsock, say) is not held by the network namespace.
FAMILIES = {"unix": 1, "inet": 2, "inet6": 10, "netlink": 16}

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_…, in the order of the numbers above
X32 = 0x40000000  # a second table of calls on x86-64, which nothing uses

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # where they stand in struct seccomp_data
KILL, ALLOW, ERROR = 0x80000000, 0x7FFF0000, 0x00050000
DENY = ERROR | errno.EPERM


def supported():
    """Whether there is a filter for this machine."""
    return platform.machine() in MACHINES


def refusals():
    """The filter, for ``bwrap --seccomp``.

    Returns
    -------
    program : bytes

    Raises
    ------
    NotImplementedError
        On a processor other than x86-64 and 64-bit ARM.
    """
    if not supported():
        known = " and ".join(MACHINES)
        raise NotImplementedError(f"the numbers of system calls are known for {known}, got {platform.machine()}")
    column = list(MACHINES).index(platform.machine())

    program = [
        _step(LOAD, MACHINE),
        _step(EQUAL, MACHINES[platform.machine()], 1, 0),
        _step(RETURN, KILL),  # a program for another processor, in whose table the numbers mean something else
        _step(LOAD, NUMBER),
        _step(AT_LEAST, X32, 0, 1),
        _step(RETURN, DENY),
        # clone3 hides its flags in memory. Told that it does not exist, the C library takes clone.
        _step(EQUAL, CLONE3[column], 0, 1),
        _step(RETURN, ERROR | errno.ENOSYS),
    ]
    for numbers in REFUSED.values():
        program += [_step(EQUAL, numbers[column], 0, 1), _step(RETURN, DENY)]
    program += [
        _step(EQUAL, CLONE[column], 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        _step(ANY_BIT, NEW_NAMESPACE, 0, 1),
        _step(RETURN, DENY),
        _step(RETURN, ALLOW),
    ]
    families = [_step(EQUAL, family, left, 0) for left, family in enumerate(reversed(FAMILIES.values()), start=1)]
    program += [
        _step(EQUAL, SOCKET[column], 0, 2 + len(families)),
        _step(LOAD, FIRST_ARGUMENT),
        *reversed(families),
        _step(RETURN, DENY),
        _step(RETURN, ALLOW),
    ]
    return b"".join(program)


def _step(code, constant, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, constant)
