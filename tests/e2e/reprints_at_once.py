"""Reprints of several users at once: every event is in the log, the chain unbroken, each file the issued bytes. Usage: reprints_at_once.py TAXCERT
SOURCE_DIR [REPRINTS=16]; by hand, as root, with 100: two accounts of one group."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

program, source = map(os.path.abspath, sys.argv[1:3])
REPRINTS = int(sys.argv[3]) if len(sys.argv) > 3 else 16
GROUP, USERS = 61990, (61991, 61992)
NUMBERS = ("100001", "100012", "100013", "100014")
bank = os.path.join(source, "samples/bank")
root = os.geteuid() == 0  # else all of them are one user's


def account(i):
    return {"user": USERS[i % 2], "group": USERS[i % 2], "extra_groups": [GROUP]} if root else {}


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    os.chmod(folder, 0o777)
    shutil.copy2(program, os.path.join(folder, "taxcert"))
    payroll = json.load(open(os.path.join(bank, "payroll.json")))
    payroll.update(certificates=[c for c in payroll["certificates"] if c["personnel_number"] in NUMBERS], declarations=[],
                   employees=[p for p in json.load(open(os.path.join(bank, "employees.json")))["employees"] if p["personnel_number"] in NUMBERS])
    path, run = os.path.join(folder, "p.json"), os.path.join(folder, "run")
    json.dump(payroll, open(path, "w"))
    subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), path, "-o", run,
                    *(["--group", str(GROUP)] if root else [])], check=True, capture_output=True)
    ids = [c["id"] for c in payroll["certificates"]]
    running = [subprocess.Popen([os.path.join(folder, "taxcert"), "reprint", run, ids[i % len(ids)], "--reason", f"number {i}", "-o",
                                 os.path.join(folder, f"{i}.pdf")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **account(i))
               for i in range(REPRINTS)]
    ended = [(p.communicate(), p.returncode) for p in running]
    assert all(code == 0 for _, code in ended), [said for said, code in ended if code]
    log = [json.loads(line) for line in open(os.path.join(run, "events.log"))][1:]
    assert sorted(e["reason"] for e in log) == sorted(f"number {i}" for i in range(REPRINTS)) and {e["event"] for e in log} == {"reprinted"}
    assert all(e["certificate"] == ids[int(e["reason"].split()[1]) % len(ids)] for e in log)
    if root:
        assert all(e["uid"] == USERS[int(e["reason"].split()[1]) % 2] for e in log)
    issued = {name.split("+")[1][:-4]: open(os.path.join(where, name), "rb").read()
              for where, _, names in os.walk(os.path.join(run, "certificates")) for name in names}
    assert all(open(os.path.join(folder, f"{i}.pdf"), "rb").read() == issued[ids[i % len(ids)]] for i in range(REPRINTS))
    # Each one's seal is the run's as it was behind some event, the last one the run's own.
    done = subprocess.run([program, "verify", run], capture_output=True, text=True)
    seals = [said[0].split("seal ")[1].split()[0] for said, _ in ended]
    assert done.returncode == 0 and f"{REPRINTS + 1} events, 0 problems" in done.stdout, done.stdout
    assert done.stdout.split("seal ")[1].split()[0] in seals
    for seal in set(seals[:3]):
        assert subprocess.run([program, "verify", "--sample", "0", "--expect", seal, run], capture_output=True).returncode == 0
    # Two people to one name at once: one has it, the other is told, and nobody's file is lost behind an exit code 0.
    for i in range(6):
        target = os.path.join(folder, f"one{i}.pdf")
        running = [subprocess.Popen([program, "reprint", run, id_, "-o", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for id_ in ids[:3]]
        ended = [(p.communicate()[1], p.returncode) for p in running]
        assert sorted(code for _, code in ended) == [0, 2, 2] and all("[file-exists]" in said for said, code in ended if code), ended
        assert open(target, "rb").read() == issued[ids[[code for _, code in ended].index(0)]]
    # Nor is one file for the printer: the one that comes last is refused, and what its log said is taken back. With --force one of them stands, whole.
    count = lambda event: sum(json.loads(line)["event"] == event for line in open(os.path.join(run, "events.log")))
    before, given = (count("reprinted"), count("failed")), 0
    for i in range(8):
        target, force = os.path.join(folder, f"merged{i}.pdf"), ["--force"] * (i % 2)
        pairs = [ids[:2], ids[2:4], ids[1:3]]
        reasons = [f"merged {i} {j}" for j in range(3)]
        running = [subprocess.Popen([program, "reprint", "--merged", *force, "--reason", reason, run, *pair, "-o", target], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                   for pair, reason in zip(pairs, reasons)]
        ended = [(p.communicate()[1], p.returncode) for p in running]
        assert sorted(code for _, code in ended) == ([0, 0, 0] if force else [0, 2, 2]) and all("[file-exists]" in said for said, code in ended if code), ended
        log = [json.loads(line) for line in open(os.path.join(run, "events.log"))][1:]
        text = subprocess.run(["pdftotext", target, "-"], capture_output=True, text=True, check=True).stdout
        stands = [pair for pair in pairs if all(number in text for number in (id_.split("-")[1] for id_ in pair)) and text.count("\f") == 2]
        assert len(stands) == 1, (text.count("\f"), stands)
        for (said, code), pair, reason in zip(ended, pairs, reasons):
            told = [e for e in log if e.get("reason") == reason]
            assert [e["certificate"] for e in told] == pair if code == 0 else len(told) in (0, 2), (code, told)
            assert force or code or pair == stands[0], (pair, stands)
        given += 2 * sum(code == 0 for _, code in ended)
        assert count("reprinted") - before[0] - (count("failed") - before[1]) == given, (given, before)
        assert not [name for name in os.listdir(folder) if name.startswith(".taxcert-")]
print("reprints at once: ok,", REPRINTS, "of two users" if root else "of one user")
