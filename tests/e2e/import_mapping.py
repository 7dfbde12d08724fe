"""Mappings: every mistake at its pointer with a sentence; the printed JSON Schema refuses what the linter refuses; a suggested mapping is
one, and names the dialect that the file was written in. Usage: import_mapping.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import jsonschema

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
os.environ["TAXCERT_TEMPLATES"] = str(source / "templates")
COLUMN = {"column": "a", "type": "amount", "digits": 2}
FULL = {"format": "taxcert/mapping/1", "payroll": {"form": "f", "year": 2025}, "id": "x{personnel_number}{which}", "employee": {"site": "A", "_note": [1]}, "certificate": {}, "features": {}, "_note": [1],
        "sources": [{"file": "a.csv", "encoding": "cp850", "separator": "\t", "quote": None, "header": 3, "person": "nr", "which": 2, "year": {"column": 3, "type": "whole"}, "decimal": ",",
                     "grouping": ["."], "minus": "behind", "digits": 2, "whole": False, "implied": False, "dates": "DD.MM.YYYY", "epoch": 30, "absent": ["-"], "breaks": "blank",
                     "skip": [{"name": "t", "column": 1, "begins": ["*", "="]}, {"column": "x", "empty": True}], "must": [{"column": "W", "is": "EUR"}], "newest": ["m"],
                     "totals": [{"column": 1, "ends": "sum", "sums": ["a", COLUMN], "restart": True}], "employee": {"name.first": {"columns": ["v", 2], "join": " "}},
                     "values": {"3": COLUMN, "_note": [1]}, "features": {"month": 4, "tax_class": {"column": 5, "values": {"I": 1}}}, "certificate": {"period.from": {"constant": "2025-01-01"}},
                     "entries": {"wage_type": "t", "text": "x", "month": {"column": "m", "dates": "MM.YYYY"}, "amount": "a", "turn": ["1"], "changes": {"replace": "c"}},
                     "tickets": {"first_day": "d", "ticket": "t", "sent": "s", "accepted": {"column": "o", "values": {"y": True}}, "cancels": "k"}},
                    {"index": "index.xml", "person": 1, "entries": {"wage_type": {"constant": "1"}, "months": [1, 2, 3, *[None] * 9], "changes": "add"}}]}


def at(mapping, way, value):
    """The value in the mapping's place; None: the key is taken away."""
    made = copy.deepcopy(mapping)
    inner = made
    for key in way[:-1]:
        inner = inner[key]
    if value is None:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    return made


S = ["sources", 0]
ROWS = [(["format"], "taxcert/mapping/2", "/format"), (["format"], None, "/format"), (["sources"], [], "/sources"), (["payroll"], {}, "/payroll"), (["sorces"], [], "/sorces"),
        (["id"], "x{personnel_number}", "/id"), ([*S, "seperator"], ";", "/sources/0/seperator"), ([*S, "separator"], ";;", "/sources/0/separator"), ([*S, "separator"], None, "/sources/0/separator"),
        ([*S, "quote"], "", "/sources/0/quote"), ([*S, "encoding"], "latin1", "/sources/0/encoding"), ([*S, "encoding"], None, "/sources/0/encoding"), ([*S, "file"], "../a.csv", "/sources/0/file"),
        ([*S, "header"], 0, "/sources/0/header"), ([*S, "person"], None, "/sources/0/person"), ([*S, "person"], "", "/sources/0/person"), ([*S, "person"], {}, "/sources/0/person"),
        ([*S, "person"], {"column": 1, "constant": "x"}, "/sources/0/person"), ([*S, "digits"], 10, "/sources/0/digits"), ([*S, "minus"], "front", "/sources/0/minus"),
        ([*S, "grouping"], ".", "/sources/0/grouping"), ([*S, "dates"], "TT.MM.JJJJ", "/sources/0/dates"), ([*S, "epoch"], "30", "/sources/0/epoch"), ([*S, "breaks"], "line", "/sources/0/breaks"),
        ([*S, "skip", 0, "is"], "x", "/sources/0/skip/0"), ([*S, "skip", 1, "empty"], None, "/sources/0/skip/1"), ([*S, "skip", 0, "column"], None, "/sources/0/skip/0/column"),
        ([*S, "must"], {"column": 1}, "/sources/0/must"), ([*S, "totals", 0, "sums"], [], "/sources/0/totals/0/sums"), ([*S, "totals", 0, "sums"], None, "/sources/0/totals/0/sums"),
        ([*S, "values"], ["a"], "/sources/0/values"), ([*S, "values", "3", "typ"], "x", "/sources/0/values/3/typ"), ([*S, "values", "3", "type"], "money", "/sources/0/values/3/type"),
        ([*S, "values", "3", "check"], "luhn", "/sources/0/values/3/check"), ([*S, "entries", "changes"], None, "/sources/0/entries/changes"), ([*S, "entries", "changes"], "later", "/sources/0/entries/changes"),
        ([*S, "entries", "month"], None, "/sources/0/entries"), ([*S, "entries", "months"], [None] * 12, "/sources/0/entries"), (["sources", 1, "entries", "months"], [1] * 11, "/sources/1/entries/months"),
        (["payroll", "certificates"], [], "/payroll/certificates"), ([*S, "newest"], ["a", "b", "c", "d", "e"], "/sources/0/newest"),
        ([*S, "tickets", "ticket"], None, "/sources/0/tickets/ticket"), (["payroll"], None, "/sources/0"), ([*S, "employee", "name.first", "columns"], [], "/sources/0/employee/name.first/columns")]
SEMANTIC = {"/id", "/sources/0", "/sources/0/entries", "/sources/0/newest"}  # what a table cannot say


def lint(folder, mapping):
    path = folder / "m.json"
    path.write_text(json.dumps(mapping))
    done = subprocess.run([program, "import", path], capture_output=True, text=True)
    return done.returncode, done.stderr


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    printed = subprocess.run([program, "import", "--schema"], capture_output=True, text=True, check=True).stdout
    schema = jsonschema.Draft202012Validator(json.loads(printed))
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))
    assert lint(folder, FULL) == (0, ""), lint(folder, FULL)
    assert schema.is_valid(FULL), next(schema.iter_errors(FULL)).message
    for path in source.glob("samples/import/*/mapping.json"):
        assert schema.is_valid(json.loads(path.read_text())) and lint(folder, json.loads(path.read_text()))[0] == 0, path
    for way, value, pointer in ROWS:
        mapping = at(FULL, way, value)
        code, told = lint(folder, mapping)
        assert code == 2 and f"m.json#{pointer}: " in told, (way, value, told)
        semantic = pointer in SEMANTIC or (pointer.count("/") == 3 and pointer.split("/")[3] in ("separator", "encoding", "quote") and value is None) or pointer.endswith("dates")
        assert semantic or not schema.is_valid(mapping), (way, value)
    # Several mistakes are all told; a key that is nearly one is asked after; no value is in a message
    code, told = lint(folder, at(at(FULL, [*S, "seperator"], "SECRET"), [*S, "minus"], "SECRET"))
    assert "/sources/0/seperator" in told and "/sources/0/minus" in told and "`separator`?" in told and "SECRET" not in told, told
    # Whatever is changed: nothing crashes, and what the schema refuses the linter does too
    for seed in range(12):
        rng, mapping, inner = random.Random(seed), copy.deepcopy(FULL), None
        inner = mapping
        while True:
            key = rng.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
            if not isinstance(inner[key], (dict, list)) or not inner[key] or rng.random() < 0.25:
                break
            inner = inner[key]
        inner[key] = rng.choice([None, 0, -1, "", "x", [], {}, [None], {"a": 1}, True, 1.5, ["x"] * 20])
        code, told = lint(folder, mapping)
        assert code in (0, 2), (seed, told)
        assert code == 2 or schema.is_valid(mapping), (seed, key, inner[key])

    # A suggestion
    rows = "Lohnliste;;;\n\nPers.-Nr.;Eintritt;Größe;Lohn\n" + "".join(f"{i:05d};{i % 28 + 1:02d}.03.2020;abc{i};{i}.000,5{i % 10}-\n" for i in range(1, 40)) + "Summe;;;1,00\n"
    (folder / "l.csv").write_bytes(rows.encode("cp1252"))
    done = subprocess.run([program, "import", "--suggest", folder / "l.csv"], capture_output=True, text=True, check=True)
    made = json.loads(done.stdout)
    got = made["sources"][0]
    assert "guess" in done.stderr and "guess" in made["_guess"] and "abc" not in done.stdout and "00012" not in done.stdout
    assert (got["encoding"], got["separator"], got["header"], got["person"]) == ("windows-1252", ";", 3, "Pers.-Nr."), got
    columns = got["_columns"]
    assert columns[0]["length"] == 5 and "line 43" in columns[0]["_but"], columns
    assert columns[1] == {"column": "Eintritt", "type": "date", "dates": "DD.MM.YYYY"} and columns[2] == {"column": "Größe", "type": "text"}
    assert {k: v for k, v in columns[3].items() if k[0] != "_"} == {"column": "Lohn", "type": "amount"}
    assert (got["decimal"], got["grouping"], got["minus"]) == (",", ["."], "behind")
    assert lint(folder, made)[0] == 0 and schema.is_valid(made)
    for content in (b"", b"\0\0\0", b"\xff\xfe", b"x", b"\n" * 50, bytes(range(256)) * 20):
        (folder / "odd.csv").write_bytes(content)
        assert subprocess.run([program, "import", "--suggest", folder / "odd.csv"], capture_output=True).returncode in (0, 3), content
