"""Every reject is withheld under the one rule it breaks or issued with the one warning it has; the good ones are issued. Every rule of
the form has such a record, or one among the certificates of tests/cases.

Usage: rejects.py TAXCERT SOURCE_DIR"""
import glob, json, os, sqlite3, subprocess, sys, tempfile

program, source = sys.argv[1:3]
payroll = os.path.join(source, "samples/rejects/payroll.json")
rules = {r["id"]: r["severity"] for r in json.load(open(os.path.join(source, "templates/de/lohnsteuerbescheinigung/2025/rules.json")))["rules"]}
certificates = json.load(open(payroll))["certificates"]


def findings(folder, *options):
    run = subprocess.run([program, "generate", *options, "--templates", os.path.join(source, "templates"), payroll, "-o",
                          os.path.join(folder, "run" + "".join(options))], capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    got = {"error": {}, "warning": {}}
    with sqlite3.connect(os.path.join(folder, "run" + "".join(options), "ledger.db")) as ledger:
        for number, severity, rule in ledger.execute("SELECT number, severity, rule FROM finding"):
            got[severity].setdefault(number, set()).add(rule)
    return got


def employer(folder):
    """What is wrong with the employer is found at everybody."""
    data = json.load(open(payroll))
    data["employer"]["address"]["postcode"] = "1067"
    path = os.path.join(folder, "employer.json")
    json.dump(data, open(path, "w"))
    done = subprocess.run([program, "check", "--allow-test-ids", "--templates", os.path.join(source, "templates"), path], capture_output=True, text=True)
    return "[employer-postcode]" in done.stdout + done.stderr


def feeding(folder):
    """A finding on a line with entries names the wage types that feed it."""
    number = next(i for i, c in enumerate(certificates) if c["x_expect"] == "soli-max" and "entries" in c)
    with sqlite3.connect(os.path.join(folder, "run--allow-test-ids", "ledger.db")) as ledger:
        assert ledger.execute("SELECT wage_types FROM finding WHERE number = ? AND rule = 'soli-max'", (number,)).fetchall() == [("9110",)]
        assert ledger.execute("SELECT count(DISTINCT number) FROM finding WHERE wage_types IS NOT NULL").fetchone() == (1,)


tried, wrong, shown = 0, 0, set()
with tempfile.TemporaryDirectory() as folder:
    got = findings(folder, "--allow-test-ids")
    feeding(folder)
    strict = findings(folder, "--issued=2025-11-30")
    assert employer(folder)
    early = findings(folder, "--allow-test-ids", "--issued=2025-12-19")
for i, certificate in enumerate(certificates):
    warned = certificate.get("x_warn") or []
    expected = {certificate["x_expect"]} - {None}, {warned} if isinstance(warned, str) else set(warned)
    if got["error"].get(i, set()) != expected[0] or (not expected[0] and got["warning"].get(i, set()) != expected[1]):
        print("certificate", i, "expected", expected, "got", got["error"].get(i), got["warning"].get(i))
        wrong += 1
    shown |= expected[0] | expected[1]
    tried += 1
# Two rules depend on the run: what is let pass above.
for rule in ("idnr-test", "period-issued"):
    assert any(rule in found for found in strict["error"].values())
    shown.add(rule)
assert any("period-issued-early" in found for found in early["warning"].values()) and not any("period-issued" in found for found in early["error"].values())
shown |= {"period-issued-early", "employer-postcode"}
assert tried >= 100 and not wrong
for path in glob.glob(os.path.join(source, "tests/cases/*.json")):
    shown |= {rule for case in json.load(open(path))["falsified"] for rule in case["rules"]}
# Rules about corrections are tried by agreement.py.
shown |= {r["id"] for r in json.load(open(os.path.join(source, "templates/de/lohnsteuerbescheinigung/2025/rules.json")))["rules"]
          if r.get("of") == "correction" or {"changed", "only", "kept"} & set(r)}
assert not set(rules) - shown, ("rules without a sample", set(rules) - shown)
print(tried, "rejects: ok")
