"""Mistakes that a whole file shows: encodings, formats, keys that are misspelt, values of another kind, nobody known. Told with place, expected
and found, and never with a value. Usage: whole_file.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import subprocess
import sys
import tempfile

program, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
BANK = source + "/samples/bank/"
PAYROLL, PEOPLE = json.load(open(BANK + "payroll.json")), json.load(open(BANK + "employees.json"))
PAYROLL["certificates"] = PAYROLL["certificates"][:3]
ENV = {**os.environ, "LC_ALL": "C.UTF-8"}


def check(payroll, people, code, *said, options=(), env=ENV):
    """Payroll and people as bytes or as what is to be written; people None: no file."""
    for name, data in (("p.json", payroll), ("e.json", people)):
        if data is not None:
            open(name, "wb").write(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False, indent=1).encode())
    words = [program, "generate", "--allow-test-ids", *options, *(["-e", "e.json"] if people is not None else []), "p.json", "-o", "run"]
    done = subprocess.run(words, capture_output=True, text=True, env=env)
    assert done.returncode == code and all(s in done.stderr for s in said), (said, done.returncode, done.stderr[-800:])
    assert "CANARY" not in done.stderr + done.stdout
    assert code < 2 or not os.path.exists("run"), "nothing is made"
    subprocess.run(["rm", "-rf", "run"])
    return done


def with_(part, **change):
    return {**copy.deepcopy(part), **change}


def place(data, byte):
    """Line and column of the first byte that is no UTF-8, counted apart from the program."""
    before = data[:data.index(byte)]
    return f"line {before.count(10) + 1}, column {len(before) - before.rfind(10)}"


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    text, people = json.dumps(PAYROLL, ensure_ascii=False, indent=1), json.dumps(PEOPLE, ensure_ascii=False, indent=1)
    check(PAYROLL, PEOPLE, 0)

    # ---- encodings, wherever the byte stands, in either file and in the waivers
    for data in (text.replace('"form"', '"x_n\u00e4me": 1, "form"').encode("cp1252", "replace"), text.replace("Rhein", "Rh\u00e4in", 1).encode("cp1252", "replace"),
                 text.encode().replace(b'"FFM"', b'"\xe4FFM"', 5), text.encode() + b"\n \xe4", text.encode() + b"\xe2\x82"):
        try:
            data.decode()
        except UnicodeDecodeError as wrong:
            before = data[:wrong.start]
            spot = f"line {before.count(10) + 1}, column {len(before) - before.rfind(10)}"
        done = check(data, PEOPLE, 3, "[encoding]", "Windows-1252?", "p.json")
        assert spot in done.stderr or b"\xe2\x82" in data, (spot, done.stderr)
    far = with_(PAYROLL, x_long="x" * 300_000, x_end="\u00e4")
    data = json.dumps(far, ensure_ascii=False, indent=1).encode("cp1252", "replace")
    check(data, PEOPLE, 3, "Windows-1252?", place(data, b"\xe4") if data.index(b"\xe4") > 300_000 else "line")
    check(PAYROLL, people.encode("cp1252", "replace"), 3, "e.json", "Windows-1252?")
    for bad in (b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\xaf", b"\x80"):
        check(text.encode().replace(b"Rhein", bad, 1), PEOPLE, 3, "[encoding]")
    check(b"\xef\xbb\xbf" + text.encode(), b"\xef\xbb\xbf" + people.encode(), 0)
    for name in ("utf-16", "utf-16-le", "utf-16-be"):
        check(text.encode(name), PEOPLE, 3, "[encoding]", "UTF-16")
        check(PAYROLL, people.encode(name), 3, "e.json", "UTF-16")
    check(json.dumps(with_(PAYROLL, x_all="\u00e4\u20ac\u1ec7\U0001d11e\U0010ffff\ud7ff\ue000\u0800\u0080\u07ff")  , ensure_ascii=False).encode(), PEOPLE, 0)
    waivers = json.dumps({"format": "taxcert/waivers/1", "waivers": []})
    open("w.json", "wb").write(b"\xef\xbb\xbf" + waivers.encode())
    check(PAYROLL, PEOPLE, 0, options=("--waivers", "w.json"))
    open("w.json", "wb").write(waivers.replace("[]", '[{"reason": "\u00e4"}]').encode("cp1252"))
    check(PAYROLL, PEOPLE, 3, "w.json", "Windows-1252?", "line 1, column 57", options=("--waivers", "w.json"))

    # ---- formats and files in each other's place
    check(with_(PAYROLL, format="taxcert/payroll/9"), PEOPLE, 3, "[format]", "known is taxcert/payroll/1")
    check(with_(PAYROLL, format="taxcert/payroll/9", certificates=[]), PEOPLE, 3, "[format]")
    check(with_(PAYROLL, format="CANARY"), PEOPLE, 3, "[format]", 'format must be "taxcert/payroll/1"')
    check(with_(PAYROLL, format=1), PEOPLE, 3, "[format]")
    check(PAYROLL, with_(PEOPLE, format="taxcert/employees/2"), 3, "[format]", "e.json", "known is taxcert/employees/1")
    check(PEOPLE, PAYROLL, 3, "[format]", "swapped?")
    for foreign in ({}, {"name": "CANARY", "version": 3}):
        check(foreign, PEOPLE, 3, "[format]", "this is not a payroll file")

    # ---- nobody known: one line
    done = check(PAYROLL, None, 3, "[employees-missing]", "--employees FILE")
    assert len(done.stderr.splitlines()) == 1
    check(PAYROLL, with_(PEOPLE, employees=[]), 3, "[employees-missing]")

    # ---- keys that are misspelt: what a list holds is not lost; others are named by the nearest known one
    for wrong, right in (("declaration", "declarations"), ("establishment", "establishments"), ("certificate", "certificates"), ("wagetypes", "wage_types"),
                         ("decalrations", "declarations")):
        changed = {wrong if key == right else key: value for key, value in with_(PAYROLL, wage_types=PAYROLL.get("wage_types", {})).items()}
        check(changed, PEOPLE, 3, "[unknown-key]", f"missing: {right};")
    one = copy.deepcopy(PAYROLL)
    one["certificates"][0]["transferticket"] = "CANARY"
    one["certificates"][1]["zzzzzzzzzzz"] = "CANARY"
    done = check(one, PEOPLE, 0, "(nearest known name: transfer_ticket)")
    assert done.stderr.count("[unknown-key]") == 2 and done.stderr.count("nearest known name:") == 1, done.stderr
    check(with_(PAYROLL, x_declaration=1), PEOPLE, 0)

    # ---- a value of another kind: what is needed and what was found
    check(with_(PAYROLL, year="2025"), PEOPLE, 3, "/year", "whole number", "text was found")
    check(with_(PAYROLL, year=2025.5), PEOPLE, 3, "[value-type]")
    check({k: v for k, v in PAYROLL.items() if k != "form"}, PEOPLE, 3, "/form", "[missing]")
    check(with_(PAYROLL, year=2019), PEOPLE, 2, "2025")
    for value, kind in ((True, "true or false"), ([], "a list"), ({}, "a group of fields { }")):
        one = copy.deepcopy(PAYROLL)
        one["certificates"][0]["values"]["3"] = value
        check(one, PEOPLE, 1, "[value-type]", "The amount must be text like", f"(found: {kind})")
    one = copy.deepcopy(PAYROLL)
    one["certificates"][0]["transfer_ticket"] = 17
    check(one, PEOPLE, 1, "The value must be text in quotes. (found: a whole number)")
    german = check(one, PEOPLE, 1, "(gefunden: ", options=("--lang", "de"))
    assert "found" not in german.stderr
print("whole file: ok")
