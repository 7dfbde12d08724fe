"""Two tables over every command that `taxcert help` names: command by file that it reads by what that was replaced with, and command by option that writes by what
stands at its target. A command or a file option that is in neither table fails the test. Files that are named may be links; files in a run, a form or a folder of copies
may not. Usage: every_command.py TAXCERT SOURCE_DIR"""
import concurrent.futures
import csv
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
sys.path.insert(0, os.path.join(source, "tests/lib"))
from planting import bind, plant, states, unplant  # noqa: E402

quick = os.path.join(os.path.dirname(program), "../release/taxcert")  # many starts, about what is done and not about memory
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
FORM = "de/lohnsteuerbescheinigung/2025"
ENV = {**os.environ, "LC_ALL": "C.UTF-8", "TAXCERT_TEMPLATES": os.path.join(source, "templates")}
SECONDS = 4  # of a machine that does other things
KINDS = ("pipe", "device", "socket", "link", "folder", "missing")


def taxcert(*words, cwd=None):
    began = time.monotonic()
    done = subprocess.run([program, *words], capture_output=True, timeout=60, stdin=subprocess.DEVNULL, env=ENV, cwd=cwd)
    told = done.stderr.decode("utf-8", "replace")
    assert "Sanitizer" not in told and "runtime error" not in told, told[-3000:]
    return done.returncode, told, time.monotonic() - began


def make(root):
    """All that the commands need, small; made once and copied."""
    at = lambda *names: os.path.join(root, *names)
    payroll, people = (json.load(open(os.path.join(bank, name + ".json"))) for name in ("payroll", "employees"))
    payroll.update(certificates=payroll["certificates"][:3], declarations=[])
    of = [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in of]
    for e in people["employees"]:
        e.pop("mailing_address", None)
        e.update(delivery="email" if of.index(e["personnel_number"]) == 2 else "print", email="somebody@example.org")
    os.makedirs(at("given/many"))
    write = lambda name, value: json.dump(value, open(at("given", name), "w"))
    write("payroll.json", payroll), write("employees.json", people), write("many/one.json", payroll), write("many/one.employees.json", people)
    write("waivers.json", {"format": "taxcert/waivers/1", "waivers": []})
    gone = [{"certificate": payroll["certificates"][0]["id"], "reason": "doppelt"}]
    write("changes.json", {**payroll, "certificates": [], "cancellations": gone, "employees": [], "issue_date": "2026-03-09"})
    write("given.json", {"user_id": "ABCD1234", "software_code": "99", "contact_name": "P", "contact_phone": "5185550100", "contact_email": "p@example.org", "kind_of_employer": "N",
                         "employment_code": "R"})
    write("mail.json", {"format": "taxcert/mail/1", "server": "smtp://localhost:1/x.example", "from": "lohn@bank.example", "subject": "s", "text": "t\n", "file": "B.pdf",
                        "per_minute": 100000, "ca": at("given/ca.pem")})
    os.chmod(at("given/mail.json"), 0o600)
    for name in ("mapping.json", "personen.csv", "bescheinigungen.csv"):
        shutil.copy(os.path.join(source, "samples/import/lines", name), at("given"))
    subprocess.run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out ca.pem -days 2 -subj /CN=x && cat ca.pem >> key.pem", shell=True,
                   cwd=at("given"), check=True, capture_output=True)
    open(at("given/ids"), "w").write(of[0] + "\n")
    shutil.copytree(os.path.join(source, "templates", FORM), at("forms", FORM))
    inputs = ["--allow-test-ids", "-e", at("given/employees.json"), "--waivers", at("given/waivers.json"), at("given/payroll.json")]
    call = lambda *words: (lambda done: None if done[0] == 0 else sys.exit(f"{words}: {done}"))(taxcert(*words))
    call("generate", *inputs, "-o", at("run")), call("generate", "--draft", *inputs, "-o", at("draft"))
    call("generate", "--allow-test-ids", os.path.join(source, "samples/us/2025/payroll.json"), "-o", at("us"))
    shutil.copytree(at("run"), at("sent"))
    call("batch", at("sent"), "-o", at("job")), call("copies", at("sent"), "-o", at("copied"), "--list", at("given/passwords.csv"))
    rows = open(at("given/passwords.csv")).read().splitlines()[1:]
    open(at("given/words.csv"), "w").writelines(f"{row.split(',')[1]},{row.split(',')[-1]}\n" for row in rows)
    shutil.copy(at("sent/events.log"), at("given/journal"))  # is none, which verify must say; one is only made of a medium that takes no event
    rows = [row for name in os.listdir(at("job")) if name.endswith(".csv") for row in csv.DictReader(open(at("job", name), newline="")) if "mark" in row]
    open(at("given/marks.log"), "w").writelines(row["mark"] + "\n" for row in rows)
    call("seal", "--key", at("given/key.pem"), at("run"), "-o", at("given/run.pem"))
    subprocess.run(["find", root, "-type", "d", "-empty", "-delete"], check=True)  # folders of a run that hold nobody: fewer to copy
    os.mkdir(at("half.partial")), open(at("half.partial/run.id"), "w").write("0" * 64 + "\n")
    return of[0], payroll["certificates"][0]["id"], payroll["certificates"][2]["id"]


def cases(number, handle, mailed):
    """Name: words, where {x} is a path below the work folder; named files that are read; files in folders that are read; options that write, with how their words end."""
    given = ["--allow-test-ids", "-e", "{given/employees.json}", "--waivers", "{given/waivers.json}", "{given/payroll.json}"]
    inputs = "given/employees.json given/waivers.json given/payroll.json"
    lists = ["{given/mapping.json}", "{given/personen.csv}", "{given/bescheinigungen.csv}"]
    pdf = lambda run, handle: next(os.path.join(run, folder[len(os.path.join(work, "new", run)) + 1:], name) for folder, _, names in os.walk(os.path.join(work, "new", run))
                                   for name in names if name.endswith(f"+{handle}.pdf"))
    form = "form/template.json form/summary.json"
    run = lambda files, name="run": " ".join(f"{name}/{file}" for file in files.split())
    return {
        "import": (["import", *lists, "-o", "{out/p}", "-e", "{out/e}"], "given/mapping.json given/personen.csv given/bescheinigungen.csv", "", ["-o", "-e"]),
        "import --suggest": (["import", "--suggest", "{given/personen.csv}"], "given/personen.csv", "", []),
        "generate": (["generate", *given, "-o", "{out/r}"], inputs, "", ["-o FOLDER"]),
        "generate several": (["generate", "--allow-test-ids", "{given/many}", "-o", "{out/r}"], "", "", ["-o THERE"]),
        "check": (["check", *given], inputs, "", []),
        "check several": (["check", "--allow-test-ids", "{given/many}"], "", "", []),
        "preview": (["preview", "--only", number, *given, "-o", "{out/f}"], inputs, "", ["-o"]),
        "correct": (["correct", "--allow-test-ids", "{run}", "{given/changes.json}", "-o", "{out/r}"], "given/changes.json", run("ledger.db SHA256SUMS events.log " + form), ["-o FOLDER"]),
        "issue": (["issue", "{draft}", "-o", "{out/r}"], "", run("ledger.db events.log", "draft"), ["-o FOLDER"]),
        "issue moved": (["issue", "{draft}", "{given/payroll.json}", "-e", "{given/employees.json}", "--waivers", "{given/waivers.json}", "-o", "{out/r}"], inputs, "", []),
        "reprint": (["reprint", "--force", "{run}", handle, "-o", "{out/f}"], "", run("ledger.db events.log") + " " + pdf("run", handle), ["-o"]),
        "reprint --duplicate": (["reprint", "--force", "--duplicate", "{run}", handle, "-o", "{out/f}"], "", run("ledger.db events.log form/form.json " + form), ["-o"]),
        "reprint --list": (["reprint", "--force", "--merged", "--list", "{given/ids}", "{run}", "-o", "{out/f}"], "given/ids", pdf("run", handle), ["-o"]),
        "reprint folder": (["reprint", "--force", "--list", "{given/ids}", "{run}", "-o", "{out/r}"], "", "", ["-o THERE"]),
        "find": (["find", "{run}", number], "", run("ledger.db events.log " + form), []),
        "explain": (["explain", "{run}", handle], "", run("ledger.db events.log " + form), []),
        "summary": (["summary", "{run}", "-o", "{out/f}", "--csv", "{out/c}"], "", run("ledger.db " + form), ["-o", "--csv"]),
        "verify": (["verify", "--sample", "1", "--pub", "{given/ca.pem}", "--signature", "{given/run.pem}", "{run}"],
                   "given/ca.pem given/run.pem", run("ledger.db SHA256SUMS events.log records.jsonl summary.xlsx " + form) + " " + pdf("run", handle), []),
        "verify --journal": (["verify", "--sample", "0", "--journal", "{given/journal}", "{run}"], "given/journal", "", []),
        "verify job": (["verify", "--sample", "0", "{sent}", "{job}"], "", "job/@first", []),
        "verify copies": (["verify", "--sample", "0", "{sent}", "{copied}"], "", f"copied/{handle}.pdf", []),
        "seal": (["seal", "--key", "{given/key.pem}", "{run}", "-o", "{out/f}"], "given/key.pem", run("events.log SHA256SUMS"), ["-o"]),
        "template list": (["template", "--templates", "{forms}", "list"], "", "", []),
        "template show": (["template", "--templates", "{forms}", "show", FORM.rsplit("/", 1)[0], "2025"], "", f"forms/{FORM}/template.json", []),
        "template schema": (["template", "--templates", "{forms}", "schema", FORM.rsplit("/", 1)[0], "2025"], "", f"forms/{FORM}/template.json", []),
        "template lint": (["template", "lint", "{forms/" + FORM + "}"], "", " ".join(f"forms/{FORM}/{n}.json" for n in "template form rules summary captions.de".split()), []),
        "template preview": (["template", "--templates", "{forms}", "preview", FORM.rsplit("/", 1)[0], "2025", "-o", "{out/f}"], "", f"forms/{FORM}/form.json", ["-o"]),
        "batch": (["batch", "{run}", "-o", "{out/r}"], "", run("ledger.db events.log") + " " + pdf("run", handle), ["-o FOLDER"]),
        "batch --check": (["batch", "--check", "{given/marks.log}", "{sent}"], "given/marks.log", "sent/events.log sent/ledger.db", []),
        "copies": (["copies", "{run}", "-o", "{out/r}", "--list", "{out/l}", "--letters", "{out/f}"], "", run("ledger.db events.log") + " " + pdf("run", handle),
                   ["-o FOLDER", "--list NEW", "--letters NEW"]),
        "copies --passwords": (["copies", "{run}", "-o", "{out/r}", "--passwords", "{given/words.csv}"], "given/words.csv", "", []),
        "deliveries": (["deliveries", "{sent}", "--csv", "{out/f}"], "", run("ledger.db events.log", "sent"), ["--csv"]),
        "send": (["send", "--mail", "{given/mail.json}", "--copies", "{copied}", "{sent}"], "given/mail.json given/ca.pem", f"copied/{mailed}.pdf sent/ledger.db sent/events.log", []),
        "send --resolve": (["send", "--resolve", f"{mailed}=again", "{sent}"], "", "sent/events.log sent/ledger.db", []),
        "purge": (["purge", "{run}", "--before", "2026", "--today", "2040-01-01"], "", run("ledger.db events.log"), []),
        "purge --yes": (["purge", "{run}", "--before", "2026", "--today", "2040-01-01", "--yes"], "", run("ledger.db SHA256SUMS events.log"), []),
        "file": (["file", "--force", "--given", "{given/given.json}", "{us}", "-o", "{out/f}"], "given/given.json", run("ledger.db events.log", "us"), ["-o"]),
    }


# Options with a file or folder that is read; what writes is in the cases. A new one is in neither, and fails.
READ = {"employees", "waivers", "templates", "suggest", "into", "list", "pub", "signature", "journal", "key", "check", "passwords", "mail", "copies", "given"}


def told_options():
    """Of every command that help names: its options with a file."""
    told = subprocess.run([program, "help"], capture_output=True, text=True, env=ENV).stdout
    commands = re.findall(r"^  taxcert (\w+)", told, re.M)
    assert len(commands) >= 18
    for command in commands:
        text = subprocess.run([program, command, "--help"], capture_output=True, text=True, env=ENV).stdout
        yield command, {name for name in re.findall(r"^ +(?:-\w, )?--([a-z-]+) (?:FILE|FOLDER|DIR|LOG|PAYROLL\.json)\b", text, re.M)}


class Place:
    """A folder of its own with all that is there, for one case after the other."""

    def __init__(self, name):
        self.root = os.path.join(work, name)

    def fresh(self):
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cp", "-a", os.path.join(work, "new"), self.root], check=True)
        os.mkdir(self.at("out"))
        with open(self.at("given/mail.json")) as file:
            mail = file.read().replace(os.path.join(work, "new"), self.root)
        with open(self.at("given/mail.json"), "w") as file:
            file.write(mail)
        return self

    def at(self, name):
        return os.path.join(self.root, name)

    def words(self, words, target=None, option=None):
        done = [re.sub(r"\{(.*?)\}", lambda m: self.at(m[1]), word) for word in words]
        if target:
            done[done.index(option) + 1] = target
        return done


def reading(name, place, words, named, inside, calm):
    """Each file of a case by each kind."""
    wrong, count = [], 0
    place.fresh()
    for file in named.split() + inside.split():
        if file.endswith("@first"):
            folder = place.at(os.path.dirname(file))
            file = os.path.join(os.path.dirname(file), sorted(n for n in os.listdir(folder) if n.endswith(".pdf"))[0])
        for kind in KINDS:
            if kind in ("device", "socket", "folder") and file != (named.split() + inside.split())[0]:
                continue
            plant(place.at(file), kind)
            before = states(place.root)
            code, told, seconds = taxcert(*place.words(words))
            after = states(place.root)
            unplant(place.at(file))
            count += 1
            usual = kind == "link" and file in named.split()
            good = code == calm if usual else code in (2, 3, 4) or (code == 1 and name.split()[0] in ("verify", "purge"))
            if not good or seconds > SECONDS or (not usual and after != before):
                wrong.append(f"{name}: {file} as {kind}: exit {code} (calm {calm}), {seconds:.1f} s{', something changed' if after != before else ''}: {told.strip()[-200:]}")
            if after != before:
                place.fresh()
    return wrong, count


def old(path):
    with open(path, "w") as file:
        file.write("old")
    os.chmod(path, 0o666)


def writing(name, place, words, named, option, calm):
    """An option by what stands at its target."""
    option, kind = (option.split() + ["FILE"])[:2]
    place.fresh()
    os.mkdir(place.at("elsewhere")), old(place.at("elsewhere/theirs")), os.mkdir(place.at("elsewhere/folder"))
    theirs = place.at("elsewhere/theirs")
    target = place.at("place/out")
    makers = {"nothing": lambda p: None, "a file": old, "a link": lambda p: os.symlink(theirs, p), "a link to nowhere": lambda p: os.symlink(place.at("elsewhere/new"), p),
              "a folder": os.mkdir, "a link to a folder": lambda p: os.symlink(place.at("elsewhere/folder"), p), "a pipe": os.mkfifo, "a socket": bind}
    if os.getuid() == 0:
        makers["a device"] = lambda p: os.mknod(p, 0o20666, os.makedev(1, 3))
    taken = {"FILE": {"nothing", "a file", "a link", "a link to nowhere", "a link to a folder"}, "FOLDER": {"nothing"}, "NEW": {"nothing"}, "THERE": {"nothing", "a folder", "a link to a folder"}}[kind]
    wrong, count = [], 0
    for state, maker in makers.items():
        os.mkdir(place.at("place"))
        maker(target)
        before, there = states(place.root), states(place.at("elsewhere"))
        code, told, seconds = taxcert(*place.words(words, target, option))
        after = states(place.root)
        count += 1
        if state in taken:
            good = code == calm and (kind == "THERE" or states(place.at("elsewhere")) == there)
            if good and kind in ("FILE", "NEW"):
                status = os.lstat(target)
                good = stat.S_ISREG(status.st_mode) and status.st_mode & 0o777 == 0o600 and status.st_size > 3 and os.listdir(place.at("place")) == ["out"]
            if good and state == "nothing":
                good = not [p for p in (os.path.join(f, n) for f, a, b in os.walk(place.at("place")) for n in a + b) if os.lstat(p).st_mode & 0o077]
        else:
            good = code in ((2, 4) if state == "a link to nowhere" else (2,)) and after == before
        if not good or seconds > SECONDS:
            wrong.append(f"{name} {option}: {state}: exit {code} (calm {calm}){', something changed' if after != before else ''}: {told.strip()[-200:]}")
        if after != before:
            place.fresh()
            os.mkdir(place.at("elsewhere")), old(theirs), os.mkdir(place.at("elsewhere/folder"))
        shutil.rmtree(place.at("place"), ignore_errors=True)
    # Places of others, and inputs by whatever name.
    os.mkdir(place.at("place"))
    os.symlink(place.at("run"), place.at("place/through"))
    places = [place.at(p) for p in ("run/ledger.db", "run/certificates/new", "place/through/new", "half.partial/new", f"forms/{FORM}/form.json", f"forms/{FORM}/new")]
    if kind in ("FILE", "NEW"):
        others = [place.at(n) for n in named.split()] + [w for w in place.words(words) if "/out/" in w and w != place.words(words)[place.words(words).index(option) + 1]]
        places += [place.at("place") + "/", *others]
        for i, other in enumerate(others):
            places.append(os.path.join(os.path.dirname(other), ".", os.path.basename(other)))
            if os.path.exists(other):
                os.link(other, place.at(f"place/hard{i}")), os.symlink(other, place.at(f"place/soft{i}"))
                places += [place.at(f"place/hard{i}"), place.at(f"place/soft{i}")]
    for path in places:
        before = states(place.root)
        code, told, _ = taxcert(*place.words(words, path, option))
        count += 1
        after = states(place.root)
        if code != 2 or after != before:
            wrong.append(f"{name} {option}: {path[len(place.root) + 1:]}: exit {code}{', something changed' if after != before else ''}: {told.strip()[-200:]}")
        if after != before:
            break
    return wrong, count


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    names = make(os.path.join(work, "new"))
    table = cases(*names)
    written = {"o": "output", "e": "employees"}
    for command, options in told_options():
        mine = {name: case for name, case in table.items() if name.split()[0] == command}
        assert mine, f"{command} is in no table: add it to cases()"
        writes = {written.get(o.split()[0].lstrip("-"), o.split()[0].lstrip("-")) for case in mine.values() for o in case[3]}
        assert options <= READ | writes, f"{command}: {options - READ - writes} is in no table: does it read or write?"

    def one(name):
        words, named, inside, options = table[name]
        place = Place("at " + name)
        code, told, _ = taxcert(*place.fresh().words(words))
        # Nobody listens where the mail would go; nothing is open about anybody.
        if code != {"send": 4, "send --resolve": 2}.get(name, 0):
            return [f"{name}: exit {code} as it is: {told}"], 0
        found = [reading(name, place, words, named, inside, code)] + [writing(name, place, words, named, option, code) for option in options]
        shutil.rmtree(place.root)
        return [line for lines, _ in found for line in lines], sum(count for _, count in found)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, table))
    wrong = [line for lines, _ in found for line in lines]
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)
    print(f"every_command: {len(table)} calls, {sum(count for _, count in found)} cases")
