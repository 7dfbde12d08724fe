"""Every reject is withheld under the one rule it breaks, the good ones are issued.

Usage: rejects.py TAXCERT SOURCE_DIR"""
import json, os, sqlite3, subprocess, sys, tempfile

program, source = sys.argv[1:3]
payroll = os.path.join(source, "samples/rejects/payroll.json")
certificates = json.load(open(payroll))["certificates"]
with tempfile.TemporaryDirectory() as folder:
    run = subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), payroll, "-o",
                          os.path.join(folder, "run")], capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    ledger = sqlite3.connect(os.path.join(folder, "run", "ledger.db"))
    got = {}
    for number, rule in ledger.execute("SELECT number, rule FROM finding WHERE severity = 'error'"):
        got.setdefault(number, set()).add(rule)
tried = wrong = 0
for i, certificate in enumerate(certificates):
    if certificate["x_expect"]:
        if got.get(i) != {certificate["x_expect"]}:
            print("certificate", i, "expected", certificate["x_expect"], "got", got.get(i))
            wrong += 1
        tried += 1
    elif certificate["x_expect"] is None:
        assert i not in got, (i, got[i])
assert tried >= 50 and not wrong
print(tried, "rejects: ok")
