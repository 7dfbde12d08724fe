"""Of every year that has a form each reject is withheld under the one rule it breaks or issued with the one warning it has; the good ones are issued.
Every rule of the form has such a record, or one among the certificates of tests/cases.

Usage: rejects.py TAXCERT SOURCE_DIR"""
import glob, json, os, sqlite3, subprocess, sys, tempfile

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "samples"))
from carry import BASE, RULES  # noqa: E402

FORMS = os.path.join(source, "templates/de/lohnsteuerbescheinigung")


def findings(folder, payroll, *options):
    place = os.path.join(folder, "run" + "".join(options))
    run = subprocess.run([program, "generate", *options, "--templates", os.path.join(source, "templates"), payroll, "-o", place],
                         capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    got = {"error": {}, "warning": {}}
    with sqlite3.connect(os.path.join(place, "ledger.db")) as ledger:
        for number, severity, rule in ledger.execute("SELECT number, severity, rule FROM finding"):
            got[severity].setdefault(number, set()).add(rule)
    return got


def employer(folder, payroll):
    """What is wrong with the employer is found at everybody."""
    data = json.load(open(payroll))
    data["employer"]["address"]["postcode"] = "1067"
    path = os.path.join(folder, "employer.json")
    json.dump(data, open(path, "w"))
    done = subprocess.run([program, "check", "--allow-test-ids", "--templates", os.path.join(source, "templates"), path], capture_output=True, text=True)
    return "[employer-postcode]" in done.stdout + done.stderr


def feeding(folder, certificates):
    """A finding on a line with entries names the wage types that feed it."""
    number = next(i for i, c in enumerate(certificates) if c["x_expect"] == "soli-max" and "entries" in c)
    with sqlite3.connect(os.path.join(folder, "run--allow-test-ids", "ledger.db")) as ledger:
        assert ledger.execute("SELECT wage_types FROM finding WHERE number = ? AND rule = 'soli-max'", (number,)).fetchall() == [("9110",)]
        assert ledger.execute("SELECT count(DISTINCT number) FROM finding WHERE wage_types IS NOT NULL").fetchone() == (1,)


def named(folder, certificates):
    """What is wrong with two certificates names the other one."""
    with sqlite3.connect(os.path.join(folder, "run--allow-test-ids", "ledger.db")) as ledger:
        for rule in "same-certificate", "periods-overlap":
            told = ledger.execute("SELECT number, message FROM finding WHERE rule = ? ORDER BY number", (rule,)).fetchall()
            assert len(told) == 2, told
            for (number, message), (other, _) in (told, told[::-1]):
                assert message.endswith(f" (die andere Bescheinigung: {certificates[other]['id']})") and certificates[number]["id"] not in message, message


def falsified(year):
    """Rules that a case of the year breaks: its own table's, or 2025's carried over."""
    for path in glob.glob(os.path.join(source, "tests/cases/*.json")):
        table, of = json.load(open(path)), int(path[-9:-5])
        for rule in [rule for case in table.get("falsified", []) for rule in case["rules"]] if of in (year, BASE) else []:
            yield rule if of == year else RULES.get(year, {}).get(rule, rule)


def try_year(year, folder):
    payroll = os.path.join(source, "samples/rejects/payroll.json" if year == BASE else f"samples/{year}/rejects/payroll.json")
    rules, certificates = json.load(open(os.path.join(FORMS, str(year), "rules.json")))["rules"], json.load(open(payroll))["certificates"]
    got = findings(folder, payroll, "--allow-test-ids")
    feeding(folder, certificates)
    named(folder, certificates)
    strict, early = findings(folder, payroll, f"--issue-date={year}-11-30"), findings(folder, payroll, "--allow-test-ids", f"--issue-date={year}-12-19")
    wrong, shown = 0, set(falsified(year))
    for i, certificate in enumerate(certificates):
        warned = certificate.get("x_warn") or []
        expected = {certificate["x_expect"]} - {None}, {warned} if isinstance(warned, str) else set(warned)
        if got["error"].get(i, set()) != expected[0] or (not expected[0] and got["warning"].get(i, set()) != expected[1]):
            print(year, "certificate", i, certificate["x_why"], "expected", expected, "got", got["error"].get(i), got["warning"].get(i))
            wrong += 1
        shown |= expected[0] | expected[1]
    # Two rules depend on the run: what is let pass above.
    for rule in ("idnr-test", "period-issued"):
        assert any(rule in found for found in strict["error"].values())
        shown.add(rule)
    assert any("period-issued-early" in found for found in early["warning"].values())
    assert not any("period-issued" in found for found in early["error"].values()) and employer(folder, payroll)
    shown |= {"period-issued-early", "employer-postcode"}
    # Rules about corrections are tried by agreement.py.
    shown |= {r["id"] for r in rules if r.get("of") == "correction" or {"changed", "only", "kept"} & set(r)}
    assert len(certificates) >= 100 and not wrong
    assert not {r["id"] for r in rules} - shown, (year, "rules without a sample", {r["id"] for r in rules} - shown)
    print(year, len(certificates), "rejects: ok")


for form in sorted(os.listdir(FORMS)):
    with tempfile.TemporaryDirectory() as work:
        try_year(int(form), work)
