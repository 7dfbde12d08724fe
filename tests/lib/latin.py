"""The letters and sequences of DIN 91379 that names are made of (its normative Latin list), as texts in the order of the list."""
import os
import re


def all_letters(source):
    with open(os.path.join(source, "templates/fonts/din-91379-latin-list-1.3.txt"), encoding="utf-8") as lines:
        columns = [[c.strip() for c in line.split(";")] for line in lines]
    found = ["".join(chr(int(p, 16)) for p in re.findall(r"[0-9A-F]{4,}", c[2])) for c in columns if c[0] == "bll"]
    assert len(found) == 649 and sum(len(f) > 1 for f in found) == 149, (len(found), sum(len(f) > 1 for f in found))
    return found
