"""A run's ledger.hashes made again, as an enemy would who knows the program (src/store/pages.h): forgers of the tests make every hash fit. SHA-256's
state is libcrypto's; tests/unit/test_pages.c has one of its own."""
import ctypes
import ctypes.util
import hashlib
import os
import sqlite3
import struct

PAGE = 16384
crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))


def sha(data):
    return hashlib.sha256(data).digest()


def states(data):
    """Where the hash stands behind each page: the eight words that SHA256_CTX begins with."""
    context, found = ctypes.create_string_buffer(128), []
    crypto.SHA256_Init(context)
    for at in range(0, len(data), PAGE):
        crypto.SHA256_Update(context, data[at:at + PAGE], ctypes.c_size_t(PAGE))
        found.append(struct.pack(">8I", *struct.unpack_from("=8I", context)))
    return found


def make(run, kind=2):
    """The list of the ledger that is there; its root. kind 1: as the first lists were, a hash of each page alone."""
    data = open(os.path.join(run, "ledger.db"), "rb").read()
    hashes = states(data) if kind == 2 else [sha(data[i:i + PAGE]) for i in range(0, len(data), PAGE)]
    text = b"".join(hashes)
    heads = b"".join(sha(text[i:i + PAGE]) for i in range(0, len(text), PAGE))
    with open(os.path.join(run, "ledger.hashes"), "wb") as file:
        file.write(text + heads)
    return sha(b"taxcert pages %d\n%d\n" % (kind, len(hashes)) + heads).hex()


def fit_form(run):
    """The ledger has the hashes of the form's files that are there."""
    with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
        names = [line[66:] for line in ledger.execute("SELECT value FROM run WHERE key = 'form files'").fetchone()[0].splitlines()]
        names = [name for name in names if os.path.exists(os.path.join(run, name))]
        lines = "".join(f"{sha(open(os.path.join(run, name), 'rb').read()).hex()}  {name}\n" for name in names)
        ledger.execute("UPDATE run SET value = ? WHERE key = 'form files' AND value <> ?", (lines, lines))
    ledger.close()
