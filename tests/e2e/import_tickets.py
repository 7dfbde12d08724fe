"""Transfer tickets: of each certificate the latest accepted message counts, whatever the order of the list; what contradicts is told, and
a payroll that gets them keeps every other byte. Usage: import_tickets.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
HEAD = "PNr;Beginn;Art;Gesendet;Ticket;Stand"
LIST = {"encoding": "iso-8859-15", "separator": ";", "quote": None, "header": 1, "person": {"column": "PNr", "length": 3},
        "tickets": {"first_day": {"column": "Beginn", "dates": "YYYYMMDD"}, "ticket": "Ticket", "sent": {"column": "Gesendet", "dates": "DD.MM.YYYY hh:mm"},
                    "accepted": {"column": "Stand", "values": {"ok": True, "Fehler": False}}, "cancels": {"column": "Art", "values": {"N": False, "K": False, "S": True}}}}
ROWS = ["007;20250101;N;05.01.2026 09:00;aaAA11;ok", "007;20250801;N;05.01.2026 09:00;aaAA11;ok",  # two certificates, one delivery
        "008;20250101;N;05.01.2026 09:00;aaAA11;Fehler", "008;20250101;N;06.01.2026 09:00;bbBB22;ok",  # refused, then accepted
        "009;20250101;N;05.01.2026 09:00;aaAA11;ok", "009;20250101;K;02.02.2026 10:30;ccCC33;ok",  # corrected
        "010;20250101;N;05.01.2026 09:00;aaAA11;ok", "010;20250101;S;07.01.2026 08:00;ddDD44;ok",  # cancelled
        "011;20250101;S;07.01.2026 08:00;ddDD44;ok", "011;20250101;N;08.01.2026 08:00;eeEE55;ok"]  # cancelled, and sent again
WANT = {("007", "2025-01-01"): "aaAA11", ("007", "2025-08-01"): "aaAA11", ("008", "2025-01-01"): "bbBB22", ("009", "2025-01-01"): "ccCC33", ("011", "2025-01-01"): "eeEE55"}


def record(number, day, more=""):
    return '{"id": "%s-%s", "personnel_number": "%s", "period": {"from": "%s", "to": "2025-12-31"}, "values": {"3": 12.30, "4": 1e2}%s}' % (number, day[5:7], number, day, more)


def payroll(*records):
    return '{"format": "taxcert/payroll/1", "year": 2025,\n "certificates": [\n  ' + ",\n  ".join(records) + "\n ], \"x_note\": \"ä\" }\n"


def run(folder, rows, into, mapping=None, *more):
    (folder / "t.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="iso8859-15")
    (folder / "m.json").write_text(json.dumps(mapping or {"format": "taxcert/mapping/1", "sources": [LIST]}))
    (folder / "in.json").write_text(into)
    out = folder / "out.json"
    out.unlink(missing_ok=True)
    done = subprocess.run([program, "import", folder / "m.json", folder / "t.csv", "--into", folder / "in.json", "-o", out, *more], capture_output=True, text=True)
    assert (done.returncode == 0) == out.exists(), done.stderr
    return done.returncode, done.stderr, out.read_text() if out.exists() else None


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    records = [record(*key) for key in WANT]
    wanted = payroll(*[r[:-1] + ', "transfer_ticket": "%s"}' % t for r, t in zip(records, WANT.values())])
    for seed in range(4):
        random.Random(seed).shuffle(ROWS)
        code, told, made = run(folder, ROWS, payroll(*records))
        assert code == 0 and made == wanted and "warning:" not in told, (told, made)
        assert "5 certificates, 5 transfer tickets" in told
    # null and blank are filled; the same ticket stays; whoever has none in the list is told
    code, told, made = run(folder, ROWS, payroll(record("008", "2025-01-01", ', "transfer_ticket" : null, "z": 1'), record("009", "2025-01-01", ', "transfer_ticket": ""'),
                                                 record("011", "2025-01-01", ', "transfer_ticket": "eeEE55"'), record("007", "2025-01-01"), record("007", "2025-08-01"), record("012", "2025-01-01")))
    assert code == 0 and '"transfer_ticket" : "bbBB22", "z": 1}' in made and '"transfer_ticket": "ccCC33"}' in made and made.count("eeEE55") == 1, (told, made)
    assert "in.json: 012: warning: " in told and "[import-no-ticket]" in told
    assert [c["values"]["3"] for c in json.loads(made)["certificates"]] == [12.3] * 6
    # A cancelled certificate that is still there
    code, told, made = run(folder, ROWS, payroll(*records, record("010", "2025-01-01")))
    line = 2 + ROWS.index("010;20250101;S;07.01.2026 08:00;ddDD44;ok")
    assert code == 0 and f"t.csv:{line}:5 (Ticket): warning: " in told and "[import-cancelled]" in told and json.loads(made)["certificates"][-1].get("transfer_ticket") is None
    # What is refused, at its place, and no ticket in a message
    ROWS.sort()
    for row, place, rule in (("012;20250101;N;05.01.2026 09:00;aaAA11;ok", "12:1", "import-nobody"), ("007;20250901;N;05.01.2026 09:00;aaAA11;ok", "12:2", "import-ticket-day"),
                             ("009;20250101;K;02.02.2026 10:30;zzZZ99;ok", "12:5", "import-ticket"), ("009;20250101;N;05.01.2026 09:00;aa AA11;ok", "12:5", "import-code"),
                             ("009;20250101;N;05.01.2026 09:00;;ok", "12:5", "import-ticket"), ("009;20250101;N;05.01.2026 09:00;aaAA11;vielleicht", "12:6", "import-value"),
                             ("009;20250101;X;05.01.2026 09:00;aaAA11;ok", "12:3", "import-value"), ("009;20250230;N;05.01.2026 09:00;aaAA11;ok", "12:2", "import-date"),
                             ("009;20250101;N;05.01.2026 25:00;aaAA11;ok", "12:4", "import-date"), ("9;20250101;N;05.01.2026 09:00;aaAA11;ok", "12:1", "import-length")):
        code, told, _ = run(folder, [*ROWS, row], payroll(*records))
        assert code == 3 and f"t.csv:{place} (" in told and f"[{rule}]" in told and "zzZZ99" not in told and "aaAA11" not in told, (row, told)
    code, told, _ = run(folder, ROWS, payroll(record("008", "2025-01-01", ', "transfer_ticket": "other"'), *records[:2], *records[3:]))
    assert code == 3 and ":5 (Ticket): the payroll has another transfer ticket" in told, told
    # Another case of letters at the same time of sending: a warning where it is rarer
    code, told, _ = run(folder, [ROWS[0].replace("aaAA11", "AAaa11"), *ROWS[1:]], payroll(*records))
    assert code == 0 and "t.csv:2:5 (Ticket): warning: " in told and "see line 3 [import-delivery]" in told, told
    # Without a time of sending a second ticket is never later
    mapping = {"format": "taxcert/mapping/1", "sources": [copy.deepcopy(LIST)]}
    del mapping["sources"][0]["tickets"]["sent"]
    code, told, _ = run(folder, ROWS, payroll(*records), mapping)
    assert code == 3 and "without a later date" in told
    # The payroll and its tickets from one command; the list may be left out until there is one
    mapping = {"format": "taxcert/mapping/1", "payroll": {"form": "x", "year": 2025}, "id": "C-{personnel_number}-{which}", "certificate": {"establishment": "A"}, "sources": [
        {"file": "pay.csv", "encoding": "utf-8", "separator": ",", "quote": "\"", "header": 1, "decimal": ".", "person": "nr", "which": {"column": "from", "type": "date", "dates": "YYYY-MM-DD"},
         "certificate": {"period.from": {"column": "from", "type": "date", "dates": "YYYY-MM-DD"}}, "values": {"3": "three"}}, {"file": "t.csv", **LIST}]}
    (folder / "m.json").write_text(json.dumps(mapping))
    (folder / "pay.csv").write_text("nr,from,three\n" + "".join(f"{n},{d},1.00\n" for n, d in WANT))
    for files, tickets in (([], [None] * 5), ([folder / "t.csv"], list(WANT.values()))):
        done = subprocess.run([program, "import", folder / "m.json", folder / "pay.csv", *files, "-o", folder / "p.json"], capture_output=True, text=True)
        made = json.loads((folder / "p.json").read_text())["certificates"]
        assert done.returncode == 0 and [c.get("transfer_ticket") for c in made] == tickets, (done.stderr, made)
        assert [c["id"] for c in made] == [f"C-{n}-{d}" for n, d in WANT]
    for more in ((), ("--into", folder / "p.json")):  # a mapping that makes a payroll puts nothing into another one
        done = subprocess.run([program, "import", folder / "m.json", folder / "t.csv", *more, "-o", folder / "q.json"], capture_output=True, text=True)
        assert done.returncode == 2, done.stderr

# The sample: both people of samples/import/long, the second one's refused message does not count
with tempfile.TemporaryDirectory() as name:
    folder, sample = pathlib.Path(name), pathlib.Path(source, "samples/import/tickets")
    records = [record(n, "2025-01-01") for n in ("0101", "0102")]
    (folder / "p.json").write_text(payroll(*records))
    subprocess.run([program, "import", sample / "mapping.json", sample / "uebermittlung.csv", "--into", folder / "p.json", "-o", folder / "q.json"], check=True, capture_output=True)
    assert [c["transfer_ticket"] for c in json.loads((folder / "q.json").read_text())["certificates"]] == ["et7Kq0PzLw3Vb9Xn2RaT", "etH4mYc8Js1DgF6uQeWo"]
