"""Writes the seeds of tests/fuzz/corpus and the fixed files of the targets from the samples. Run when the samples or the form change."""
import json
import pathlib

here = pathlib.Path(__file__).parent
root = here.parents[1]
bank = {n: json.loads((root / f"samples/bank/{n}.json").read_text()) for n in ("payroll", "employees")}
rejects = json.loads((root / "samples/rejects/payroll.json").read_text())


def write(target, name, data):
    folder = here / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode())


few = bank["payroll"]["certificates"][:1] + [c for c in bank["payroll"]["certificates"] if c.get("entries")][:1]
numbers = {c["personnel_number"] for c in few}
people = [e for e in bank["employees"]["employees"] if e["personnel_number"] in numbers]
(here / "payroll.json").write_text(json.dumps({**bank["payroll"], "certificates": few}, ensure_ascii=False))
(here / "employees.json").write_text(json.dumps({**bank["employees"], "employees": people}, ensure_ascii=False))
for i, certificate in enumerate(bank["payroll"]["certificates"][::6]):
    write("payroll", f"bank-{i}", {**bank["payroll"], "certificates": [{**certificate, "personnel_number": few[0]["personnel_number"]}]})
for i, certificate in enumerate(rejects["certificates"][::5]):
    write("payroll", f"reject-{i}", {**rejects, "employees": [], "certificates": [{**certificate, "personnel_number": few[0]["personnel_number"]}]})
for i, person in enumerate(bank["employees"]["employees"][::6]):
    write("employees", f"bank-{i}", {**bank["employees"], "employees": [{**person, "personnel_number": few[0]["personnel_number"]}]})
for i, person in enumerate(rejects["employees"][::8]):
    write("employees", f"reject-{i}", {**bank["employees"], "employees": [{**person, "personnel_number": few[0]["personnel_number"]}]})
form = root / "templates/de/lohnsteuerbescheinigung/2025"
for i, name in enumerate(("template.json", "rules.json", "form.json", "captions.de.json", "summary.json")):
    write("template", name, bytes([i]) + json.dumps(json.loads((form / name).read_text()), ensure_ascii=False).encode())
for i, source in enumerate(('[n] <= 5.5% * [n0] + 0.01', 'present([t]) if [n] > 0 or not [b]', 'any("g", [t] != "--") and valid([t], "c", [t0])',
                            'sum(abs([n]), max([n], 1), min(2, 3)) > round([n], 2)', 'has("a b", [t]) or within("ev rk", [t])',
                            'starts(norm([t], "c"), "e") and year([d]) == 2025 and month([d0]) + day([d]) > 0', '-(1 - 2) * n')):
    write("expression", str(i), source.encode())
# Corrections of the fixed payroll: an amount, a cancellation with and without a successor, somebody late, and what must be refused
changes = {**{k: v for k, v in bank["payroll"].items() if k != "declarations"}, "issue_date": "2026-03-09"}
first, second = few[0], few[-1]
reason = {"correction": {"reason": "Nachzahlung"}}
other = {**second, "id": "LB25-100002-2"}
late = next(c for c in bank["payroll"]["certificates"] if c["personnel_number"] not in numbers)
newcomer = [e for e in bank["employees"]["employees"] if e["personnel_number"] == late["personnel_number"]]
for name, certificates, more in (("amount", [{**first, **reason}], {}), ("gone", [], {"cancellations": [{"certificate": second["id"], "reason": "doppelt"}]}),
                                 ("instead", [other], {"cancellations": [{"certificate": second["id"], "reason": "falsch"}]}), ("late", [late], {"employees": newcomer}),
                                 ("both", [{**first, **reason}, other], {"cancellations": [{"certificate": second["id"], "reason": "falsch"}], "employees": people}),
                                 ("unknown", [{**first, **reason, "id": "LB25-1"}], {}), ("twice", [{**first, **reason}, {**first, **reason}], {})):
    write("corrections", name, {**changes, "certificates": certificates, "employees": [e for e in people if certificates], **more})
# Steps of sums.c and form.c: place in 65536ths, bytes gone, bytes come; of form.c behind the file and kind
for i, steps in enumerate((b"", bytes([0, 0, 0, 0]), bytes([0, 0, 1, 1]) + b"0", bytes([128, 0, 90, 0]), bytes([0, 0, 0, 69]) + b"0" * 64 + b"  ../", bytes([0, 0, 255, 0, 0, 0, 255, 0]))):
    write("sums", f"steps-{i}", b"\1" + steps)
write("sums", "bytes", b"\0" + b"0" * 64 + b"  /etc/passwd\n")
for i in range(6):
    write("form", f"nothing-{i}", bytes([i, 0, 0, 0, 0]))
    write("form", f"letter-{i}", bytes([i, 99, 7 * i, 1, 1]) + b"x")
    write("form", f"cut-{i}", bytes([i + 6 * 7, 200, 0, 0, 0]))
