"""The import's reader against Python's csv and, where it is there, miller: the same fields from files made by chance, in every encoding; and
the line that each row starts in. Usage: import_reader.py TAXCERT SOURCE_DIR"""
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

rows_tool = os.path.join(os.path.dirname(sys.argv[1]), "tests/csv_rows")
ENCODINGS = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "windows-1252": "cp1252", "iso-8859-1": "latin-1", "iso-8859-15": "iso8859-15", "cp850": "cp850"}
LETTERS = {"utf-8": "aä€Łố😀 ", "utf-16le": "aä€Łố😀 ", "utf-16be": "aä€Łố😀 ", "windows-1252": "aä€„–ÿ ", "iso-8859-1": "aäÿ£ ", "iso-8859-15": "aä€Žœ ", "cp850": "aä│ÐıØ "}


def ours(path, *how):
    done = subprocess.run([rows_tool, path, *how], capture_output=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()], done.stderr.decode()


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "f.csv")
    for seed in range(30):
        rng = random.Random(seed)
        name = rng.choice(list(ENCODINGS))
        separator, quote = rng.choice(";,\t|"), rng.choice('"\'')
        letters = LETTERS[name] + "b07.,-" + separator + quote + "\n"
        rows = [["".join(rng.choice(letters) for _ in range(rng.choice([0, 1, 3, 12]))) for _ in range(rng.randint(1, 6))] for _ in range(rng.randint(1, 30))]
        end, text, lines, line = rng.choice(["\n", "\r\n"]), io.StringIO(newline=""), [], 1
        writer = csv.writer(text, delimiter=separator, quotechar=quote, lineterminator=end, quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        for row in rows:
            lines.append(line)
            writer.writerow(row)
            line += 1 + sum(field.count("\n") for field in row)
        made = text.getvalue()
        if rng.random() < 0.3:
            made = made[:-len(end)]
        mark = "\ufeff" if name.startswith("utf") and rng.random() < 0.5 else ""
        with open(path, "wb") as file:
            file.write((mark + made).encode(ENCODINGS[name]))
        with open(path, newline="", encoding=ENCODINGS[name]) as file:
            if mark:
                file.read(1)
            theirs = [row for row in csv.reader(file, delimiter=separator, quotechar=quote, strict=True)]
        got, told = ours(path, name, separator, quote)
        assert not told, (seed, told)
        assert [row[1:] for row in got] == [row or [""] for row in theirs] == rows, (seed, name, got, theirs)
        assert [row[0] for row in got] == lines, (seed, lines)
        # Without quoting every quote is a letter
        plain = [[field.replace(separator, "").replace("\n", "") for field in row] for row in rows]
        with open(path, "wb") as file:
            file.write((end.join(separator.join(row) for row in plain) + end).encode(ENCODINGS[name]))
        got, told = ours(path, name, separator)
        assert not told and [row[1:] for row in got] == plain, (seed, told)

    # miller: columns by position, quoted fields, line breaks in them
    mlr = shutil.which("mlr")
    for seed in range(4 if mlr else 0):
        rng = random.Random(seed)
        rows = [["x" + "".join(rng.choice("aä€ ;\"\n,") for _ in range(rng.randint(0, 9))) for _ in range(4)] for _ in range(20)]
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
        done = subprocess.run([mlr, "--icsv", "--ifs", ";", "--implicit-csv-header", "--ojson", "-S", "cat", path], capture_output=True, text=True, check=True)
        theirs = [list(record.values()) for record in json.loads(done.stdout)]
        got, told = ours(path, "utf-8", ";", '"')
        assert not told and [row[1:] for row in got] == theirs == rows, (seed, told)

    # Places of what is wrong: where the record starts, and the field
    for content, places in ((b"a;b\nc;\"d\nx;\"\"y\n", ["2:2 import-quote"]), (b"a\nb;\"c\"d;e\n", ["2:2 import-quote"]), (b"a;b\"c\n", ["1:2 import-quote"]),
                            (b"a;\0b\n", ["1:2 import-control"]), (b"a\rb;c\n", ["1:1 import-cr"]), (b"a\x1ab\n", ["1:1 import-control"]), (b"a\n\x1a", []), (b"a;\xff\n", ["1:2 import-encoding"]),
                            (b"\xc3\n", ["1:1 import-encoding"]), (b"\xed\xa0\x80\n", ["1:1 import-encoding"]), (b"\xc0\x80\n", ["1:1 import-encoding"]), (b"sep=;\na;b\n", []),
                            (b"sep=,\na;b\n", ["1:1 import-separator"]), (b"\xef\xbb\xbf\"a\";b\n", []), (b"a;b\n\n;\n", [])):
        with open(path, "wb") as file:
            file.write(content)
        got, told = ours(path, "utf-8", ";", '"')
        assert bool(told) == bool(places), (content, told)
        for place in places:
            assert place in told, (content, told)
    assert ours(path, "utf-8", ";", '"')[0] == [[1, "a", "b"], [2, ""], [3, "", ""]]
    with open(path, "wb") as file:
        file.write("\ufeffa".encode("utf-16-be"))
    assert "the file is utf-16be" in ours(path, "utf-8", ";", '"')[1] and ours(path, "utf-16be", ";", '"')[0] == [[1, "a"]]
