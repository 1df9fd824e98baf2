"""Function runtimes and servers from npm that nobody here wrote, installed into the build folder by their lock file."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import need_program

SOURCES = Path(__file__).resolve().parent / "peers"

# What npm says when it has no way to its registry, in place of an answer that it does not like.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "network timeout")


def install():
    """The folder with the sources of the peers beside their node_modules; installs what is not there yet."""
    npm = need_program("npm", "npm")
    need_program("node", "nodejs")
    folder = Path(os.environ["THAW_PEERS"])
    lock = (SOURCES / "package-lock.json").read_bytes()
    stamp = folder / "installed-lock.json"
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    if stamp.exists() and stamp.read_bytes() == lock:
        return folder
    done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error",
                           "--fetch-retries", "1"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    if done.returncode != 0:
        if any(word in done.stdout for word in UNREACHABLE):
            raise unittest.SkipTest("the npm registry cannot be reached from here")
        raise AssertionError(f"npm ci failed\n{done.stdout}")
    stamp.write_bytes(lock)
    return folder
