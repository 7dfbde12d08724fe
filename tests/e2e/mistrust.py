"""Ways round the checks, all of them closed: handles and keys written with escapes, handles with dots, a reason that is no UTF-8, a
half-written event, folders an earlier run left, a ledger forged together with its file. Usage: mistrust.py TAXCERT SOURCE_DIR"""
import glob
import hashlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
payroll, employees = (json.load(open(os.path.join(bank, n + ".json"))) for n in ("payroll", "employees"))
two = next(n for n in (c["personnel_number"] for c in payroll["certificates"])
           if sum(c["personnel_number"] == n for c in payroll["certificates"]) == 2)
certificates = [c for c in payroll["certificates"] if c["personnel_number"] == two] + payroll["certificates"][:2]
people = [e for e in employees["employees"] if e["personnel_number"] in {c["personnel_number"] for c in certificates}]
templates = ["--templates", os.path.join(source, "templates")]


def taxcert(*words, **more):
    done = subprocess.run([program, *words], capture_output=True, **more)
    assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, done.stderr[-2000:]
    return done


def generate(folder, name, text, out=None):
    path = os.path.join(folder, name + ".json")
    with open(path, "w") as file:
        file.write(text)
    run = out or os.path.join(folder, name)
    return run, taxcert("generate", "--allow-test-ids", *templates, path, "-o", run)


def text(**change):
    return json.dumps({**payroll, "certificates": certificates, "employees": people, **change}, ensure_ascii=False)


def states(run):
    with sqlite3.connect(os.path.join(run, "ledger.db")) as ledger:
        return dict(ledger.execute("SELECT state, count(*) FROM certificate GROUP BY state")), [
            r[0] for r in ledger.execute("SELECT rule FROM finding WHERE severity = 'error'")]


with tempfile.TemporaryDirectory() as folder:
    first, second = certificates[0]["id"], certificates[1]["id"]
    plain, made = generate(folder, "plain", text())
    assert made.returncode == 0, made.stderr

    # ---- the same id, once with an escape in it, by value or by key; the same employee twice
    for name, old, new in (("value", f'"id": "{second}"', f'"id": "\\u00{ord(first[0]):02x}{first[1:]}"'),
                           ("key", f'"id": "{second}"', f'"\\u0069d": "{first}"')):
        run, made = generate(folder, "escaped-" + name, text().replace(old, new))
        assert made.returncode == 1 and states(run) == ({"issued": 2, "held": 2}, ["certificate-duplicate"] * 2), (name, made.stderr)
        assert taxcert("verify", run).returncode == 0
    owner = people[0]["personnel_number"]
    twin = json.dumps({**people[0], "personnel_number": "@"}, ensure_ascii=False).replace('"@"', f'"\\u00{ord(owner[0]):02x}{owner[1:]}"')
    run, made = generate(folder, "escaped-person", text().replace('"employees": [', '"employees": [' + twin + ", "))
    assert made.returncode == 1 and set(states(run)[1]) == {"employee-duplicate"}, made.stderr

    # ---- a list's key with an escape is that list; a key that nobody can know is told and stops nobody
    run, made = generate(folder, "escaped-list", text().replace('"certificates"', '"certific\\u0061tes"'))
    assert made.returncode == 0 and states(run)[0] == {"issued": 4}
    for key in ("\\u00e4", "", "x" * 100):
        run, made = generate(folder, "bad-key", text().replace('"format"', f'"{key}": 1, "format"', 1))
        assert made.returncode == 0 and b"[unknown-key]" in made.stderr, key
        shutil.rmtree(run)

    # ---- dots in a handle are no way out of the folder
    run, made = generate(folder, "dots", text().replace(f'"{first}"', '"a..b"'))
    assert made.returncode == 0 and taxcert("verify", run).returncode == 0
    assert taxcert("reprint", run, "a..b", "-o", os.path.join(folder, "dots.pdf")).returncode == 0

    # ---- the chain of events outlives a reason that is no text, and a full disk
    for reason in (b"Kopie f\xfcr", b"two\nlines"):
        assert taxcert("reprint", "--reason", reason, run, "a..b", "-o", os.path.join(folder, "r.pdf")).returncode == 2
    log = os.path.getsize(os.path.join(run, "events.log"))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (log + 40, log + 40))
    assert taxcert("reprint", "--reason", "x" * 700, run, "a..b", "-o", "-", preexec_fn=limit).returncode == 4
    assert os.path.getsize(os.path.join(run, "events.log")) == log
    assert taxcert("reprint", "--reason", "now", run, "a..b", "-o", "-").returncode == 0 and taxcert("verify", run).returncode == 0
    assert taxcert("verify", "/" + run).returncode == 0, "two slashes in front"

    # ---- what an earlier run left: an empty folder is no run; a link to nowhere is in the way, and once it is gone the run goes on
    out = os.path.join(folder, "left")
    os.mkdir(out + ".partial")
    assert generate(folder, "left-in", text(), out)[1].returncode == 0 and not os.path.exists(out + ".partial")
    out = os.path.join(folder, "link")
    os.symlink(os.path.join(folder, "nowhere"), out)
    assert generate(folder, "link-in", text(), out)[1].returncode == 2 and not os.path.exists(out + ".partial")
    os.unlink(out)
    assert generate(folder, "link-in", text(), out)[1].returncode == 0

    # ---- ledger and file forged together: the bytes agree, the run's list of hashes does not
    other = next(c["id"] for c in certificates if "3" in c.get("values", {}))
    forged = os.path.join(folder, "forged")
    shutil.copytree(plain, forged)
    pdf = glob.glob(os.path.join(forged, f"certificates/*/*+{other}.pdf"))[0]
    data = open(pdf.replace(forged, plain), "rb").read() + b"\n"
    open(pdf, "wb").write(data)
    with sqlite3.connect(os.path.join(forged, "ledger.db")) as ledger:
        ledger.execute("UPDATE certificate SET sha256 = ?, size = ? WHERE id = ?", (hashlib.sha256(data).digest(), len(data), other))
    ledger.close()
    assert taxcert("reprint", "--duplicate", *templates, forged, other, "-o", os.path.join(folder, "d.pdf")).returncode == 4
    assert taxcert("verify", forged).returncode == 1
    with sqlite3.connect(os.path.join(forged, "ledger.db")) as ledger:
        ledger.execute("UPDATE certificate SET file = 'x' WHERE id = ?", (other,))
    ledger.close()
    assert taxcert("reprint", forged, other, "-o", os.path.join(folder, "d.pdf")).returncode == 4

    # ---- control characters of a wage type would reach explain's reader
    path = text().replace('"text": "Gehalt"', '"text": "Ge\\u001bhalt"')
    assert generate(folder, "wage", path)[1].returncode == 3

    # ---- output that nobody takes
    with open("/dev/full", "w") as full:
        for words in (["verify", plain], ["template", "list", *templates]):
            done = subprocess.run([program, *words], stdout=full, stderr=subprocess.PIPE, text=True)
            assert done.returncode == 4 and "[write]" in done.stderr, (words, done.stderr)
print("mistrust: ok")
