"""Command by output option by what stands at the target: a file that is given out is the caller's alone, takes the place of a file or link and
follows none; folders, devices, what lies inside a run, a half-made run or a form, and inputs are refused with exit 2 and stay as they are.
Usage: outputs.py TAXCERT SOURCE_DIR"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
sys.path.insert(0, os.path.join(source, "tests/lib"))
from planting import states  # noqa: E402

bank = os.path.join(source, "samples/bank")
TEMPLATES = ["--templates", os.path.join(source, "templates")]
COMMON = ["--allow-test-ids", *TEMPLATES]
FORM = "de/lohnsteuerbescheinigung"
LISTS = ("personen.csv", "bescheinigungen.csv")
payroll, employees = (json.load(open(os.path.join(bank, name + ".json"))) for name in ("payroll", "employees"))
handle = payroll["certificates"][0]["id"]


def taxcert(*words, **more):
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, **more)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr[-3000:]
    return done.returncode, done.stderr


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    at = lambda *names: os.path.join(work, *names)
    few = {**payroll, "declarations": [], "certificates": payroll["certificates"][:1]}
    numbers = {c["personnel_number"] for c in few["certificates"]}
    os.makedirs(at("given/many"))
    for name, value in (("payroll", few), ("employees", {**employees, "employees": [e for e in employees["employees"] if e["personnel_number"] in numbers]})):
        json.dump(value, open(at("given", name + ".json"), "w"))
        json.dump(value, open(at("given/many", "one.json" if name == "payroll" else "one.employees.json"), "w"))
    first = few["certificates"][0]
    changed = {**first, "correction": {"reason": "Nachzahlung"}} # of nothing: it is withheld, so that no run is ever superseded here
    json.dump({**few, "certificates": [changed], "employees": [e for e in employees["employees"] if e["personnel_number"] in numbers]}, open(at("given/changes.json"), "w"))
    for name in ("mapping.json", *LISTS):
        shutil.copy(os.path.join(source, "samples/import/lines", name), at("given"))
    shutil.copytree(os.path.join(source, "templates"), at("forms"))
    inputs = ["-e", at("given/employees.json"), at("given/payroll.json")]
    assert taxcert("generate", *COMMON, *inputs, "-o", at("run"))[0] == 0
    os.mkdir(at("half.partial"))
    open(at("half.partial/run.id"), "w").write("0" * 64 + "\n")
    imports = ["import", at("given/mapping.json"), *(at("given", name) for name in LISTS)]
    # Each with the target at the end; what else it writes goes beside.
    FILES = {"reprint -o": ["reprint", "--force", at("run"), handle, "-o"], "duplicate -o": ["reprint", "--force", *TEMPLATES, "--duplicate", at("run"), handle, "-o"],
             "summary -o": ["summary", at("run"), "-o"], "summary --csv": ["summary", at("run"), "-o", at("other/again.xlsx"), "--csv"],
             "import -o": [*imports, "-e", at("other/e.json"), "-o"], "import -e": [*imports, "-o", at("other/p.json"), "-e"],
             "preview -o": ["template", "--templates", at("forms"), "preview", FORM, "2025", "-o"]}
    RUNS = {"generate -o": ["generate", *COMMON, *inputs, "-o"], "correct -o": ["correct", *COMMON, at("run"), at("given/changes.json"), "-o"],
            "several -o": ["generate", *COMMON, at("given/many"), "-o"]}
    elsewhere = at("elsewhere")

    def fresh():
        for name in ("place", "other", "elsewhere"):
            shutil.rmtree(at(name), ignore_errors=True)
            os.mkdir(at(name))
        open(at("elsewhere/theirs"), "w").write("theirs")

    def old(path):
        with open(path, "w") as file:
            file.write("old")
        os.chmod(path, 0o666)

    # Under sanitizers; every state by every option: every_command.py
    MAKE = {"nothing": lambda p: None, "a file": old, "a link": lambda p: os.symlink(at("elsewhere/theirs"), p), "a folder": os.mkdir, "a pipe": os.mkfifo}
    taken = ("nothing", "a file", "a link", "a link to nowhere", "a link to a folder")
    wrong = []

    def expect(name, state, told, truth):
        if not truth:
            wrong.append((name, state, told))

    for name, words in FILES.items():
        for state, make in MAKE.items():
            fresh()
            target = at("place/out")
            make(target)
            before = states(at("place")), states(elsewhere)
            code, told = taxcert(*words, target)
            expect(name, state, (code, told), code == (0 if state in taken else 2))
            if code == 0:
                status = os.lstat(target)
                expect(name, state, oct(status.st_mode), stat.S_ISREG(status.st_mode) and status.st_mode & 0o777 == 0o600 and status.st_size > 3)
                expect(name, state, os.listdir(at("place")), os.listdir(at("place")) == ["out"] and states(elsewhere) == before[1])
            else:
                expect(name, state, "something changed", (states(at("place")), states(elsewhere)) == before)
        # Places that hold something else, and inputs under whatever name.
        fresh()
        os.link(at("given/mapping.json"), at("place/hard"))
        os.symlink(at("given", LISTS[1]), at("place/soft"))
        os.symlink(at("run"), at("place/through"))
        places = [at("run/ledger.db"), at("run/certificates/new"), at("place/through/new"), at("half.partial/new"), at("forms", FORM, "2025/form.json"),
                  at("forms", FORM, "2025/new"), at("place") + "/", at("nowhere/out")]
        if name.startswith("import"):
            places += [at("given/mapping.json"), at("given", LISTS[0]), at("place/hard"), at("place/soft"), at("place/../given/mapping.json"),
                       at("other/e.json" if name == "import -o" else "other/p.json")]
        if name == "summary --csv":
            places += [at("other/again.xlsx"), at("other/../other/again.xlsx")]
        for place in places:
            before = states(work)
            code, told = taxcert(*words, place)
            expect(name, place, (code, told), code == 2)
            expect(name, place, "something changed", states(work) == before)

    for name, words in RUNS.items():
        for state, make in MAKE.items():
            fresh()
            make(at("place/out"))
            before = states(at("place")), states(elsewhere)
            code, told = taxcert(*words, at("place/out"))
            good = {"nothing"} | ({"a folder", "a link to a folder"} if name == "several -o" else set())
            expect(name, state, (code, told), code in (0, 1) if state in good else code in (2, 4) if state == "a link to nowhere" else code == 2)
            if state not in good:
                expect(name, state, "something changed", (states(at("place")), states(elsewhere)) == before)
            elif state == "nothing":
                beside = [path for folder, folders, files in os.walk(at("place")) for path in (os.path.join(folder, n) for n in folders + files)]
                expect(name, state, "rights for others", not [p for p in beside if os.lstat(p).st_mode & 0o077])
        for place in (at("run/new"), at("run/certificates/new"), at("half.partial/new"), at("forms", FORM, "2025/new")):
            before = states(work)
            code, told = taxcert(*words, place)
            expect(name, place, (code, told), code == 2)
            expect(name, place, "something changed", states(work) == before)

    # ---- an empty name, as of a shell's variable that is not set, is none: not even the hidden folder ".partial" is made
    fresh()
    before = states(work)
    for name, words in {**FILES, **RUNS, "batch -o": ["batch", at("run"), "-o"], "copies -o": ["copies", at("run"), "--list", at("other/list"), "-o"]}.items():
        code, told = taxcert(*words, "", cwd=at("place"))
        expect(name, "an empty name", (code, told), code == 2 and "is empty" in told)
    expect("-o", "an empty name", "something changed", states(work) == before)

    # ---- without a name it is the certificate's, here, and here may be inside a run; what a killed one left goes, strangers' folders stay
    assert taxcert("reprint", ".", handle, cwd=at("run"))[0] == 2
    fresh()
    marked = at("place/.taxcert-Ab12cD")
    for name, mark in (("Ab12cD", True), ("XXxxXX", False), ("copied", None)):
        os.mkdir(at("place/.taxcert-" + name), 0o700)
        open(at("place/.taxcert-" + name, "half"), "w").close()
        if mark is not False:
            open(at("place/.taxcert-" + name, "mark"), "w").write("taxcert %d\n" % os.stat(marked).st_ino)
    for name in (".out.xlsx.taxcert-tmp", ".employers"):
        os.symlink(elsewhere, at("place", name))
    assert taxcert("summary", at("run"), "-o", at("place/out.xlsx"))[0] == 0
    assert sorted(os.listdir(at("place"))) == [".employers", ".out.xlsx.taxcert-tmp", ".taxcert-XXxxXX", ".taxcert-copied", "out.xlsx"], os.listdir(at("place"))
    assert os.listdir(elsewhere) == ["theirs"] and open(at("place/out.xlsx"), "rb").read() == open(at("run/summary.xlsx"), "rb").read()
    # ---- a delivery's folder while it is made: a stranger's of that name is told and stays, linked or not
    for make in (lambda p: os.symlink(elsewhere, p), lambda p: shutil.copytree(elsewhere, p)):
        fresh()
        open(at("elsewhere/.taxcert-delivery"), "w").close()
        make(at("place/job.partial"))
        before = states(at("place")), states(elsewhere)
        code, told = taxcert("batch", at("run"), "-o", at("place/job"))
        assert code == 2 and (states(at("place")), states(elsewhere)) == before, (code, told)
    assert not wrong, "\n".join(map(str, wrong))
print(f"outputs: {len(FILES) + len(RUNS)} options by {len(MAKE)} states, and places that are refused")
