"""What an earlier version wrote stays usable: runs made before the names of states, keys and events were settled (tests/cases/earlier-runs.tar.xz: a year's run
with a print job, copies, a reprint and a duplicate, and the run that corrects it), and inputs with the keys of then. Usage: earlier.py TAXCERT SOURCE_DIR"""
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile

program, source = map(os.path.abspath, sys.argv[1:3])
os.environ["LC_ALL"] = "C.UTF-8"
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
KEPT, VOID, HELD, CHANGED = "LB25-100007-1", "LB25-100005-1", "R054", "LB25-100001-1"


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode == code, (words, done)
    return done


def events(run):
    return [json.loads(line) for line in open(os.path.join(run, "events.log"))]


def file_of(run, certificate):
    file, = sqlite3.connect(os.path.join(run, "ledger.db")).execute("SELECT file FROM certificate WHERE id = ? AND state = 'issued'", (certificate,)).fetchone()
    return os.path.join(run, file)


def proved(run):
    done = taxcert("verify", run)
    assert ", 0 problems" in done.stdout, done
    return "made by taxcert 0.1.0" in done.stdout


def renamed(value, pairs):
    """The value with its keys called as they are now."""
    if isinstance(value, dict):
        return {pairs.get(k, k): renamed(v, pairs) for k, v in value.items()}
    return [renamed(v, pairs) for v in value] if isinstance(value, list) else value


with tempfile.TemporaryDirectory() as folder:
    with tarfile.open(os.path.join(source, "tests/cases/earlier-runs.tar.xz")) as archive:
        archive.extractall(folder)
    os.chdir(folder)
    first, second = "2025", "2025-02"

    # ---- reading: proved by what does not depend on the version; what is held back is called so now
    assert proved(first) and proved(second)
    held, = [json.loads(line) for line in taxcert("find", "--json", second, HELD).stdout.splitlines()]
    assert (held["state"], held["issue_date"]) == ("held", ""), held
    kept, = [json.loads(line) for line in taxcert("find", "--json", second, KEPT).stdout.splitlines()]
    assert (kept["state"], kept["certificate"], kept["issue_date"]) == ("issued", KEPT, "2026-01-28"), kept
    assert json.loads(taxcert("find", "--json", first, CHANGED).stdout)["state"] == "corrected"
    assert json.loads(taxcert("explain", "--json", second, KEPT).stdout)["certificate"] == KEPT
    taxcert("summary", second, "-o", "again.xlsx", "--csv", "again.csv")
    rows = open("again.csv", encoding="utf-8-sig").read().splitlines()
    assert rows[0].startswith("personnel_number,certificate,") and ",issue_date,state" in rows[0] and any(r.startswith(HELD) and r.endswith(",held") for r in rows)
    states = dict(line.split("\t")[0::2] for line in taxcert("deliveries", first).stdout.splitlines() if line.count("\t") == 2 and line[0] != "\t")
    assert states["100007+" + KEPT] == "printed", states

    # ---- giving out: the very bytes, logged by the names of now behind those of then
    taxcert("reprint", second, KEPT, "-o", "again.pdf", "--reason", "post")
    assert open("again.pdf", "rb").read() == open(file_of(second, KEPT), "rb").read()
    taxcert("reprint", second, KEPT, "--duplicate", "-o", "copy.pdf")
    assert "[cancelled]" in taxcert("reprint", first, VOID, "-o", "void.pdf", code=3).stderr
    kinds = [(e["event"], e.get("about") or e.get("certificate") or e.get("sums")) for e in events(first)]
    assert kinds[0][0] == "generate" and kinds[-2:] == [("reprinted", KEPT), ("duplicated", KEPT)], kinds
    assert proved(first) and proved(second)

    # ---- correcting: the ledger's declarations have keys of then, the run that is made only those of now
    names = {"issued": "issue_date", "wage_year": "calendar_year", "corrected": "amended", "who": "approved_by"}
    changes = renamed(json.load(open("corrections.json")), names)
    changes["cancellations"], changes["issue_date"] = [], "2026-02-25"
    changes["certificates"][0]["values"]["3"] = "174506.00"
    changes["certificates"][0]["transfer_ticket"] = "et" + "8" * 26
    json.dump(changes, open("third.json", "w"))
    done = taxcert("correct", "--json", "--allow-test-ids", "-e", "employees.json", second, "third.json", "-o", "2025-03")
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["changes"]["corrected"], result["issued"], result["held"]) == (1, 3, 1) and "older_keys" not in result, result
    assert not proved("2025-03"), "this version made it"
    assert {"correction-begun", "superseded", "corrected"} <= {e["event"] for e in events(second)}
    with sqlite3.connect("2025-03/ledger.db") as ledger:
        declared = json.loads(ledger.execute("SELECT value FROM run WHERE key = 'declarations'").fetchone()[0])
        assert all(set(d) == {"establishment", "period", "calendar_year", "amended", "values"} for d in declared) and sum(d["amended"] for d in declared) == 1
        assert ledger.execute("SELECT state FROM certificate WHERE personnel_number = ?", (HELD,)).fetchall() == [("held",)]
    assert json.loads(taxcert("find", "--json", first, CHANGED).stdout)["corrected_by"].endswith("2025-03")

    # ---- inputs with the keys of then: read to the same, and each old name told once with the new one
    old = taxcert("generate", "--json", "--allow-test-ids", "-e", "employees.json", "--waivers", "waivers.json", "payroll.json", "-o", "old", code=1)
    for name in ("payroll", "waivers"):
        json.dump(renamed(json.load(open(name + ".json")), names), open(name + "-now.json", "w"))
    now = taxcert("generate", "--json", "--allow-test-ids", "-e", "employees.json", "--waivers", "waivers-now.json", "payroll-now.json", "-o", "now", code=1)
    results = [json.loads(done.stdout.splitlines()[-1]) for done in (old, now)]
    assert results[0].pop("older_keys") == names and {k: v for k, v in results[0].items() if k != "seal"} == {k: v for k, v in results[1].items() if k != "seal"}
    assert all(f'"{a}" is now called "{b}"' in old.stderr for a, b in names.items()) and "older-key" not in now.stderr and old.stderr.count("[older-key]") == 4
    assert "unknown-key" not in old.stdout + now.stdout
    said = taxcert("check", "--lang", "de", "--allow-test-ids", "-e", "employees.json", "payroll.json", code=1).stderr
    assert '"issued" heißt jetzt "issue_date"' in said, said
    both = json.load(open("payroll-now.json"))
    json.dump({**both, "issued": "2020-01-01"}, open("both.json", "w"))
    assert "[older-key]" in taxcert("check", "--allow-test-ids", "-e", "employees.json", "both.json", code=3).stderr
    assert "--issue-date" in taxcert("check", "--issued", "2026-01-28", "payroll.json", code=2).stderr
print("earlier runs and inputs are read")
