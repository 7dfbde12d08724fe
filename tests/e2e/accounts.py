"""Accounting makes a run for a group; HR, another account, reprints and logs; the auditor, a third, proves it; a fourth sees nothing. A run that takes
no event is logged in a journal. Real accounts: run as root, else it is skipped. Usage: accounts.py TAXCERT SOURCE_DIR"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
if os.geteuid() != 0:
    print("skipped: only root can be three users")
    sys.exit(77)
GROUP, ACCOUNTING, HR, AUDITOR, STRANGER = 61990, 61991, 61992, 61993, 61994
NUMBERS = ("100001", "100012", "100013")


def taxcert(user, *words, code=0):
    groups = [] if user == STRANGER else [GROUP]
    done = subprocess.run([os.path.join(folder, "taxcert"), *words], capture_output=True, text=True, user=user, group=user, extra_groups=groups,
                          umask=0o077, cwd=os.path.join(folder, str(user)))
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done


def mode(path):
    return oct(os.lstat(path).st_mode & 0o7777)


def check_rights(run):
    for where, folders, files in os.walk(run):
        assert mode(where) == "0o2750" and os.stat(where).st_gid == GROUP, (where, mode(where))
        for name in files:
            path = os.path.join(where, name)
            assert mode(path) == ("0o660" if name == "events.log" else "0o640") and os.stat(path).st_gid == GROUP, (path, mode(path))


def events(path):
    return [json.loads(line) for line in open(path)]


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    os.chmod(folder, 0o755)
    shutil.copy2(program, os.path.join(folder, "taxcert"))
    shutil.copytree(os.path.join(source, "templates"), os.path.join(folder, "templates"), symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    for user in (ACCOUNTING, HR, AUDITOR, STRANGER):
        os.mkdir(os.path.join(folder, str(user)))
        os.chown(os.path.join(folder, str(user)), user, user)
    archive = os.path.join(folder, "archive")
    os.mkdir(archive)
    os.chown(archive, ACCOUNTING, GROUP)
    os.chmod(archive, 0o2750)
    bank = os.path.join(source, "samples/bank")
    payroll = json.load(open(os.path.join(bank, "payroll.json")))
    people = json.load(open(os.path.join(bank, "employees.json")))["employees"]
    payroll.update(certificates=[c for c in payroll["certificates"] if c["personnel_number"] in NUMBERS], declarations=[],
                   employees=[p for p in people if p["personnel_number"] in NUMBERS])
    given = os.path.join(folder, str(ACCOUNTING), "payroll.json")
    json.dump(payroll, open(given, "w"))
    os.chmod(given, 0o644)
    common = ["--allow-test-ids", "--templates", os.path.join(folder, "templates"), "--lang", "en"]
    run, second, private = (os.path.join(archive, name) for name in ("2025", "2025-03", "private"))
    taxcert(ACCOUNTING, "generate", *common, "--group", str(GROUP), given, "-o", run)
    taxcert(ACCOUNTING, "generate", *common, given, "-o", private)
    check_rights(run)
    assert mode(private)[-2:] == "00" and mode(os.path.join(private, "events.log")) == "0o600", (mode(private), mode(os.path.join(private, "events.log")))
    assert "[group]" in taxcert(ACCOUNTING, "generate", *common, "--group", "no-such-group", given, "-o", second, code=2).stderr
    assert "[group]" in taxcert(ACCOUNTING, "generate", *common, "--group", "0", given, "-o", second, code=2).stderr, "it is not in that group"
    assert not os.path.exists(second)
    shutil.rmtree(second + ".partial", ignore_errors=True)
    # HR finds and reprints, the log says who; the auditor proves it and reads; whoever is not of the group sees nothing.
    assert "100013" in taxcert(HR, "find", run, "100013").stdout
    taxcert(HR, "reprint", run, "100013", "--reason", "lost")
    assert os.stat(os.path.join(folder, str(HR), os.listdir(os.path.join(folder, str(HR)))[0])).st_uid == HR
    assert [(e["event"], e["uid"]) for e in events(os.path.join(run, "events.log"))] == [("generated", ACCOUNTING), ("reprinted", HR)]
    taxcert(AUDITOR, "verify", run)
    taxcert(AUDITOR, "explain", run, "100001")
    for words in (["verify", run], ["find", run, "100001"], ["reprint", run, "100001"]):
        assert taxcert(STRANGER, *words, code=4).stderr
    # A correction is for the same group without being told so; HR reprints what it issued, from the folder of both.
    changed = json.load(open(given))
    changed.update(issue_date="2026-03-09", certificates=[{**c, "values": {**c.get("values", {}), "28": "11000.00"}, "correction": {"reason": "wrong"}}
                                                      for c in payroll["certificates"] if c["personnel_number"] == "100013"])
    changes = os.path.join(folder, str(ACCOUNTING), "changes.json")
    json.dump(changed, open(changes, "w"))
    os.chmod(changes, 0o644)
    taxcert(ACCOUNTING, "correct", *common, run, changes, "-o", second)
    check_rights(second)
    shutil.rmtree(private)
    assert "2025-03 [run-taken]" in taxcert(HR, "reprint", archive, "100013", "-o", "again.pdf").stderr
    taxcert(HR, "reprint", second, "100001", "100012", "--merged", "-o", "both.pdf")
    check_rights(run)
    taxcert(AUDITOR, "verify", archive)
    # Nobody but its maker changes a run: neither HR nor the auditor can write a certificate or the list of hashes.
    for name in ("SHA256SUMS", "ledger.db", "x"):
        done = subprocess.run(["sh", "-c", f"echo >> {run}/{name}"], capture_output=True, user=HR, group=HR, extra_groups=[GROUP])
        assert done.returncode != 0, name
    # A medium that takes no event: a journal elsewhere, chained, about this run; not where the run takes events itself.
    log = os.path.join(run, "events.log")
    assert "[journal]" in taxcert(HR, "reprint", run, "100001", "--journal", "j.log", "-o", "1.pdf", code=2).stderr
    os.chmod(log, 0o440)
    before = open(log).read()
    assert "--journal" in taxcert(HR, "reprint", run, "100001", "-o", "1.pdf", code=4).stderr
    for i in range(2):
        taxcert(HR, "reprint", run, "100001", "--journal", "j.log", "--reason", "old disc", "-o", f"{i + 1}.pdf")
    journal = os.path.join(folder, str(HR), "j.log")
    told = events(journal)
    assert [(e["event"], e["certificate"], e["reason"], e["uid"]) for e in told] == [("reprinted", "LB25-100001-1", "old disc", HR)] * 2
    assert mode(journal) == "0o660" and os.stat(journal).st_gid == GROUP
    assert open(log).read() == before and len({e["run"] for e in told}) == 1 and told[0]["run"] == events(log)[0]["sums"]
    os.chown(os.path.join(folder, str(HR)), HR, GROUP)
    os.chmod(os.path.join(folder, str(HR)), 0o750)
    assert "journal: 2 events, 2 of this run" in taxcert(AUDITOR, "verify", run, "--journal", journal).stdout
    assert "journal: 2 events, 0 of this run" in taxcert(AUDITOR, "verify", second, "--journal", journal).stdout
    lines = open(journal).readlines()
    open(journal, "w").writelines(lines[1:])
    assert "[event-chain]" in taxcert(AUDITOR, "verify", run, "--journal", journal, code=1).stdout
    assert "inside-run" in taxcert(HR, "reprint", run, "100001", "--journal", os.path.join(second, "j"), "-o", "3.pdf", code=2).stderr
    # After the retention period only accounting purges, and the group reads what is left as it read the run.
    os.chmod(log, 0o660)
    late = ["purge", archive, "--before", "2026", "--yes", "--today", "2032-01-01"]
    done = taxcert(HR, *late, code=1)
    assert "failed 1" in done.stdout and "kept 1" in done.stdout and taxcert(AUDITOR, "verify", archive), done
    taxcert(ACCOUNTING, *late)
    for one in (run, second):
        check_rights(one)
        assert "purged: the personal data are gone" in taxcert(AUDITOR, "verify", one).stdout
        assert "[purged]" in taxcert(HR, "reprint", one, "100001", "-o", "gone.pdf", code=2).stderr
print("accounts: ok")
