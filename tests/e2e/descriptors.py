"""Nothing stays open: 100 employers in one call under a limit of 64 files, every command with as many files as any other run of it, and a lack
of files told by name at every limit. Also names and paths that SQLite takes otherwise. Usage: descriptors.py TAXCERT SOURCE_DIR"""
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
bank = os.path.join(source, "samples/bank")
TEMPLATES = ["--templates", os.path.join(source, "templates")]
COMMON = ["--allow-test-ids", *TEMPLATES]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from builds import release  # noqa: E402

quick = release(program, source)  # for the hundred employers: files are counted, not memory
payroll, employees = (json.load(open(os.path.join(bank, name + ".json"))) for name in ("payroll", "employees"))


def taxcert(folder, *words, files=None, by=program):
    limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
    done = subprocess.run([by, *words], capture_output=True, text=True, cwd=folder, preexec_fn=limit)
    assert "Sanitizer:" not in done.stderr.replace("LeakSanitizer", "") and "runtime error" not in done.stderr, done.stderr[-3000:]
    return done


def one(name):
    """An employer of one person."""
    certificate = payroll["certificates"][0]
    people = [p for p in employees["employees"] if p["personnel_number"] == certificate["personnel_number"]]
    return ({**payroll, "employer": {**payroll["employer"], "name": name}, "declarations": [], "certificates": [certificate]},
            {**employees, "employees": people})


def write(folder, name):
    os.makedirs(folder)
    for file, value in zip(("payroll", "employees"), one(name)):
        json.dump(value, open(os.path.join(folder, file + ".json"), "w"))


class Error(ctypes.Structure):
    pass


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    for i in range(100):
        write(os.path.join(work, "many", f"e{i:03}"), f"Firma {i}")
    for again in range(2): # the second one finds all done
        done = taxcert(work, "generate", *COMMON, "many", "-o", "runs", files=64, by=quick)
        assert done.returncode == 0, done.stderr[-2000:]
    assert sum(os.path.exists(os.path.join(work, "runs", f"e{i:03}", "summary.xlsx")) for i in range(100)) == 100

    # A limit that is too low: no command says anything but that, leaves nothing half-done under the run's name, and works afterwards.
    write(os.path.join(work, "single"), "Eine")
    call = ("generate", *COMMON, "-e", "single/employees.json", "single/payroll.json", "-o")
    assert taxcert(work, *call, "calm").returncode == 0
    handle = payroll["certificates"][0]["id"]
    commands = {"generate": (*call, "run"), "verify": ("verify", "calm"), "summary": ("summary", "calm", "-o", "s.xlsx"),
                "reprint": ("reprint", *TEMPLATES, "calm", handle, "-o", "r.pdf"), "find": ("find", "calm", handle),
                "explain": ("explain", "calm", handle), "duplicate": ("reprint", *TEMPLATES, "calm", handle, "--duplicate", "--reason", "lost", "-o", "d.pdf")}
    needed = {}
    for name, words in commands.items():
        for files in list(range(10, 65)):
            for left in ("r.pdf", "d.pdf"):
                if os.path.exists(os.path.join(work, left)):
                    os.remove(os.path.join(work, left))
            shutil.rmtree(os.path.join(work, "run"), ignore_errors=True)
            done = taxcert(work, *words, files=files)
            if done.returncode == 0:
                needed[name] = files
                break
            assert done.returncode == 4 and "EMFILE" in done.stderr, (name, files, done.returncode, done.stderr)
            assert not os.path.exists(os.path.join(work, "run")), (name, files)
    assert set(needed) == set(commands), needed
    assert not os.path.exists(os.path.join(work, "run.partial"))
    assert taxcert(work, "verify", "calm").returncode == 0

    # verify accuses nobody of a change where it lacks files itself; more files than one thread hashes in a row.
    whole = taxcert(work, "generate", *COMMON, "-e", f"{bank}/employees.json", f"{bank}/payroll.json", "-o", "whole", by=quick)
    assert whole.returncode in (0, 1), whole
    for files in range(5, 12):
        done = taxcert(work, "verify", "--sample", "0", "whole", files=files)
        assert done.returncode == 4 and "EMFILE" in done.stderr and "[" not in done.stdout, (files, done)

    # purge names what it lacks, of a run and of a folder of runs, and leaves the run whole; with enough it is done.
    for files in range(5, 20):
        done = taxcert(work, "purge", "calm", "--before", "2026", "--today", "2040-01-01", "--yes", *TEMPLATES, files=files)
        if done.returncode == 0:
            break
        assert done.returncode in (1, 4) and "EMFILE" in done.stderr and "move it" not in done.stderr, (files, done)
        done = taxcert(work, "find", ".", "x", files=files)
        assert "EMFILE" in done.stderr, (files, done)
        assert taxcert(work, "verify", "--sample", "0", "calm", by=quick).returncode == 0, files
    assert done.returncode == 0 and os.path.exists(os.path.join(work, "calm/purged")), done

    # Nobody holds standard output and error open: what is told there goes into no file of the run, here the mark of one that a full disk stopped.
    wrong = {**payroll, "declarations": [], "employees": employees["employees"], "certificates": [{**c, "values": {"3": "-1.00"}} for c in payroll["certificates"][:40]]}
    json.dump(wrong, open(os.path.join(work, "wrong.json"), "w"))

    def stopped():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
        os.close(1)
        os.close(2)
    words = ["generate", *COMMON, "wrong.json", "-o", "silent"]
    assert subprocess.run([program, *words], cwd=work, preexec_fn=stopped).returncode == 4
    assert os.path.getsize(os.path.join(work, "silent.partial/run.id")) == 65
    assert taxcert(work, *words).returncode == 1 and taxcert(work, "verify", "--sample", "0", "silent").returncode == 0

    # A relative name that begins with file: is a name.
    assert taxcert(work, *call, "file:run?mode=ro#x").returncode == 0
    assert taxcert(work, "verify", "file:run?mode=ro#x").returncode == 0
    # SQLite's limit is told before anything is made.
    deep = os.path.join(work, *(["d" * 100] * 5))
    os.makedirs(deep)
    for folder, output in ((work, os.path.join(deep, "run")), (deep, "run")):
        done = taxcert(folder, *(os.path.join(work, w) if w.startswith("single/") else w for w in call), output)
        assert done.returncode == 2 and "500 bytes" in done.stderr, (done.returncode, done.stderr)
        assert os.listdir(deep) == []
    print("descriptors: 200 employers with 64 files; the least that each command needs:", needed)
