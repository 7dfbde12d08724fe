"""The sample bank's wage tax is that of the ministry's flow chart: samples/wage_tax.py gives to the cent what an independent program gave
(samples/wage-tax.tsv), every call the banks of all years make is among those, and the banks' files are what their generator writes.

Usage: wage_tax.py TAXCERT SOURCE_DIR"""
import json
import os
import sys
from decimal import Decimal as D

source = sys.argv[2]
sys.path.insert(0, os.path.join(source, "samples"))
import make_bank  # noqa: E402
from wage_tax import DEFAULTS, INPUTS, OUTPUTS, YEARS, wage_tax  # noqa: E402

rows = [line.split("\t") for line in open(os.path.join(source, "samples/wage-tax.tsv"), encoding="utf-8") if not line.startswith("#")]
head, rows = [k.strip() for k in rows[0]], [dict(zip([k.strip() for k in rows[0]], (v.strip() for v in r))) for r in rows[1:]]
assert head == ["year", "case", *INPUTS, *OUTPUTS]
wrong, known = 0, set()
for r in rows:
    inputs = {k: D(r[k]) for k in INPUTS}
    known.add((int(r["year"]), tuple(sorted((k, v) for k, v in inputs.items() if v != DEFAULTS[k]))))
    got = wage_tax(int(r["year"]), **inputs)
    if any(r[k] != "-" and got[k] != int(r[k]) for k in OUTPUTS):
        print(r["year"], r["case"], {k: (got[k], r[k]) for k in OUTPUTS if str(got[k]) != r[k]})
        wrong += 1
assert not wrong, wrong
calls = 0
for year in YEARS:
    bank = make_bank.of(year)
    bank.build()
    missing = [c for c in bank.CALLS if (year, tuple(sorted((k, D(v)) for k, v in c))) not in known]
    assert not missing, (year, len(missing), "calls of the bank are not in the table: run samples/make_wage_tax.py", missing[:2])
    calls += len(bank.CALLS)
    for name, made in (("employees", bank.employees()), ("payroll", bank.payroll()), ("corrections", bank.corrections())):
        path = bank.folder() / f"bank/{name}.json"
        assert path.read_text(encoding="utf-8") == make_bank.pretty(made) + "\n", f"{path} is not what make_bank.py writes"

# Of every year: at least twenty cases besides the bank's, of each class, with children, pensions, parts of a year, one-off pay and severance
for year in YEARS:
    cases = [r for r in rows if int(r["year"]) == year and not r["case"].startswith("bank ")]
    assert len(cases) >= 20 and {r["STKL"] for r in cases} == set("123456"), year
    for key in ("ZKF", "VBEZ", "SONSTB", "SONSTENT" if year > 2024 else "VMT", "STERBE", "PKV", "LZZFREIB", "ALTER1"):
        assert any(D(r[key]) for r in cases), (year, key)
    assert {"1", "2", "4"} <= {r["LZZ"] for r in cases}, year

# One-off pay of the bank by hand, § 39b III: class I, twelve times 5,240.00 (100002): the year's tax is 10,071 with 62,880.00 and ...
tax = lambda **more: wage_tax(2025, KVZ="2.5", PVZ=1, LZZ=1, **more)["LSTLZZ"]
assert tax(RE4=6812000) == 1194400, "the vector known from elsewhere: de-lohnsteuerbescheinigung, class I, 68,120.00"
one = wage_tax(2025, KVZ="2.5", PVZ=1, RE4=524000, JRE4=6288000, SONSTB=524000)
assert one["STS"] == tax(RE4=6288000 + 524000) - tax(RE4=6288000)
print(len(rows), "cases,", calls, "calls of the banks: ok")
