"""Runs a command with the restrictions of a systemd unit or a container, without systemd and without an engine.

`Confinement` says what; `command()` gives the words to start it with. The process gets a mount namespace with a root of
its own (read-only, holding this machine's programs, and the folders that are named), no capabilities, another user, no
new privileges, the unit's system call filter (made with libseccomp from the sets that systemd itself lists), no memory
that is written and executed, and an environment of its own. Needs root, util-linux and libseccomp, as CI has them.

What it cannot show: IPAddressDeny, MemoryMax, TasksMax (cgroups), and that systemd or an engine reads its file as told.
"""

import ctypes
import errno
import json
import os
import struct
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64")
ETC = ("passwd", "group", "hosts", "nsswitch.conf", "resolv.conf", "ssl", "ld.so.cache", "localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
SCMP_ACT_ALLOW, SCMP_ACT_ERRNO = 0x7FFF0000, 0x00050000
SCMP_ACT_ERRNO_EPERM, SCMP_ACT_ERRNO_ENOSYS = SCMP_ACT_ERRNO | errno.EPERM, SCMP_ACT_ERRNO | errno.ENOSYS
SCMP_CMP_EQ, SCMP_CMP_MASKED_EQ = 4, 7
NAMESPACES = 0x7E020080
"""CLONE_NEW*: what RestrictNamespaces=yes refuses to `clone` and `unshare`."""


@dataclass
class Confinement:
    """Who runs the command, what it sees, what it may write, and which system calls it may make."""

    folder: str
    uid: int
    environ: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    """Read-only: where it is seen, and the file or folder."""
    writable: dict[str, str] = field(default_factory=dict)
    """As `files`, but the user owns it and may write."""
    credentials: dict[str, str] = field(default_factory=dict)
    """Handed over as systemd does: owned by root, readable by the user through an access control list."""
    calls: list[str] = field(default_factory=list)
    families: list[int] = field(default_factory=list)
    execute_only: bool = False
    only_processes: bool = False

    def command(self, *words: str) -> list[str]:
        """The words that run `words` under all of this."""
        Path(self.folder).mkdir(parents=True, exist_ok=True)
        return ["unshare", "--mount", sys.executable, __file__, "mount", json.dumps(asdict(self)), *words]


def mount(kind: str, what: str, where: Path, *options: str) -> None:
    """Mount something in this process's mount namespace."""
    subprocess.run(["mount", *(["-t", kind] if kind else []), *options, what, str(where)], check=True)


def bind(what: str, where: Path, *, writable: bool = False) -> None:
    """Make a file or folder of this machine seen at `where`."""
    if Path(what).is_dir():
        where.mkdir(parents=True, exist_ok=True)
    else:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.touch()
    mount("", what, where, "--bind")
    if not writable:
        mount("", str(where), where, "-o", "remount,bind,ro,nosuid")


def build(it: Confinement) -> Path:
    """The root that the command will see."""
    os.umask(0o022)  # The user has to pass through the folders that are made here, whoever started the tests.
    mount("", "none", Path("/"), "--make-rprivate")
    root = Path(it.folder)
    mount("tmpfs", "none", root, "-o", "mode=0755,size=16m")
    # Before what is seen from outside: this repository or its Python may stand below /tmp, which would hide them.
    (root / "tmp").mkdir()
    mount("tmpfs", "none", root / "tmp", "-o", "mode=1777,size=64m,noexec,nosuid,nodev")
    (root / "proc").mkdir()
    mount("proc", "proc", root / "proc", "-o", "hidepid=invisible" + (",subset=pid" if it.only_processes else ""))
    for name in SYSTEM:
        if Path(name).is_symlink():
            (root / name[1:]).symlink_to(Path(name).readlink())
        elif Path(name).exists():
            bind(name, root / name[1:])
    for name in [*(f"/etc/{one}" for one in ETC), str(ROOT), sys.base_prefix, sys.prefix]:
        if Path(name).exists() and not (root / name[1:]).exists():
            bind(str(Path(name).resolve()), root / name[1:])
    for name in DEVICES:
        bind(f"/dev/{name}", root / "dev" / name, writable=True)
    for where, what in it.files.items():
        bind(what, root / where[1:])
    for where, what in it.writable.items():
        bind(what, root / where[1:], writable=True)
    for where, what in it.credentials.items():
        hand_over(Path(what).read_bytes(), root / where[1:], it.uid)
    mount("", str(root), root, "-o", "remount,ro")
    return root


def hand_over(content: bytes, where: Path, uid: int) -> None:
    """Write a credential as systemd does: of root, mode 0400, and an access control list that lets the user read."""
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(content)
    where.chmod(0o400)
    nobody = 0xFFFFFFFF
    entries = [(0x01, 4, nobody), (0x02, 4, uid), (0x04, 0, nobody), (0x10, 4, nobody), (0x20, 0, nobody)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(where, "system.posix_acl_access", acl)


class Compared(ctypes.Structure):
    """libseccomp's `scmp_arg_cmp`: an argument of a system call, and what it is compared with."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def filter_calls(it: Confinement) -> None:
    """Allow the system calls that are named and refuse all others with EPERM, for this process and what it starts."""
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    made = ctypes.c_void_p(seccomp.seccomp_init(SCMP_ACT_ERRNO_EPERM))

    def allow(name: str, *compared: Compared) -> None:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number != -1 and number >= 0:
            array = (Compared * len(compared))(*compared)
            done = seccomp.seccomp_rule_add_array(made, SCMP_ACT_ALLOW, number, len(compared), array)
            if done:
                raise OSError(-done, f"no rule for {name}")

    for name in it.calls:
        if name == "socket" and it.families:
            for family in it.families:
                allow(name, Compared(0, SCMP_CMP_EQ, family, 0))
        elif name in ("clone", "unshare"):
            allow(name, Compared(0, SCMP_CMP_MASKED_EQ, NAMESPACES, 0))
        elif name not in ("setns", "clone3"):
            allow(name)
    # systemd does so too: its flags cannot be filtered, and libraries use `clone` where there is no `clone3`.
    seccomp.seccomp_rule_add_array(
        made, SCMP_ACT_ERRNO_ENOSYS, seccomp.seccomp_syscall_resolve_name(b"clone3"), 0, None
    )
    if seccomp.seccomp_load(made):
        raise OSError("the filter could not be loaded")


def enter(it: Confinement, words: list[str]) -> None:
    """In the new root, as the user: the last restrictions, then the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    if it.execute_only and libc.prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_MDWE")
    if it.calls:
        filter_calls(it)
    os.umask(0o077)
    os.chdir("/")
    os.execve(words[0], words, it.environ)


def main() -> None:
    stage, said, *words = sys.argv[1:]
    it = Confinement(**json.loads(said))
    if stage == "mount":
        os.chroot(build(it))
        os.chdir("/")
        who = ["--reuid", str(it.uid), "--regid", str(it.uid), "--clear-groups"]
        none = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
        again = [sys.executable, __file__, "enter", said, *words]
        os.execvp("setpriv", ["setpriv", *who, *none, *again])
    enter(it, words)


if __name__ == "__main__":
    main()
