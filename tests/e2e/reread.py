"""verify lets pdftotext read each certificate back: of all, of some by chance, or of none, and says which; without the program it says so and claims
nothing. Usage: reread.py TAXCERT SOURCE_DIR"""
import json
import os
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
NUMBERS = ("100001", "100012", "100013", "100014")
bank = os.path.join(source, "samples/bank")


def verify(*words, code=0, path=os.environ["PATH"], run="run"):
    done = subprocess.run([program, "verify", *words, run], capture_output=True, text=True, cwd=folder, env={**os.environ, "PATH": path})
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    program = os.path.abspath(program)
    payroll = json.load(open(os.path.join(bank, "payroll.json")))
    payroll.update(certificates=[c for c in payroll["certificates"] if c["personnel_number"] in NUMBERS], declarations=[],
                   employees=[p for p in json.load(open(os.path.join(bank, "employees.json")))["employees"] if p["personnel_number"] in NUMBERS])
    json.dump(payroll, open(os.path.join(folder, "p.json"), "w"))
    subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(os.path.abspath(source), "templates"), "p.json", "-o", "run"],
                   cwd=folder, check=True, capture_output=True)
    count = len(payroll["certificates"])
    assert f"in all {count} certificates of this run pdftotext reads what the ledger says" in verify()
    assert "in 2 certificates, chosen at random, pdftotext reads" in verify("--sample", "2")
    assert f"in all {count} certificates" in verify("--sample", str(count))
    assert "pdftotext" not in verify("--sample", "0")
    said = verify(path=folder)
    assert "the texts of the PDFs were not read back: pdftotext is not installed" in said and "reads what the ledger says" not in said
    # A reader that reads something else: the comparison is with what it says, not with our own bytes.
    reader = os.path.join(folder, "pdftotext")
    open(reader, "w").write("#!/bin/sh\nPATH=/usr/bin:/bin; exec pdftotext \"$@\" | sed s/Lohnsteuer/Lohnstener/\n".replace("exec ", ""))
    os.chmod(reader, 0o755)
    said = verify(path=folder, code=1)
    assert said.count("[text-differs]") == count and "NOT PROVED" in said and "reads what the ledger says" not in said
    # Letters of cancellations too: of a run that holds nothing else. What is read as another id is another letter.
    gone = payroll["certificates"][-2:]
    json.dump({**payroll, "issue_date": "2026-02-20", "certificates": [], "cancellations": [{"certificate": c["id"], "reason": "Verwechslung"} for c in gone]},
              open(os.path.join(folder, "c.json"), "w"))
    subprocess.run([program, "correct", "--allow-test-ids", "--templates", os.path.join(os.path.abspath(source), "templates"), "run", "c.json", "-o", "next"],
                   cwd=folder, check=True, capture_output=True)
    assert "in 2 letters about cancellations pdftotext reads what the ledger says" in verify(run="next") and "certificates of this run" not in verify(run="next")
    open(reader, "w").write(f"#!/bin/sh\nPATH=/usr/bin:/bin; pdftotext \"$@\" | sed s/{gone[0]['id']}/{gone[1]['id']}/\n")
    said = verify(path=folder, code=1, run="next")
    assert said.count("[text-differs]") == 1 and f"+{gone[0]['id']}+cancellation" in said, said
print("reread: ok")
