"""A waiver lifts one error of one certificate: it is issued, and the waiver stands in ledger and workbook with reason and name. What
cannot be waived, and a waiver nobody needs, is said. Usage: waivers.py TAXCERT SOURCE_DIR"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

import openpyxl

program, source = sys.argv[1:3]
payroll = os.path.join(source, "samples/rejects/payroll.json")
certificates = json.load(open(payroll))["certificates"]
ids = {rule: next(c["id"] for c in certificates if c["x_expect"] == rule) for rule in ("care-max", "soli-max", "idnr")}


def run(folder, name, waivers, *options):
    path = os.path.join(folder, name + ".json")
    json.dump({"format": "taxcert/waivers/1", "waivers": waivers}, open(path, "w"))
    return subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), payroll,
                           "--waivers", path, "-o", os.path.join(folder, name), *options], capture_output=True, text=True)


def waiver(certificate, rule, **more):
    return {"certificate": certificate, "rule": rule, "reason": "Reason-Canary", "approved_by": "Who-Canary", **more}


with tempfile.TemporaryDirectory() as folder:
    made = run(folder, "ok", [waiver(ids["care-max"], "care-max"), waiver(ids["soli-max"], "care-max")], "--lang", "en")
    said = made.stdout + made.stderr
    assert made.returncode == 1 and "waived 1" in said, said
    assert "waivers" not in said.split("waiver-unused")[0] or "ok.json#/waivers/1 [waiver-unused]" in said
    assert "ok.json#/waivers/1 [waiver-unused]" in said, "a waiver that was not needed is a warning"
    assert "Canary" not in said
    assert "exceeds the year's maximum of 2,778.36 EUR and 4.2% of the wage" in said, "--lang en, with the form's limits as English writes them"
    ledger = sqlite3.connect(os.path.join(folder, "ok/ledger.db"))
    state = dict(ledger.execute("SELECT id, state FROM certificate WHERE id IS NOT NULL"))
    assert state[ids["care-max"]] == "issued" and state[ids["soli-max"]] == "held"
    rows = ledger.execute("SELECT id, rule, reason, approved_by, message FROM finding WHERE severity = 'waived'").fetchall()
    assert [r[:4] for r in rows] == [(ids["care-max"], "care-max", "Reason-Canary", "Who-Canary")]
    assert "Pflegeversicherung" in rows[0][4] and "von 2.778,36 EUR und 4,2 % des Lohns" in rows[0][4], "what is kept is in the form's language, its numbers too"
    book = openpyxl.load_workbook(os.path.join(folder, "ok/summary.xlsx"))
    sheet = [[c.value for c in row] for row in book["Fehler und Hinweise"].iter_rows()]
    assert any(r[1] == ids["care-max"] and "als Ausnahme zugelassen" in r and "Reason-Canary" in r and "Who-Canary" in r for r in sheet)
    assert any(r[0].value == "Ausnahmen" and r[1].value == 1 for r in book["Übersicht"].iter_rows())
    assert subprocess.run([program, "verify", os.path.join(folder, "ok")], capture_output=True).returncode == 0
    few = run(folder, "few", [], "--max-findings", "3")
    assert few.stderr.count("error: ") + few.stderr.count("warning: ") == 3 and "findings shown 3 of" in few.stdout
    for name, entry, pointer in (("identity", waiver(ids["idnr"], "idnr"), "/waivers/0/rule"),
                                 ("unknown", waiver("x", "no-such-rule"), "/waivers/0/rule"),
                                 ("warning", waiver("x", "soli-free"), "/waivers/0/rule"),
                                 ("empty", waiver("x", "care-max", reason=""), "/waivers/0/reason"),
                                 ("blank", waiver("x", "care-max", approved_by=" "), "/waivers/0/approved_by"),
                                 ("everybody", {k: v for k, v in waiver("", "care-max").items() if k != "certificate"}, "/waivers/0/rule"),
                                 ("none", waiver("", "transfer-ticket-missing"), "/waivers/0/certificate"),
                                 ("misspelt", {**waiver(None, "transfer-ticket-missing"), "certifcate": "x"}, "/waivers/0"),
                                 ("nobody", {"certificate": "x", "rule": "care-max", "reason": "r"}, "/waivers/0/approved_by")):
        refused = run(folder, name, [entry])
        assert refused.returncode == 3 and f"{name}.json#{pointer}" in refused.stderr, (name, refused.returncode, refused.stderr)
        assert not os.path.exists(os.path.join(folder, name))
    said = run(folder, "words", [], "--lang", "de").stdout
    assert "ausgestellt" in said and "Summe der Zeile 4 Lohnsteuer:" in said and "issued" not in said, said
    # The program's own findings speak the language too; the messages name rules that exist.
    for lang, words in (("de", "Diese Angabe fehlt"), ("en", "This field is missing; add it.")):
        said = run(folder, "lang-" + lang, [], "--lang", lang).stderr
        assert words in said, (lang, said[:500])
    kept = [r[0] for r in sqlite3.connect(os.path.join(folder, "lang-en/ledger.db")).execute("SELECT message FROM finding WHERE rule = 'missing'")]
    assert kept and set(kept) == {"Diese Angabe fehlt; bitte ergänzen.", "Diese Liste hat zu wenige Einträge; bitte ergänzen."}, kept

    # ---- the transfer ticket: withheld without, by check too; one line answers for all; a draft needs none
    bank = os.path.join(source, "samples/bank")
    year = json.load(open(os.path.join(bank, "payroll.json")))
    without = [c["id"] for c in year["certificates"][:7]]
    for certificate, nothing in zip(year["certificates"], (None, "", " ", "\t", None, "", None)):
        certificate["transfer_ticket"] = nothing
    del year["certificates"][0]["transfer_ticket"]
    path = os.path.join(folder, "year.json")
    json.dump(year, open(path, "w"))

    def whole(name, waivers, *options, command="generate"):
        answers = os.path.join(folder, name + ".answers.json")
        json.dump({"format": "taxcert/waivers/1", "waivers": waivers}, open(answers, "w"))
        made = subprocess.run([program, command, "--allow-test-ids", "--json", "-e", os.path.join(bank, "employees.json"), path, *options]
                              + (["--waivers", answers] if waivers else [])
                              + (["-o", os.path.join(folder, name)] if command == "generate" else []), capture_output=True, text=True)
        lines = [json.loads(line) for line in made.stdout.splitlines()]
        found = [(f["certificate"], f["finding"]) for f in lines[:-1] if f["rule"] == "transfer-ticket-missing"]
        assert "Canary" not in made.stdout + made.stderr
        return made.returncode, found, [f["pointer"] for f in lines[:-1] if f["rule"] == "waiver-unused"], lines[-1]

    everyone = {"rule": "transfer-ticket-missing", "reason": "Reason-Canary", "approved_by": "Who-Canary"}
    for command in "check", "generate":
        code, found, _, last = whole("bare-" + command, [], command=command)
        assert code == 1 and found == [(i, "error") for i in without] and last["held"] == len(without), (command, code, found)
        code, found, unused, last = whole("all-" + command, [{**everyone, "certificate": None}], command=command)
        assert code == 0 and found == [(i, "waived") for i in without] and not unused and last["waived"] == len(without), (command, code, found)
        code, found, unused, last = whole("one-" + command, [waiver(without[2], "transfer-ticket-missing")], command=command)
        assert code == 1 and found == [(i, "waived" if i == without[2] else "error") for i in without] and not unused, found
        code, found, _, last = whole("draft-" + command, [], "--draft", command=command)
        assert code == 0 and not found and last["held"] == 0, found
    code, found, unused, _ = whole("both", [everyone, waiver(without[0], "transfer-ticket-missing", approved_by="Named"), everyone])
    assert code == 0 and unused == ["/waivers/2"], unused
    with sqlite3.connect(os.path.join(folder, "both/ledger.db")) as ledger:
        who = ledger.execute("SELECT id, approved_by FROM finding WHERE severity = 'waived' ORDER BY number").fetchall()
    assert who == [(i, "Named" if i == without[0] else "Who-Canary") for i in without], "a line of its own comes before the one for all"
    rows = [[c.value for c in row] for row in openpyxl.load_workbook(os.path.join(folder, "both/summary.xlsx"))["Übersicht"].iter_rows()]
    assert [r[0] for r in rows if r[1] == "transfer-ticket-missing"] == [without[0], f"{without[1]} (+ {len(without) - 2})"], "a line an answer"
    again = subprocess.run([program, "summary", os.path.join(folder, "both"), "-o", os.path.join(folder, "again.xlsx")], capture_output=True)
    assert again.returncode == 0 and open(os.path.join(folder, "again.xlsx"), "rb").read() == open(os.path.join(folder, "both/summary.xlsx"), "rb").read()

    # ---- several employers: a file for all besides each one's own; a line that nobody needed is told once, by check and again too
    def put(name, value):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        json.dump(value, open(os.path.join(folder, name), "w"))
        return os.path.join(folder, name)

    def several(command, answers, *options):
        made = subprocess.run([program, command, "--allow-test-ids", "--json", os.path.join(folder, "in"), "--waivers", answers, *options],
                              capture_output=True, text=True)
        assert "Canary" not in made.stdout + made.stderr
        lines = [json.loads(line) for line in made.stdout.splitlines()]
        return made.returncode, lines

    people = json.load(open(os.path.join(bank, "employees.json")))["employees"]
    year = {k: v for k, v in json.load(open(os.path.join(bank, "payroll.json"))).items() if k != "declarations"}
    parts = {"alpha": year["certificates"][:3], "beta": year["certificates"][3:6], "gamma": year["certificates"][6:9]}
    for name, part in parts.items():
        owners = {c["personnel_number"] for c in part}
        part = [{**c, "transfer_ticket": None} if i < 2 else c for i, c in enumerate(part)]
        if name != "alpha":
            part[0]["id"] = "SAME-ID"
        put(f"in/{name}.json", {**year, "certificates": part, "employees": [e for e in people if e["personnel_number"] in owners]})
    ticket = "transfer-ticket-missing"
    common = put("common.json", {"format": "taxcert/waivers/1", "waivers": [
        waiver("SAME-ID", ticket), waiver(parts["alpha"][0]["id"], ticket), waiver("nobody", ticket), waiver("SAME-ID", "care-max")]})
    put("in/gamma.waivers.json", {"format": "taxcert/waivers/1", "waivers": [waiver(parts["gamma"][1]["id"], ticket, approved_by="Gamma"), waiver("x", ticket)]})
    out = os.path.join(folder, "several")
    for command, options in (("check", ()), ("generate", ("-o", out)), ("generate", ("-o", out))):
        code, lines = several(command, common, *options)
        assert code == 1, lines
        assert [(f["employer"], f["certificate"], f["finding"]) for f in lines if f.get("rule") == ticket] == [
            ("alpha", parts["alpha"][0]["id"], "waived"), ("alpha", parts["alpha"][1]["id"], "error"), ("beta", "SAME-ID", "waived"),
            ("beta", parts["beta"][1]["id"], "error"), ("gamma", "SAME-ID", "waived"), ("gamma", parts["gamma"][1]["id"], "waived")], lines
        assert [(f.get("employer"), f["file"], f["pointer"], f["rule"]) for f in lines if str(f.get("rule")).startswith("waiver-")] == [
            ("gamma", "gamma.waivers.json", "/waivers/1", "waiver-unused"), (None, "common.json", "/waivers/0", "waiver-several"),
            (None, "common.json", "/waivers/2", "waiver-unused"), (None, "common.json", "/waivers/3", "waiver-unused")], lines
        assert lines[-1]["warnings"] == sum(e["warnings"] for e in lines if "code" in e and "employer" in e) + 3
    kept = {n: sqlite3.connect(os.path.join(out, n, "ledger.db")).execute("SELECT id, approved_by FROM finding WHERE severity = 'waived' ORDER BY number").fetchall()
            for n in parts}
    assert kept == {"alpha": [(parts["alpha"][0]["id"], "Who-Canary")], "beta": [("SAME-ID", "Who-Canary")],
                    "gamma": [("SAME-ID", "Who-Canary"), (parts["gamma"][1]["id"], "Gamma")]}, kept
    code, lines = several("check", put("all.json", {"format": "taxcert/waivers/1", "waivers": [everyone]}))
    assert code == 0 and sum(f.get("finding") == "waived" for f in lines) == 6, "one line, every employer"
    alone = subprocess.run([program, "generate", "--allow-test-ids", os.path.join(folder, "in/alpha.json"), "--waivers", put("alone.json", {
        "format": "taxcert/waivers/1", "waivers": [everyone]}), "-o", os.path.join(folder, "alone")], capture_output=True, text=True)
    assert alone.returncode == 0 and several("generate", os.path.join(folder, "all.json"), "-o", os.path.join(folder, "all"))[0] == 0
    for name in ("ledger.db", "summary.xlsx", "records.jsonl", "SHA256SUMS"):
        same = [open(os.path.join(folder, run, name), "rb").read() for run in ("alone", "all/alpha")]
        assert same[0] == same[1], f"{name}: an employer's run is the one of its files alone"
    for wrong, pointer in (({"format": "taxcert/waivers/1", "waivers": [everyone, 7]}, "/waivers/1"), ({"format": "taxcert/waivers/1"}, "/waivers"),
                           ({"format": "taxcert/waivers/1", "waivers": [{**everyone, "approved_by": None}]}, "/waivers/0/approved_by")):
        refused = subprocess.run([program, "generate", "--allow-test-ids", os.path.join(folder, "in"), "--waivers", put("wrong.json", wrong), "-o",
                                  os.path.join(folder, "nothing")], capture_output=True, text=True)
        assert refused.returncode == 3 and f"wrong.json#{pointer}" in refused.stderr and not os.path.exists(os.path.join(folder, "nothing")), refused.stderr

    # ---- correcting runs: a late certificate and a corrected one without tickets, each answered for by name, by one line, or not at all
    first = subprocess.run([program, "generate", "--allow-test-ids", put("base.json", {**year, "certificates": parts["alpha"][:2], "employees": people}),
                            "-o", os.path.join(folder, "base")], capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    late = {**parts["alpha"][2], "transfer_ticket": None}
    fixed = {**parts["alpha"][0], "transfer_ticket": "", "correction": {"reason": "Betrag berichtigt"}}
    fixed["values"] = {**fixed["values"], "20": "12.00"}
    changes = put("changes.json", {**year, "issue_date": "2026-02-20", "certificates": [fixed, late], "employees": people})
    for n, (answers, states) in enumerate((([], ["error", "error"]), ([waiver(late["id"], ticket)], ["error", "waived"]),
                                           ([waiver(fixed["id"], ticket), waiver(parts["alpha"][1]["id"], ticket)], ["waived", "error"]),
                                           ([everyone], ["waived", "waived"]))):
        file = put(f"c{n}.json", {"format": "taxcert/waivers/1", "waivers": answers})
        for output in ([], ["-o", os.path.join(folder, f"corrected{n}")]):
            if output and n != 3:
                continue
            done = subprocess.run([program, "correct", "--allow-test-ids", "--json", os.path.join(folder, "base"), changes, "--waivers", file, *output],
                                  capture_output=True, text=True)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            found = [f["finding"] for f in lines[:-1] if f["rule"] == ticket]
            assert done.returncode == (1 if "error" in states else 0) and found == states, (n, done.returncode, found, done.stderr)
            assert lines[-1]["waived"] == states.count("waived") and lines[-1]["changes"]["held"] == states.count("error"), lines[-1]
            assert [f["pointer"] for f in lines[:-1] if f["rule"] == "waiver-unused"] == (["/waivers/1"] if n == 2 else []), lines
    with sqlite3.connect(os.path.join(folder, "corrected3/ledger.db")) as ledger:
        assert ledger.execute("SELECT id, approved_by FROM finding WHERE severity = 'waived'").fetchall() == [(i, "Who-Canary") for i in (fixed["id"], late["id"])]
    assert subprocess.run([program, "verify", os.path.join(folder, "corrected3")], capture_output=True).returncode == 0
print("waivers: ok")
