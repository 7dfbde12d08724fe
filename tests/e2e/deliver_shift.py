"""A shift made on purpose while batch and copies are at work: strace stops the program between two calls that reach the disk, a page, a file or a line is moved, and it
goes on. The command itself finds it before anything has its name: exit code not 0, no folder, no event but what says that nothing came of it. What is moved later is found by
verify, and by the same command again. Usage: deliver_shift.py TAXCERT SOURCE_DIR"""
import csv, glob, json, os, re, shutil, signal, subprocess, sys, tempfile, time

program, source = sys.argv[1:3]
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates", "ASAN_OPTIONS": "detect_leaks=0"}


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code, (words, done)
    return done


def events(run, *kinds):
    return [e["event"] for e in map(json.loads, open(run + "/events.log")) if e["event"] in kinds]


def stopped(call, number, words, change):
    """The program behind this call, changed, and gone on: its exit code and what it said."""
    if os.path.exists(work + "/trace"):
        os.remove(work + "/trace")
    strace = subprocess.Popen(["strace", "-f", "-o", work + "/trace", "-e", "trace=" + call, "-e", f"inject={call}:signal=STOP:when={number}", program, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV)
    end = time.monotonic() + 60
    while strace.poll() is None and time.monotonic() < end:
        if os.path.exists(work + "/trace") and "SIGSTOP" in open(work + "/trace").read():
            break
        time.sleep(0.01)
    else:
        os.kill(strace.pid, signal.SIGKILL)
        raise AssertionError(("never stopped", call, number, strace.communicate()))
    time.sleep(0.05)
    change()
    pid = int(open(f"/proc/{strace.pid}/task/{strace.pid}/children").read().split()[0])
    os.kill(pid, signal.SIGCONT)
    said = strace.communicate(timeout=60)[0]
    return strace.returncode, said


def one(pattern):
    found = [p for p in glob.glob(pattern) if "-cover" not in p]
    assert len(found) == 1, (pattern, found)
    return found[0]


def exchange_pages(pdf):
    """The contents of two pages whose numbers have a length."""
    data = open(pdf, "rb").read()
    found = [re.search(rb"/Contents\[\d+ 0 R (\d+) 0 R", m)[1] for m in re.findall(rb"<</Type/Page/.*?>>", data)]
    a, b = next((a, b) for a, b in zip(found, found[1:]) if len(a) == len(b))
    open(pdf, "wb").write(data.replace(b" " + a + b" 0 R", b" X 0 R").replace(b" " + b + b" 0 R", b" " + a + b" 0 R").replace(b" X 0 R", b" " + b + b" 0 R"))


def exchange_files(folder):
    a, b = sorted(glob.glob(folder + "/*.pdf"))[:2]
    os.rename(a, a + "x"), os.rename(b, a), os.rename(a + "x", b)


def move_line(path, at=1):
    """A list whose second and third lines are exchanged from a column on: everything is there, the persons are others'."""
    lines = [line.split(",") for line in open(path, newline="").read().split("\n")]
    lines[at][-1], lines[at + 1][-1] = lines[at + 1][-1], lines[at][-1]
    open(path, "w", newline="").write("\n".join(map(",".join, lines)))


if not shutil.which("strace"):
    print("deliver_shift: strace is not here")
    sys.exit(0)
with tempfile.TemporaryDirectory() as work:
    payroll = json.load(open(bank + "/payroll.json"))
    payroll.pop("declarations")
    payroll["certificates"] = payroll["certificates"][:12]
    people = json.load(open(bank + "/employees.json"))
    of = {c["personnel_number"] for c in payroll["certificates"]}
    people["employees"] = [{**e, "delivery": "print"} for e in people["employees"] if e["personnel_number"] in of]
    for e in people["employees"]:
        e.pop("mailing_address", None)
    json.dump(payroll, open(work + "/payroll.json", "w"))
    json.dump(people, open(work + "/employees.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", work + "/employees.json", work + "/payroll.json", "-o", work + "/run")
    run, out = work + "/run", work + "/out"
    partial = out + ".partial"
    batch = ["batch", run, "-o", out]
    copies = ["copies", run, "-o", out, "--list", work + "/list.csv"]
    taxcert("batch", shutil.copytree(run, work + "/other"), "-o", work + "/plain")
    # what is moved, and behind which call: fsync is called for the print file, the table, the cover
    for name, words, call, number, change, rule in (
            ("two pages", batch, "fsync", 1, lambda: exchange_pages(glob.glob(partial + "/??????.pdf")[0]), "batch-differs"),
            ("a line of the table", batch, "fsync", 3, lambda: move_line(one(partial + "/??????.csv")), "batch-differs"),
            ("another's print file", batch, "fsync", 3, lambda: shutil.copy(glob.glob(work + "/plain/??????-cover.pdf")[0], one(partial + "/??????.pdf")), "batch-differs"),
            ("two copies", copies, "syncfs", 1, lambda: exchange_files(partial), "copy-changed"),
            ("a line of the passwords", copies, "linkat", 1, lambda: move_line(work + "/list.csv"), "list")):
        before = len(events(run, "begun", "printed", "copied"))
        code, said = stopped(call, number, words, change)
        assert code == 4 and f"[{rule}]" in said, (name, code, said)
        assert not os.path.exists(out) and not os.path.exists(partial) and len(events(run, "begun", "printed", "copied")) == before + (rule == "list"), name  # what the list is, is said before
        if os.path.exists(work + "/list.csv"):
            os.remove(work + "/list.csv")
    # undisturbed, the same commands; then what is moved where it lies
    taxcert(*batch)
    taxcert("verify", run, out)
    exchange_pages(glob.glob(out + "/??????.pdf")[0])
    assert "batch-differs" in taxcert("verify", run, out, code=1).stdout
    assert "[folder]" in taxcert(*batch, code=2).stderr
    out = copies[3] = work + "/closed"
    taxcert(*copies)
    told = taxcert(*copies)
    assert "[there]" in told.stderr and events(run, "begun", "copied") == ["begun", "begun", "begun", "copied"]
    shutil.copy(work + "/list.csv", work + "/kept.csv")
    move_line(work + "/list.csv")
    assert "[folder]" in taxcert(*copies, code=2).stderr, "two people's passwords exchanged"
    shutil.copy(work + "/kept.csv", work + "/list.csv")
    exchange_files(out)
    assert "batch-differs" in taxcert("verify", run, out, code=1).stdout and "[folder]" in taxcert(*copies, code=2).stderr
    exchange_files(out)
    taxcert(*copies)
print("deliver_shift: ok")
