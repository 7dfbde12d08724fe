"""find: everybody of the sample bank by every word of their names as somebody would type it, by number and tax id; withheld ones and
people without a certificate, with the reason, too. Usage: find.py TAXCERT SOURCE_DIR"""
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from builds import release  # noqa: E402

quick = release(program, source)  # for most of a thousand starts
bank = os.path.join(source, "samples/bank")
employees = json.load(open(os.path.join(bank, "employees.json")))["employees"]
payroll = json.load(open(os.path.join(bank, "payroll.json")))
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "ss"})


def taxcert(*words, by=program):
    return subprocess.run([by, *words], capture_output=True, text=True)


def plain(text):
    """Without accents, by Python's own tables."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def ids(done):
    assert done.returncode == 0, done.stderr
    return {line.split("\t")[1] for line in done.stdout.splitlines()}


def generate(folder, payroll_path, people, code):
    run = os.path.join(folder, f"run-{code}")
    made = taxcert("generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), *people, payroll_path, "-o", run)
    assert made.returncode == code, made.stderr
    return run


def make_earlier(run):
    """The run as an earlier version made it: a row of words a certificate, no hashes of pages."""
    with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
        rows = [line.split("\t") for (text,) in ledger.execute("SELECT text FROM words ORDER BY place") for line in text.splitlines()]
        ledger.executescript("DROP TABLE words; DROP TABLE pieces; CREATE TABLE search (number INTEGER PRIMARY KEY, words TEXT NOT NULL)")
        ledger.executemany("INSERT INTO search VALUES (?, ?)", [(int(number), words) for words, number in rows if int(number) >= 0])
        people = ledger.execute("SELECT place, personnel_number, reason FROM person").fetchall()
        ledger.executescript("DROP TABLE person; CREATE TABLE person (place INTEGER PRIMARY KEY, personnel_number TEXT NOT NULL, reason TEXT);"
                             "CREATE INDEX person_number ON person (personnel_number)")
        ledger.executemany("INSERT INTO person VALUES (?, ?, ?)", people)
    ledger.close()
    sums, log = os.path.join(run, "SHA256SUMS"), os.path.join(run, "events.log")
    text = re.sub(r"[0-9a-f]{64}  ledger\.db", hashlib.sha256(open(os.path.join(run, "ledger.db"), "rb").read()).hexdigest() + "  ledger.db", open(sums).read())
    open(sums, "w").write(text)
    event = json.loads(open(log).readline())
    event["sums"] = hashlib.sha256(text.encode()).hexdigest()
    del event["ledger"]
    open(log, "w").write(json.dumps(event, separators=(",", ":")) + "\n")


with tempfile.TemporaryDirectory() as folder:
    run = generate(folder, os.path.join(bank, "payroll.json"), ["-e", os.path.join(bank, "employees.json")], 0)
    certificates = {}
    for certificate in payroll["certificates"]:
        certificates.setdefault(certificate["personnel_number"], set()).add(certificate["id"])
    looked = without = 0
    for person in employees[::3]:  # of every kind there are several
        number, name = person["personnel_number"], person["name"]
        mine = certificates.get(number)
        if not mine:
            done = taxcert("find", run, number)
            told = " ".join(x for x in (person["tax_id"], person["birth_date"], name.get("title"), name["first"], name["last"]) if x)
            line = f"{number}\t\tnone\t\t{told}\t\t\t\t\t{person.get('no_certificate_reason') or ''}\n"
            assert done.returncode == 0 and done.stdout == line, done
            for words in ([name["first"], name["last"]], [name["last"].upper().translate(UMLAUTS), *person["birth_date"].split("-")], [person["tax_id"]]):
                assert line in taxcert("find", run, *words).stdout, (number, words)
            one = json.loads(taxcert("find", "--json", run, person["tax_id"]).stdout)
            assert one["state"] == "none" and one["fields"]["last"] == name["last"] and one["reason"] == (person.get("no_certificate_reason") or ""), one
            without += 1
            continue
        full = f"{name['first']} {name['last']}"
        for text in (full, full.upper(), full.translate(UMLAUTS), plain(full), unicodedata.normalize("NFD", full), number, number.lower(),
                     person["tax_id"], name["last"] + " " + name["first"][:3]):
            assert mine <= ids(taxcert("find", run, *text.split(" "), by=quick if looked % 8 else program)), (number, "not found")
            looked += 1
        assert ids(taxcert("find", run, person["tax_id"])) == mine
        line = json.loads(taxcert("find", "--json", run, person["tax_id"]).stdout.splitlines()[0])
        assert line["fields"]["first"] == name["first"] and line["fields"]["last"] == name["last"] and line["state"] == "issued"
        assert os.path.exists(os.path.join(run, line["file"])) and line["personnel_number"] == number
    assert without > 0
    # What is printed is what reprint takes; every word counts; nothing there, nothing to look for.
    assert ids(taxcert("find", run, "mueller wolfgang")) == ids(taxcert("find", run, "WOLFG", "Müll"))
    assert taxcert("find", run, "mueller", "annegret").returncode == 1
    nobody = taxcert("find", run, "Rumpelstilz")
    assert nobody.returncode == 1 and "[nobody]" in nobody.stderr and "umpel" not in nobody.stderr
    for words in (["..."], [""], list("abcdefghi"), ["\udcff"]):
        assert taxcert("find", run, *words).returncode == 2, words
    assert taxcert("find", os.path.join(folder, "nowhere"), "x").returncode == 2 and taxcert("find", run).returncode == 2

    # Withheld: by name where the record could be read, by the personnel number always.
    rejects = os.path.join(source, "samples/rejects/payroll.json")
    held = generate(folder, rejects, [], 1)
    numbers = {c["personnel_number"] for c in json.load(open(rejects))["certificates"] if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,31}", str(c.get("personnel_number")))}
    told = [taxcert("find", held, number, by=quick if i % 8 else program) for i, number in enumerate(sorted(numbers))]
    assert len(told) > 50 and all(found.returncode == 0 for found in told)
    assert sum("\theld\t\t" in found.stdout for found in told) > 50
    # A run of an earlier version gives the same answers.
    asked = [["mueller"], ["WOLFG", "Müll"], ["an"], ["1"], [employees[0]["personnel_number"]], [employees[3]["tax_id"]], ["Rumpelstilz"], ["lb25", "a"]]
    with_one = lambda: [[line for line in taxcert("find", run, *words).stdout.splitlines() if "\tnone\t" not in line] for words in asked]
    told = with_one()
    make_earlier(run)
    nobodys = next(p for p in employees if p["personnel_number"] not in certificates)  # without a certificate: by the number, which is all it holds
    assert taxcert("find", run, nobodys["personnel_number"]).stdout.startswith(nobodys["personnel_number"] + "\t\tnone\t")
    assert taxcert("find", run, nobodys["tax_id"]).returncode == 1
    assert with_one() == told and sum(map(bool, told)) > 5, "an earlier version's ledger"
print("find:", looked, "ways to look for somebody")
