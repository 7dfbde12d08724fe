"""What the machine lacks is exit 4 and told by its name, for every command at every limit: descriptors 3 to 64, address space 20 to 200 MB, processes 1 to 5, size of a file.
Never a crash, never another reason, nothing half-made, and the run is as it was. STEP 1 is the whole sweep; the tests take a spread of it.
Usage: limits.py [--release] TAXCERT SOURCE_DIR [STEP=1]"""
import concurrent.futures
import glob
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

release = sys.argv[1] == "--release" and sys.argv.pop(1) and True  # the release build beside, if there is one
program, source = (os.path.abspath(word) for word in sys.argv[1:3])
beside = os.path.join(os.path.dirname(program), "../release/taxcert")
program = beside if release and os.path.exists(beside) else program
step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
bank = os.path.join(source, "samples/bank")
TEMPLATES = ["--templates", os.path.join(source, "templates")]
COMMON = ["--allow-test-ids", *TEMPLATES]
MONTHS = os.path.join(source, "samples/import/months")
# The loader, or the C library before main, may be the first to find too little: that is not the program's word.
NOT_LOADED = ("Sanitizer", "error while loading shared libraries", "cannot allocate memory in static TLS", "cannot create shared object descriptor", "failed to map segment")
MB = 1 << 20


def words_of(run, out):
    handle = "LB25-100011-1"
    return {
        "check": ["check", *COMMON, "-e", bank + "/employees.json", bank + "/payroll.json"],
        "generate": ["generate", *COMMON, "-e", bank + "/employees.json", bank + "/payroll.json", "-o", out],
        "correct": ["correct", *COMMON, run, bank + "/corrections.json"],
        "reprint": ["reprint", *TEMPLATES, run, handle, "-o", out + ".pdf"],
        "duplicate": ["reprint", *TEMPLATES, "--duplicate", "--reason", "lost", run, handle, "-o", out + ".pdf"],
        "find": ["find", run, "mueller"], "explain": ["explain", run, handle], "summary": ["summary", run, "-o", out + ".xlsx"],
        "verify": ["verify", run], "seal": ["seal", run], "batch": ["batch", *TEMPLATES, run, "-o", out], "copies": ["copies", run, "-o", out, "--list", out + ".csv"],
        "deliveries": ["deliveries", run], "purge": ["purge", run, "--before", "2026", "--today", "2040-01-01"],
        "issue": ["issue", *TEMPLATES, run + "/../draft", "-o", out], "file": ["file", *TEMPLATES, "--unverified", "--given", os.path.join(run, "../given.json"), run + "/../us", "-o", out + ".txt"],
        "preview": ["preview", *COMMON, "--only", "100011", "-e", bank + "/employees.json", bank + "/payroll.json", "-o", out + ".pdf"],
        "import": ["import", MONTHS + "/mapping.json", MONTHS + "/personen.csv", MONTHS + "/lohnkonto.csv", "-o", out + ".json", "-e", out + ".e.json"],
        "suggest": ["import", "--suggest", MONTHS + "/personen.csv"],
        "template list": ["template", "list", *TEMPLATES], "template schema": ["template", "schema", *TEMPLATES, "de/lohnsteuerbescheinigung", "2025"],
        "template lint": ["template", "lint", os.path.join(source, "templates/de/lohnsteuerbescheinigung/2025")],
        "template preview": ["template", "preview", *TEMPLATES, "de/lohnsteuerbescheinigung", "2025", "-o", out + ".pdf"],
    }


# kind, limits, the words of which one must be said
SWEEPS = [
    ("descriptors", resource.RLIMIT_NOFILE, range(3, 65, step), ("EMFILE", "too many files", "descriptor")),
    ("address space", resource.RLIMIT_AS, range(20 * MB, 201 * MB, 4 * step * MB), ("memory", "ENOMEM")),
    ("processes", resource.RLIMIT_NPROC, [1, 2, 3, 5], ("cannot be run",)),
    ("file size", resource.RLIMIT_FSIZE, [0, 1, 100, 5000, 20000, 200000][::1 if step < 4 else 2], ("EFBIG", "disk", "full", "cannot be written")),
]


def tree(run):
    return {path: os.path.getsize(path) for path in glob.glob(run + "/**", recursive=True) if not path.endswith("events.log")}


STRANGER = 52000  # accounts of nobody, one a run: processes are counted by account, and root's are not


def become(account):
    os.setgroups([])
    os.setgid(account)
    os.setuid(account)


def has_strangers():
    """Whether other accounts can run the program where it lies."""
    return os.getuid() == 0 and subprocess.run([program, "--version"], preexec_fn=lambda: become(STRANGER), capture_output=True).returncode == 0


wrong, runs = [], 0
with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    given = os.path.join(work, "given")
    os.mkdir(given)
    os.chmod(work, 0o711)
    made = subprocess.run([program, "generate", *COMMON, "-e", bank + "/employees.json", bank + "/payroll.json", "-o", given + "/run"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    run = given + "/run"
    for words in (["--draft", "-e", bank + "/employees.json", bank + "/payroll.json", "-o", given + "/draft"], [os.path.join(source, "samples/us/2025/payroll.json"), "-o", given + "/us"]):
        made = subprocess.run([program, "generate", *COMMON, *words], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    with open(given + "/given.json", "w") as file:
        json.dump({"user_id": "ABCD1234", "software_code": "99", "contact_name": "P", "contact_phone": "5185550100", "contact_email": "p@example.org", "kind_of_employer": "N", "employment_code": "R"}, file)
    before, log = tree(run), open(run + "/events.log", "rb").read()
    calm, strangers = {}, has_strangers()

    def one(kind, what, limit, says, name, number):
        folder = os.path.join(work, f"{number}")
        os.mkdir(folder)
        out = os.path.join(folder, "out")
        mine = run
        if what == resource.RLIMIT_NPROC:  # as somebody else, with a run of theirs
            mine = os.path.join(folder, "run")
            shutil.copytree(given, folder, dirs_exist_ok=True)
            subprocess.run(["chown", "-R", str(STRANGER + number), folder], check=True)
        elif name in ("reprint", "duplicate", "batch", "copies"):  # whose log grows
            mine = os.path.join(folder, "run")
            shutil.copytree(run, mine, copy_function=os.link)
            os.remove(mine + "/events.log"), os.remove(mine + "/ledger.db")  # a link to the ledger is the ledger that deliveries lock
            shutil.copy(run + "/ledger.db", mine)
            open(mine + "/events.log", "wb").write(log)
        words = words_of(mine, out)[name]
        small = lambda: (resource.setrlimit(what, (limit, limit)), signal.signal(signal.SIGXFSZ, signal.SIG_DFL),
                         become(STRANGER + number) if what == resource.RLIMIT_NPROC else None) if what is not None else None
        done = subprocess.run([program, *words], capture_output=True, text=True, errors="replace", preexec_fn=small, timeout=120, cwd=folder)
        told = done.stderr.strip()
        try:
            if what is None:
                calm[name] = done.returncode
                return
            if any(text in told for text in NOT_LOADED):
                return
            if done.returncode == calm[name]:
                return
            if name == "purge" and done.returncode == 1 and "this run cannot be read" in told:
                return  # of an archive: this one is left as it is, and told, without the reason
            if done.returncode != 4:
                wrong.append(f"{name} with {kind} {limit}: exit {done.returncode} instead of 4 or {calm[name]}: {told[-300:]}")
            elif not any(word in told for word in says):
                wrong.append(f"{name} with {kind} {limit}: another reason: {told[-300:]}")
            left = [path for path in os.listdir(folder) if path not in ("run", "out.partial", "draft", "us", "given.json")]
            if left:
                wrong.append(f"{name} with {kind} {limit}: left {left}")
            if mine != run:
                lines = open(mine + "/events.log", "rb").read()
                if not lines.startswith(log) or (lines and not lines.endswith(b"\n")):
                    wrong.append(f"{name} with {kind} {limit}: the log is not whole")
        finally:
            shutil.rmtree(folder)

    for i, name in enumerate(words_of(run, "x")):
        one("calm", None, 0, (), name, f"calm{i}")
    assert all(code in (0, 1) for code in calm.values()), calm
    cases = [(kind, what, limit, says, name) for kind, what, limits, says in SWEEPS for limit in limits for name in calm
             if what != resource.RLIMIT_NPROC or strangers]
    if step > 1:  # a spread: each command at other limits
        cases = [case for i, case in enumerate(cases) if i % step == 0 or case[2] in (20 * MB, 3) and case[0] != "processes" or (case[0], case[2], case[4]) == ("processes", 1, "verify")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda pair: one(*pair[1], pair[0]), enumerate(cases)))
    runs = len(cases)
    assert tree(run) == before, "the run was changed"
for line in wrong[:int(os.environ.get("SHOW", 40))]:
    print(line)
assert not wrong, f"{len(wrong)} of {runs}"
print(f"limits: {runs} runs of {len(calm)} commands")
