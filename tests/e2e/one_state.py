"""A certificate has one state, decided over the whole chain of runs: a run is superseded once, what a later run made void is refused with the
place of the valid one, find tells what became of what. Usage: one_state.py TAXCERT SOURCE_DIR"""
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
TEMPLATES = os.path.join(source, "templates")
bank = os.path.join(source, "samples/bank")
PAYROLL = json.load(open(os.path.join(bank, "payroll.json")))
PEOPLE = json.load(open(os.path.join(bank, "employees.json")))["employees"]
NUMBERS = ("100001", "100012", "100013", "100014")
COMMON = ["--allow-test-ids", "--templates", TEMPLATES, "--lang", "en"]
SHORT = {**PAYROLL, "certificates": [c for c in PAYROLL["certificates"] if c["personnel_number"] in NUMBERS],
         "employees": [p for p in PEOPLE if p["personnel_number"] in NUMBERS], "declarations": []}


def taxcert(*words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def certificate(number, **values):
    found = copy.deepcopy(next(c for c in SHORT["certificates"] if c["personnel_number"] == number))
    found["values"] = {**found.get("values", {}), **values}
    return found


def changes(name, issued="2026-03-09", corrected=(), cancelled=(), reason="wrong"):
    path = os.path.join(folder, name + ".json")
    value = {**SHORT, "issue_date": issued, "certificates": [{**c, "correction": {"reason": reason}} for c in corrected],
             "cancellations": [{"certificate": c, "reason": reason} for c in cancelled]}
    json.dump(value, open(path, "w"))
    return path


def generate(out):
    path = os.path.join(folder, "first.json")
    json.dump(SHORT, open(path, "w"))
    made = taxcert("generate", *COMMON, path, "-o", out)
    assert made.returncode == 0, made.stderr


def correct(run, path, out, *more, code=0, rule=None):
    done = taxcert("correct", *COMMON, *more, run, path, "-o", out)
    assert done.returncode == code and (not rule or f"[{rule}]" in done.stderr), (done.returncode, done.stderr, done.stdout)
    assert code < 2 or not os.path.exists(out) or rule == "superseded", out
    return done


def find(run, text):
    return [json.loads(line) for line in taxcert("find", "--json", run, text).stdout.splitlines()]


def reprint(run, handle, *more):
    out = os.path.join(folder, "out.pdf")
    if os.path.exists(out):
        os.remove(out)
    done = taxcert("reprint", "--force", "--templates", TEMPLATES, "-o", out, *more, run, handle)
    assert (done.returncode == 0) == os.path.exists(out), done.stderr
    text = subprocess.run(["pdftotext", "-raw", out, "-"], capture_output=True, text=True).stdout if done.returncode == 0 else ""
    return done, "".join(text.split())


def file_of(run, handle):
    return os.path.normpath(os.path.join(run, find(run, handle)[0]["file"]))


def events(run):
    return [json.loads(line) for line in open(os.path.join(run, "events.log"))]


def check_chain():
    """Four runs: corrected, corrected again, cancelled. One state of each certificate, whichever run is asked."""
    run = [os.path.join(folder, f"r{i}") for i in range(4)]
    generate(run[0])
    c = "LB25-100013-1"
    paths = [changes("a", "2026-03-09", [certificate("100013", **{"28": "11000.00"})]),
             changes("b", "2026-03-10", [certificate("100013", **{"28": "11001.00"}), certificate("100012", **{"27": "900.00"})]),
             changes("c", "2026-03-10", cancelled=[c])]
    for i, path in enumerate(paths):
        correct(run[i], path, run[i + 1])
    # A name of its own for every version.
    names = [os.path.basename(f) for r in run for f in glob.glob(r + "/certificates/*/*" + c + "*.pdf")]
    assert len(names) == 3 and len(set(names)) == 3 and all(c in n for n in names), names
    # The second correction of the same run, of the same or another input, in time or not.
    for path in paths[0], paths[1]:
        done = correct(run[0], path, os.path.join(folder, "again"), code=2, rule="superseded")
        assert run[1] in done.stderr and not glob.glob(folder + "/again*"), done.stderr
    assert "[finished]" in correct(run[0], paths[0], run[1]).stderr
    assert [e["event"] for e in events(run[0])] == ["generated", "correction-begun", "superseded", "corrected"]
    # State by find, over the whole chain.
    states = [find(r, c)[0] for r in run[:3]]
    assert [s["state"] for s in states] == ["cancelled"] * 3 and {s["cancelled_by"] for s in states} == {run[3]}
    assert [s.get("corrects") for s in states] == [None, run[0], run[1]]
    assert find(run[3], c)[0]["state"] == "cancelled"
    found = find(run[0], "100012")[0]
    assert (found["state"], found["corrected_by"], found["issue_date"]) == ("corrected", run[2], SHORT["issue_date"]), found
    assert (found["from"], found["to"], found["establishment"]) == tuple(
        [certificate("100012")["period"][k] for k in ("from", "to")] + [certificate("100012")["establishment"]])
    found = find(run[3], "100012")[0]
    assert (found["state"], found["corrects"], found["issue_date"]) == ("issued", run[0], "2026-03-10"), found
    assert taxcert("find", run[0], "100012").stdout.rstrip("\n").split("\t")[2:10] == [
        "corrected", os.path.relpath(file_of(run[0], "100012"), run[0]), *taxcert("find", run[0], "100012").stdout.split("\t")[4:5],
        found["from"], found["to"], found["establishment"], SHORT["issue_date"], "corrected by " + run[2]]
    # What is void is refused, with the place of the valid one; marked as void it is given.
    for r, handle, rule, at in ((run[0], "100012", "corrected", run[2]), (run[1], "100012", "corrected", run[2]), (run[0], c, "cancelled", run[3]),
                                (run[2], "100013+" + c, "cancelled", run[3]), (run[3], c, "cancelled", run[3])):
        done, _ = reprint(r, handle)
        assert done.returncode == 3 and f"[{rule}]" in done.stderr and at in done.stderr, done.stderr
        done, text = reprint(r, handle, "--even-void", "--reason", "court")
        assert done.returncode == 0 and "UNGÜLTIG" in text and "DUPLIKAT" not in text, done.stderr
        done, text = reprint(r, handle, "--even-void", "--duplicate")
        assert done.returncode == 0 and "UNGÜLTIG" in text and "DUPLIKAT" in text, done.stderr
    assert {e["event"] for e in events(run[2])} >= {"void-copied"}
    for r, handle in (run[0], "100001"), (run[3], "100012"), (run[2], "100012"), (run[3], "100014"):
        for more in [], ["--even-void"]:
            done, text = reprint(r, handle, *more)
            assert done.returncode == 0 and "UNGÜLTIG" not in text, done.stderr
            assert open(os.path.join(folder, "out.pdf"), "rb").read() == open(file_of(r, handle), "rb").read()
    for r in run:
        done = taxcert("verify", r)
        assert done.returncode == 0, done.stdout
    return run, paths


def check_lost(run, paths):
    """The run that superseded is gone: only with a reason is there another in its place."""
    places = [os.path.join(folder, "lost", n) for n in ("r0", "r1", "r2")]
    shutil.copytree(run[0], places[0])
    assert taxcert("correct", *COMMON, places[0], paths[0], "-o", places[1]).returncode == 2, "it is beside the first run, by its log"
    done = reprint(places[0], "100013")[0]
    assert done.returncode == 3 and "[corrected]" in done.stderr and "not where it was made" in done.stderr
    done = correct(places[0], paths[1], places[1], code=2, rule="superseded")
    assert "--instead-of-lost" in done.stderr
    correct(places[0], paths[1], places[1], "--instead-of-lost", "  ", code=2, rule="reason")
    correct(places[0], paths[1], places[1], "--instead-of-lost", "the disk of March broke")
    log = events(places[0])
    lost = next(e for e in log if e["event"] == "lost")
    assert lost["reason"] == "the disk of March broke" and lost["lost_run"] == next(e["by_run"] for e in log if e["event"] == "superseded")
    assert find(places[0], "100012")[0]["corrected_by"] == places[1]
    correct(places[0], paths[0], places[2], code=2, rule="superseded")
    correct(places[0], paths[0], places[2], "--instead-of-lost", "no", code=2, rule="not-lost")
    assert all(taxcert("verify", r).returncode == 0 for r in places[:2])


def check_refused(run):
    """What is no correction."""
    last, out = run[2], os.path.join(folder, "never")
    shutil.rmtree(run[3])
    fine = certificate("100014", **{"27": "1115.00"})
    correct(last, changes("x", "2026-03-09", [fine]), out, "--instead-of-lost", "a test", code=3, rule="correction-date")
    correct(last, changes("x", "2026-03-10", cancelled=["LB25-100014-1"], reason=" \t"), out, "--instead-of-lost", "x", code=3, rule="cancellation-format")
    for number, changed, reason, rule in (("100014", {}, "x", "correction-same"), ("100014", {"27": "1115.00"}, " \u00a0", "correction-reason"),
                                          ("100013", {"28": "11001.00"}, "x", "correction-same")):
        done = taxcert("correct", *COMMON, "--instead-of-lost", "x", last, changes("x", "2026-03-10", [certificate(number, **changed)], reason=reason))
        assert done.returncode == 1 and f"[{rule}]" in done.stderr, (rule, done.stderr)
    done = taxcert("reprint", "--force", last, "100014", "--reason", " ", "-o", out)
    assert done.returncode == 2 and "[reason]" in done.stderr


def check_at_once():
    """Two corrections at the same time leave one, whoever is first."""
    for turn in range(4):
        base = os.path.join(folder, f"once{turn}")
        os.mkdir(base)
        first = os.path.join(base, "r")
        generate(first)
        running = [subprocess.Popen([program, "correct", *COMMON, first, changes(f"once{i}", corrected=[certificate("100013", **{"28": f"1100{i}.00"})]),
                                     "-o", os.path.join(base, f"c{i}")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for i in range(3)]
        ended = [(p.wait(), p.stderr.read()) for p in running]
        assert sorted(code for code, _ in ended) == [0, 2, 2], ended
        assert all("[superseded]" in said for code, said in ended if code)
        winner = next(i for i, (code, _) in enumerate(ended) if code == 0)
        assert glob.glob(base + "/c?") == [f"{base}/c{winner}"] and find(first, "100013")[0]["corrected_by"] == f"{base}/c{winner}"


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
    folder = os.path.realpath(folder)
    run, paths = check_chain()
    check_lost(run, paths)
    check_refused(run)
    check_at_once()
print("one state: ok")
