"""A run's ledger.hashes made again, as an enemy would who knows the program (src/store/pages.h): forgers of the tests make every hash fit."""
import hashlib
import os
import sqlite3

PAGE = 16384


def sha(data):
    return hashlib.sha256(data).digest()


def make(run):
    """The list of the ledger that is there; its root."""
    data = open(os.path.join(run, "ledger.db"), "rb").read()
    hashes = [sha(data[i:i + PAGE]) for i in range(0, len(data), PAGE)]
    text = b"".join(hashes)
    heads = b"".join(sha(text[i:i + PAGE]) for i in range(0, len(text), PAGE))
    with open(os.path.join(run, "ledger.hashes"), "wb") as file:
        file.write(text + heads)
    return sha(b"taxcert pages 1\n%d\n" % len(hashes) + heads).hex()


def fit_form(run):
    """The ledger has the hashes of the form's files that are there."""
    with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
        names = [line[66:] for line in ledger.execute("SELECT value FROM run WHERE key = 'form files'").fetchone()[0].splitlines()]
        names = [name for name in names if os.path.exists(os.path.join(run, name))]
        lines = "".join(f"{sha(open(os.path.join(run, name), 'rb').read()).hex()}  {name}\n" for name in names)
        ledger.execute("UPDATE run SET value = ? WHERE key = 'form files' AND value <> ?", (lines, lines))
    ledger.close()
