"""Of each form: a text that stands at several places or sheets and cannot be printed there (a country without a name, a character without a glyph, a name too long) is one
finding of its field. Usage: told_once.py TAXCERT SOURCE_DIR"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

program, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
WRONG = {"country-unknown": lambda e: e["address"].update(country="XQ"), "text-character": lambda e: e["address"].update(city="\u16a0"),
         "text-fit": lambda e: e["address"].update(street=" ".join(["Wilhelminenstrassenquerweg"] * 5))}


def samples():
    bank = json.loads((source / "samples/bank/payroll.json").read_text())
    yield {**bank, "employees": json.loads((source / "samples/bank/employees.json").read_text())["employees"]}
    for country in sorted({p.parent.parent for p in source.glob("samples/??/*/payroll.json")}):
        yield json.loads(max(country.glob("*/payroll.json")).read_text())


with tempfile.TemporaryDirectory() as work:
    for payroll in samples():
        people = {c["personnel_number"] for c in payroll["certificates"][:3 * len(WRONG)]}
        payroll["certificates"] = [c for c in payroll["certificates"] if c["personnel_number"] in people]
        payroll["employees"] = [e for e in payroll["employees"] if e["personnel_number"] in people]
        form = max((source / "templates" / payroll["form"]).glob("*/form.json")).read_text()
        wrong = {rule: spoil for rule, spoil in WRONG.items() if rule != "country-unknown" or '"format": "country"' in form}
        expected = collections.Counter()
        for i, e in enumerate(payroll["employees"]):
            rule = list(wrong)[i % len(wrong)]
            wrong[rule](e)
            expected.update((f"{e['personnel_number']} {c['id']}", rule) for c in payroll["certificates"] if c["personnel_number"] == e["personnel_number"])
        path = pathlib.Path(work) / "payroll.json"
        path.write_text(json.dumps(payroll))
        said = subprocess.run([program, "check", "--templates", source / "templates", "--allow-test-ids", path], capture_output=True, text=True)
        assert said.returncode == 1, said.stderr[-2000:]
        lines = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("error: ")]
        told = collections.Counter((line.split(": ")[1], rule) for line in lines for rule in WRONG if f"[{rule}]" in line)
        assert told == expected, (payroll["form"], told - expected, expected - told)
