#!/usr/bin/env python3
"""Becomes a program of another user, without capabilities, that may make only the system calls of
a unit's SystemCallFilter.

    Scripts/confined.py UNIT USER-ID -- PROGRAM ARGUMENT...

Any other call fails with EPERM, as SystemCallErrorNumber says. x86_64 and aarch64; the sets are
those of the installed systemd, the numbers those of the installed C headers. Run as root.
"""
import ctypes
import errno
import os
import platform
import re
import struct
import subprocess
import sys

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
SET_NO_NEW_PRIVS, SET_SECCOMP, FILTER_MODE, DROP_FROM_BOUNDING_SET = 38, 22, 2, 24
CAPABILITIES = 64
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000


def calls_of(name):
    """The system calls of a set, those of the sets in it included."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True
    ).stdout
    found = set()
    for line in text.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            found |= calls_of(word)
    return found


def allowed_by(unit):
    allowed = set()
    with open(unit, encoding="utf-8") as file:
        for line in file:
            key, _, value = line.strip().partition("=")
            if key != "SystemCallFilter":
                continue
            words = value.lstrip("~").split()
            for word in words:
                if value.startswith("~"):
                    allowed -= calls_of(word)
                else:
                    allowed |= calls_of(word)
    # systemd lets a service begin: it has to become its program after the filter is set.
    return allowed | {"execve"}


def numbers():
    found = {}
    with open(HEADERS[platform.machine()], encoding="utf-8") as file:
        for line in file:
            match = re.match(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", line)
            if match:
                found[match[1]] = int(match[2])
    return found


def become(user):
    """Root's capabilities go with its user id, and can never be had again."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(CAPABILITIES):
        libc.prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def install(calls):
    """Fails every other call; a call of another architecture ends the process."""
    instructions = [
        (0x20, 0, 0, 4),
        (0x15, 1, 0, ARCHITECTURES[platform.machine()]),
        (0x06, 0, 0, KILL),
        (0x20, 0, 0, 0),
    ]
    for call in sorted(calls):
        instructions += [(0x15, 0, 1, call), (0x06, 0, 0, ALLOW)]
    instructions.append((0x06, 0, 0, ERROR))
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(instructions), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no new privileges")
    if libc.prctl(SET_SECCOMP, FILTER_MODE, ctypes.create_string_buffer(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter was refused")


def main():
    unit, user, program = sys.argv[1], int(sys.argv[2]), sys.argv[4:]
    known = numbers()
    calls = {known[name] for name in allowed_by(unit) if name in known}
    become(user)
    install(calls)
    os.execv(program[0], program)


main()
