"""Runs a command with the system calls, address families and privileges that a systemd unit leaves.

Arguments: names of system calls with commas, numbers of address families with commas, then the command. Anything else
is refused with EPERM, as by SystemCallFilter and RestrictAddressFamilies.
"""
import ctypes
import errno
import os
import sys

ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
EQUAL = 4
SET_NO_NEW_PRIVILEGES = 38
DROP_BOUND = 24


class Argument(ctypes.Structure):
    _fields_ = [("index", ctypes.c_uint), ("op", ctypes.c_int), ("value", ctypes.c_uint64), ("other", ctypes.c_uint64)]


calls, families, *command = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2")
seccomp.seccomp_init.restype = ctypes.c_void_p
context = ctypes.c_void_p(seccomp.seccomp_init(REFUSE))


def allow(name, *arguments):
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    # Calls of other kernels and machines are not known here.
    if number < 0:
        return
    conditions = (Argument * len(arguments))(*arguments)
    if seccomp.seccomp_rule_add_array(context, ctypes.c_uint32(ALLOW), number, len(arguments), conditions) != 0:
        sys.exit(f"no rule for {name}")


for call in calls.split(","):
    if call != "socket":
        allow(call)
for family in families.split(","):
    allow("socket", Argument(0, EQUAL, int(family), 0))
for capability in range(64):
    libc.prctl(DROP_BOUND, capability, 0, 0, 0)
if libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0 or seccomp.seccomp_load(context) != 0:
    sys.exit("cannot be confined")
os.execvp(command[0], command)
