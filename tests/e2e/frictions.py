"""The mistakes of a first day, told as their makers see them: what must be said of each, sentence by sentence, and which test has it.
  a file that is no UTF-8 is refused as a whole, exit 3, "Windows-1252?", line, column; keys too   encodings here (each file of each command), whole_file.py, clerk.py
  a byte order mark is accepted; UTF-16 and UTF-32 are named, with and without their mark          encodings here, whole_file.py, import_reader.py
  wrong year or form: which there are                                                             heads here, clerk.py
  "2025" as text, a value of another type: what was expected, what was found                      heads here, whole_file.py
  an unknown version of a format, in every file, an empty one too                                 formats here, whole_file.py
  a file that is cut off, empty, or none of ours                                                  cut_off here, heads here, hostile.py
  unknown keys are named with the nearest known one, `declaration` is fatal                       whole_file.py, formats here (mapping, waivers)
  no --employees: one line, no run folder; swapped files                                          whole_file.py, swapped here, clerk.py
  swapped words, a missing -o, two ids, a number that is none                                     mistakes.py
  an unknown command or option: the nearest is named                                              words here, mistakes.py
  -h, help, --help: exit 0, of every command                                                      mistakes.py
  reprint says what it did, --force                                                               mistakes.py, every_command.py
  find: a birth date, several certificates told apart, people without one and why                 clerk.py, find.py, found here
  correct without -o only checked; a whole payroll as corrections: once                           mistakes.py, clerk.py, found here
  who stops reading makes no mistake, of every command                                            encodings(table)
    formats(inputs)
    heads(inputs)
    cut_off(table)
    swapped(inputs)
    words()
    gone_readers here, mistakes.py
  nothing is in agreement where nothing was issued or declared; closing lines                     closing here, agreement.py, reconciliation.py
  German says the same                                                                            every case here in both languages; style/translated.py, clerk.py
Usage: frictions.py TAXCERT SOURCE_DIR"""
import copy
import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
quick = os.path.join(os.path.dirname(program), "../release/taxcert")  # many starts, about what is said and not about memory
program = quick if os.path.exists(quick) else program
BANK, FORM = source + "/samples/bank/", "de/lohnsteuerbescheinigung"
ENV = {**os.environ, "LC_ALL": "C.UTF-8", "TAXCERT_TEMPLATES": source + "/templates"}
FULL, PEOPLE = (json.load(open(BANK + name)) for name in ("payroll.json", "employees.json"))
PAYROLL = {**FULL, "certificates": FULL["certificates"][:3], "declarations": []}
of = [c["personnel_number"] for c in PAYROLL["certificates"]]
FEW = {**PEOPLE, "employees": [e for e in PEOPLE["employees"] if e["personnel_number"] in of]}
COUNT = 0


def taxcert(*words, lang="en", code=0, **more):
    global COUNT
    COUNT += 1
    done = subprocess.run([program, words[0], "--lang", lang, *words[1:]], capture_output=True, text=True, env=ENV, stdin=subprocess.DEVNULL, **more)
    assert code is None or done.returncode == code, (words, done.returncode, done.stdout[-300:], done.stderr[-600:])
    return done


def write(name, value):
    with open(name, "wb") as file:
        file.write(value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False, indent=1).encode())


def told(words, code, english, german=None):
    """In both languages, or English alone; nothing is made, and in German there is nothing English."""
    for lang, text in (("en", english), ("de", german))[:1 if german is None else 2]:
        shutil.rmtree("out", ignore_errors=True)
        os.mkdir("out")
        done = taxcert(*words, lang=lang, code=code)
        assert text in done.stderr and os.listdir("out") == [], (words, text, os.listdir("out"), done.stderr[-600:])
        assert "CANARY" not in done.stderr + done.stdout
        assert lang == "en" or not re.search(r"\b(the|is|must|found|known|line \d|there)\b", re.sub(r"'.*?'|\[[a-z-]+\]|\S+\.json\S*", "", done.stderr)), done.stderr


def make():
    for e in FEW["employees"]:
        e.pop("mailing_address", None)
        e.update(delivery="email" if of.index(e["personnel_number"]) == 2 else "print", email="somebody@example.org")
    write("payroll.json", PAYROLL), write("employees.json", FEW), write("waivers.json", {"format": "taxcert/waivers/1", "waivers": []})
    gone = [{"certificate": PAYROLL["certificates"][0]["id"], "reason": "doppelt"}]
    write("changes.json", {**PAYROLL, "certificates": [], "cancellations": gone, "employees": [], "issue_date": "2026-03-09"})
    write("given.json", {"user_id": "ABCD1234", "software_code": "99", "contact_name": "P", "contact_phone": "5185550100", "contact_email": "p@example.org", "kind_of_employer": "N",
                         "employment_code": "R"})
    write("mail.json", {"format": "taxcert/mail/1", "server": "smtp://localhost:1/x.example", "from": "lohn@bank.example", "subject": "s", "text": "t\n", "file": "B.pdf"})
    os.chmod("mail.json", 0o600)
    for folder, name in ("lines", "mapping.json"), ("lines", "personen.csv"), ("lines", "bescheinigungen.csv"):
        shutil.copy(f"{source}/samples/import/{folder}/{name}", ".")
    write("ids", f"{of[0]}\n{of[1]}\n".encode())
    inputs = ["--allow-test-ids", "-e", "employees.json", "--waivers", "waivers.json", "payroll.json"]
    taxcert("generate", *inputs, "-o", "run"), taxcert("generate", "--draft", *inputs, "-o", "draft")
    taxcert("generate", "--allow-test-ids", source + "/samples/us/2025/payroll.json", "-o", "us")
    shutil.copytree("run", "sent")
    taxcert("batch", "sent", "-o", "job"), taxcert("copies", "sent", "-o", "copied", "--list", "passwords.csv")
    write("words.csv", "".join(f"{row['certificate']},{row['password']}\n" for row in csv.DictReader(open("passwords.csv", newline="", encoding="utf-8-sig"))).encode())
    write("marks.log", "".join(row["mark"] + "\n" for name in sorted(glob.glob("job/*.csv")) for row in csv.DictReader(open(name, newline="")) if "mark" in row).encode())
    return inputs


def files(inputs):
    """Each file that a command reads: the words that do, and whether it is a table that a mapping says the encoding of."""
    lists = ["mapping.json", "personen.csv", "bescheinigungen.csv"]
    return [("payroll.json", ["generate", *inputs, "-o", "out/r"]), ("payroll.json", ["check", *inputs]), ("payroll.json", ["preview", "--only", of[0], *inputs, "-o", "out/f"]),
            ("payroll.json", ["issue", "draft", "payroll.json", "-o", "out/r"]), ("employees.json", ["generate", *inputs, "-o", "out/r"]), ("waivers.json", ["check", *inputs]),
            ("employees.json", ["correct", "--allow-test-ids", "-e", "employees.json", "run", "changes.json", "-o", "out/r"]),
            ("waivers.json", ["correct", "--allow-test-ids", "--waivers", "waivers.json", "run", "changes.json", "-o", "out/r"]),
            ("changes.json", ["correct", "--allow-test-ids", "run", "changes.json", "-o", "out/r"]),
            ("mapping.json", ["import", *lists, "-o", "out/p", "-e", "out/e"]), ("bescheinigungen.csv", ["import", *lists, "-o", "out/p", "-e", "out/e"]),
            ("ids", ["reprint", "--list", "ids", "--merged", "run", "-o", "out/f"]), ("marks.log", ["batch", "--check", "marks.log", "sent"]),
            ("words.csv", ["copies", "run", "-o", "out/c", "--passwords", "words.csv"]), ("given.json", ["file", "--given", "given.json", "us", "-o", "out/f"]),
            ("mail.json", ["send", "--mail", "mail.json", "--copies", "copied", "sent"])]


def place(data, wrong):
    return f"line {data.count(10, 0, wrong) + 1}, column {wrong - data.rfind(10, 0, wrong)}"


def encodings(table):
    for name, words in table:
        right = open(name, "rb").read()
        text, read_table = right.decode(), name == "bescheinigungen.csv"
        shutil.rmtree("out", ignore_errors=True)
        os.mkdir("out")
        shutil.copytree("run", "kept"), shutil.copytree("sent", "kept sent")
        write(name, b"\xef\xbb\xbf" + right)
        done = taxcert(*words, code=None)
        assert done.returncode == (4 if name == "mail.json" else 0), (words, done)  # nobody listens where the mail goes
        for folder in "run", "sent":
            shutil.rmtree(folder), os.rename({"run": "kept", "sent": "kept sent"}[folder], folder)
        middle = right.index(b'": ') if name.endswith("json") else len(right) // 2  # in the first key
        machine = name == "marks.log"  # whose lines may have anything beside the marks, and zeros for gaps
        for at, bad in () if machine else ((len(right), b"\xe4\n"), (middle, b"\xfc"), (3, b"\x81"), (len(right), b"\xe2\x82")):
            wrong = right[:at] + bad + right[at:]
            write(name, wrong)
            if read_table:
                told(words, 3, f"{name}:"), told(words, 3, "not UTF-8, as the mapping says (is the file Windows-1252?): correct the mapping (encoding), or export the file as UTF-8", "kein UTF-8, wie die Zuordnung sagt")
            else:
                told(words, 3, f"{name}: {place(wrong, at)}: not UTF-8 (is the file Windows-1252?)", "kein UTF-8 (ist die Datei in Windows-1252?)" if bad == b"\xfc" else None)
        for wide in "utf-16", "utf-32":
            for order in ("", "-le", "-be"):
                write(name, text.encode(wide + order))
                called = "utf-16" if read_table and wide == "utf-16" else wide.upper()  # as the mapping is to say it
                told(words, 3, f"the file is {called}", None if order else f"Die Datei ist in {called}")
        write(name, right[:5] + b"\0" + right[6:])
        done = taxcert(*words, code=None)  # what stands in front of a zero is nobody's number
        assert done.returncode in ((1,) if machine else (2, 3)) and os.listdir("out") == [], (words, done)
        write(name, right)
    write("words.csv", b"".join(line + b"\r\n" for line in open("words.csv", "rb").read().splitlines()))


def formats(inputs):
    check = ["check", *inputs]
    mapping, mail = json.load(open("mapping.json")), json.load(open("mail.json"))
    changes = json.load(open("changes.json"))
    cases = [("payroll.json", PAYROLL, check, 3, "certificates"), ("employees.json", FEW, check, 3, "employees"), ("waivers.json", json.load(open("waivers.json")), check, 3, None),
             ("changes.json", changes, ["correct", "--allow-test-ids", "run", "changes.json"], 3, "cancellations"),
             ("mapping.json", mapping, ["import", "mapping.json", "personen.csv", "bescheinigungen.csv", "-o", "out/p", "-e", "out/e"], 2, None),
             ("mail.json", mail, ["send", "--mail", "mail.json", "--copies", "copied", "sent"], 2, None)]
    for name, right, words, code, empty in cases:
        known = right["format"]
        for wrong in (known[:-1] + "2", known[:-1] + "CANARY", "CANARY", 1, None, [known]):
            write(name, {**right, "format": wrong})
            told(words, code, known, known if wrong == 1 else None)
        for more in ([{empty: []}] if empty else []) + [{}]:
            write(name, {**right, **more, "format": known[:-1] + "7"})
            told(words, code, known, known)
        write(name, {key: value for key, value in right.items() if key != "format"})
        if name == "employees.json":  # whose list says what it is
            taxcert(*words)
        elif name not in ("payroll.json", "changes.json"):
            told(words, code, known, known)
        write(name, right)
    for change, known in (({"source": mapping["sources"]}, "sources"), ({"fromat": 1}, "format")):
        write("mapping.json", {**mapping, **change})
        told(cases[4][2], 2, f"is it `{known}`?", f"gemeint ist wohl `{known}`")
    write("mapping.json", mapping)
    for rule, near in (("tax-above-wag", "tax-above-wage"), ("idnr-tests", "idnr-test"), ("pension-insurance-halfs", "pension-insurance-halves")):
        write("waivers.json", {"format": "taxcert/waivers/1", "waivers": [{"certificate": PAYROLL["certificates"][0]["id"], "rule": rule, "reason": "r", "approved_by": "b"}]})
        told(check, 3, f"(nearest known name: {near})", f"(ähnlichster bekannter Name: {near})")
    write("waivers.json", {"format": "taxcert/waivers/1", "waivers": [{"certificate": PAYROLL["certificates"][0]["id"], "rule": "CANARYCANARY", "reason": "r", "approved_by": "b"}]})
    told(check, 3, "the form has no rule of this name; only", "Eine Regel dieses Namens hat das Formular nicht; Ausnahmen")
    write("waivers.json", {"format": "taxcert/waivers/1", "waivers": []})


def heads(inputs):
    """Year and form, and files that are something else."""
    check = ["check", *inputs]
    years, forms = "2024, 2025, 2026", "at/l16, ch/lohnausweis, de/lohnsteuerbescheinigung, nl/jaaropgaaf, uk/p60, us/w2"
    for form in ("de/lohnsteuer", "DE/lohnsteuerbescheinigung", "../x", "", "/etc", "Lohnsteuerbescheinigung 2025", "x" * 300, "de//lohnsteuerbescheinigung"):
        write("payroll.json", {**PAYROLL, "form": form})
        told(check, 2, f"there is no form of this name; available: {forms}", f"vorhanden: {forms}")
    for year in 2023, 2027, 1, 999, 9999:
        write("payroll.json", {**PAYROLL, "year": year})
        told(check, 2, f"there is no form for {year}, but for {years}", f"Ein Formular für {year} gibt es hier nicht, wohl aber für {years}")
    kinds = ((None, "null", "null"), (True, "true or false", "true oder false"), ([2025], "a list", "eine Liste"), ({}, "a group of fields { }", "eine Gruppe von Feldern { }"), ("2025", "text in quotes", "Text in Anführungszeichen"),
             (2025.0, "a decimal number", "eine Dezimalzahl"), (5, "a whole number", "eine ganze Zahl"))
    for value, english, german in kinds:
        write("payroll.json", {**PAYROLL, "year": value})
        if value == "2025":
            told(check, 3, "/year: the year must be a whole number without quotes (year), but text was found", "ganze Zahl ohne Anführungszeichen sein; gefunden wurde Text")
        elif value != 5:
            told(check, 3, f"/year: the year must be given as a whole number of four digits (found: {english})", f"muss als ganze Zahl mit vier Stellen angegeben sein (gefunden: {german})")
        if value != "2025":
            write("payroll.json", {**PAYROLL, "form": value})
            told(check, 3, f"/form: the form must be given as text in quotes (form; found: {english})", f"gefunden: {german})")
    write("payroll.json", json.dumps(PAYROLL).replace('"year": 2025', '"year": ' + "9" * 30).encode())
    told(check, 3, "a number here is too large; check it", "Eine Zahl ist hier zu groß; bitte prüfen.")
    write("payroll.json", json.dumps(PAYROLL).replace('"year": 2025', '"year": 2025, "x_a": {"b": 1, "b": 2}, "employer": {"b": 1, "b": 2}').encode())
    told(check, 3, "a field is named twice here; keep one of the two", "Ein Feld steht hier zum zweiten Mal")
    for foreign in (b"<xml/>", b"a;b;c\n1;2;3\n", b"%PDF-1.7\n", b"PK\x03\x04\x14\x00", b"[]", b"7", b"null"):
        write("payroll.json", foreign)
        told(check, 3, "the file must begin with { and end with }", "Die Datei muss mit { beginnen und mit } enden")
    write("payroll.json", PAYROLL)


def cut_off(table):
    """Every JSON file, cut at many places, is told as one that ends too early, or says at least where; an empty one as an empty one."""
    seen = set()
    for name, words in table:
        if not name.endswith(".json") or name in seen:
            continue
        seen.add(name)
        right = open(name, "rb").read()
        code = 2 if name in ("mapping.json", "given.json", "mail.json") else 3
        for text in (b"", b"\xef\xbb\xbf", b" \n\t"):
            write(name, text)
            told(words, code, "the file is empty", None if text else "Die Datei ist leer")
        for at in (1, 10, right.index(b":"), len(right) // 3, len(right) - 2):
            write(name, right[:at])
            told(words, code, "it ends too early", "Die Datei ist unvollständig" if at == 10 else None)
        write(name, right)


def swapped(inputs):
    told(["check", "--allow-test-ids", "-e", "payroll.json", "employees.json"], 3, "are the two files swapped?", "sind die beiden Dateien vertauscht?")
    told(["generate", "--allow-test-ids", "payroll.json", "employees.json", "-o", "out/r"], 2, "the employee data of a payroll are given by -e FILE", "mit -e DATEI angegeben")
    told(["correct", "--allow-test-ids", "-e", "changes.json", "run", "employees.json"], 3, "are the two files swapped?", "sind die beiden Dateien vertauscht?")
    told(["import", "payroll.json", "personen.csv", "-o", "out/p", "-e", "out/e"], 2, 'must be "taxcert/mapping/1"', 'muss "taxcert/mapping/1" sein')
    told(["check", "--allow-test-ids", "payroll.json"], 3, "--employees FILE", "--employees DATEI")


def words():
    listed = re.findall(r"^  taxcert ([a-z]+) ", taxcert("help").stdout, re.M)
    for command in listed:
        for slip in {command[:-1] + "x", command[0] + command[2] + command[1] + command[3:]} - set(listed):
            done = taxcert(slip, code=2)
            assert re.search(r"^taxcert: this command does not exist(?: \(nearest known name: (\w+)\))?; the commands are:\n", done.stderr), (slip, done.stderr[:200])
            assert len(command) < 6 or f"name: {command})" in done.stderr, (slip, done.stderr[:200])
    told(["generrate"], 2, "nearest known name: generate", "ähnlichster bekannter Name: generate")
    assert "nearest" not in taxcert("/etc/passwd", code=2).stderr
    for command in listed:  # each long option of each command, a letter left out
        options = [o for o in re.findall(r"^ .*?--([a-z-]+)", taxcert(command, "--help").stdout, re.M) if len(o) > 5 and o != "lang"]
        assert options or command in ("template",), command
        for n, option in enumerate(options[:2]):
            slip = option[:2] + option[3:]
            if not any(o.startswith(slip) for o in options):
                told([command, f"--{slip}=CANARY"], 2, f"--{slip} is not an option of this command (nearest known name: --{option})", None if n else f"(ähnlichster bekannter Name: --{option})")


def gone_readers(inputs):
    """Each command, its output read by somebody who stops at once: no message, and what was to be made is made."""
    months = source + "/samples/import/months/"
    calls = {"import": [months + "mapping.json", months + "personen.csv", months + "lohnkonto.csv", "-o", "out/p", "-e", "out/e"], "generate": [*inputs, "-o", "out/r"], "check": inputs,
             "preview": ["--only", of[0], *inputs, "-o", "out/f"], "correct": ["--allow-test-ids", "run", "changes.json"], "issue": ["draft", "-o", "out/i"], "reprint": ["run", of[0], "-o", "out/1.pdf"],
             "find": ["run", "1000"], "explain": ["run", of[0]], "summary": ["run", "-o", "out/s.xlsx"], "verify": ["--sample", "0", "run"], "seal": ["run"], "template": ["list"], "batch": ["run", "--again", "-o", "out/b"],
             "copies": ["run", "-o", "out/c", "--list", "out/l.csv"], "deliveries": ["run"], "send": ["--resolve", "X=again", "run"], "file": ["--given", "given.json", "us", "-o", "out/w2"],
             "purge": ["run", "--before", "2026"]}
    listed = set(re.findall(r"^  taxcert ([a-z]+) ", taxcert("help").stdout, re.M))
    assert listed == set(calls), listed ^ set(calls)
    shutil.rmtree("out", ignore_errors=True)
    os.mkdir("out")
    for command, rest in calls.items():
        told_calmly = taxcert(command, *(r.replace("out/", "out/calm-") for r in rest), code=None)
        read, write_end = os.pipe()
        os.close(read)
        done = subprocess.run([program, command, "--lang", "en", *rest], stdout=write_end, stderr=subprocess.PIPE, text=True, env=ENV)
        os.close(write_end)
        same = lambda text: re.sub(r"calm-", "", text)
        assert done.returncode in (told_calmly.returncode, -13) and "stdout" not in done.stderr, (command, told_calmly.returncode, done)
        if command not in ("generate", "issue", "copies", "batch"):  # whose later copies have notes of the earlier ones
            assert done.stderr in (same(told_calmly.stderr), ""), (command, done.stderr, told_calmly.stderr)
        for made in (r for r in rest if r.startswith("out/")):
            assert os.path.exists(made), (command, made, done)


def found():
    """People without a certificate are found with the reason; who has several is told apart; a whole payroll given as corrections says so once."""
    write("all.json", {**FULL, "declarations": []}), write("everybody.json", PEOPLE)
    taxcert("generate", "--allow-test-ids", "-e", "everybody.json", "all.json", "-o", "whole")
    having = [c["personnel_number"] for c in FULL["certificates"]]
    without = [e for e in PEOPLE["employees"] if e["personnel_number"] not in having]
    assert len(without) > 3 and sum("no_certificate_reason" in e for e in without) > 2
    for e in without:
        for lang in "en", "de":
            [line] = taxcert("find", "whole", e["personnel_number"], lang=lang).stdout.splitlines()
            assert e["personnel_number"] in line and e["name"]["last"] in line and (e.get("no_certificate_reason") or "") in line, line
    several = next(n for n in having if having.count(n) > 1)
    lines = taxcert("find", "whole", several).stdout.splitlines()
    mine = [c for c in FULL["certificates"] if c["personnel_number"] == several]
    assert len(lines) == len(mine) and len(set(lines)) == len(lines) and all(any(c["id"] in line and c["period"]["from"] in line for line in lines) for c in mine), lines
    for lang, words in (("en", f"this person has {len(mine)} certificates: give the id of one"), ("de", f"Die Person hat {len(mine)} Bescheinigungen; bitte die Kennung von einer")):
        done = taxcert("reprint", "whole", several, lang=lang, code=2)
        assert words in done.stderr and all(c["id"] in done.stderr for c in mine), done.stderr
    for lang in "en", "de":
        done = taxcert("correct", "--allow-test-ids", "-e", "everybody.json", "whole", "all.json", lang=lang, code=1)
        assert done.stderr.count("[whole-payroll]") == 1 and done.stderr.count("[correction-missing]") < 5 and done.stderr.count("[only-checked]") == 1, done.stderr


def closing():
    """What the last lines and the JSON say of what was declared, issued and held back; nobody is in agreement with nothing."""
    zero = copy.deepcopy(FULL)
    for d in zero["declarations"]:
        d["values"] = {key: "0.00" for key in d["values"] if key in ("42", "49", "61", "62")}
    site = FULL["establishments"][0]["id"]
    one = {**FULL, "certificates": [c for c in FULL["certificates"] if c["establishment"] == site], "declarations": [d for d in FULL["declarations"] if d["establishment"] == site]}
    agree, differ, none, nothing = "agree", "differ", "not reconciled", "nothing was issued that"
    cases = [("all", FULL, ("--allow-test-ids",), "agree", agree, "stimmen überein"),
             ("one establishment", one, ("--allow-test-ids",), "agree", agree, "stimmen überein"),
             ("all held back", FULL, (), "not_reconciled", nothing, "nichts ausgestellt"),
             ("declared, nobody certified", {**FULL, "certificates": []}, ("--allow-test-ids",), "differ", differ, "weichen"),
             ("certified, nothing declared", {**FULL, "declarations": []}, ("--allow-test-ids",), "not_reconciled", none, "nicht abgestimmt"),
             ("neither", {**FULL, "declarations": [], "certificates": []}, ("--allow-test-ids",), "not_reconciled", none, "nicht abgestimmt"),
             ("one establishment not declared", {**FULL, "declarations": one["declarations"]}, ("--allow-test-ids",), "differ", differ, "weichen"),
             ("declared zero", zero, ("--allow-test-ids",), "differ", differ, "weichen"),
             ("declared zero, nobody certified", {**zero, "certificates": []}, ("--allow-test-ids",), "not_reconciled", nothing, "nichts ausgestellt")]
    for name, payroll, options, state, english, german in cases:
        write("closing.json", payroll)
        words = ["check", *options, "-e", "everybody.json", "closing.json"]
        done = taxcert(*words[:1], "--json", *words[1:], code=None)
        result = json.loads(done.stdout.splitlines()[-1])
        count = len(payroll["certificates"])
        held = count if not options else 0
        assert done.returncode == (1 if held else 0) and result["reconciliation"] == state, (name, result)
        assert (result["certificates"], result["issued"], result["held"]) == (count, count - held, held), (name, result)
        for lang, text in (("en", english), ("de", german)):
            last = taxcert(*words, lang=lang, code=None).stdout.splitlines()
            assert f"{count} = {'issued' if lang == 'en' else 'ausgestellt'} {count - held} + {'held back' if lang == 'en' else 'zurückgehalten'} {held}" in "\n".join(last), (name, last)
            last = "\n".join(last[-3:])
            assert text.lower() in last.lower(), (name, text, last)
            assert state == "agree" or not re.search(r"declarations agree|stimmen überein", last), (name, last)


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    os.chdir(folder)
    inputs = make()
    table = files(inputs)
    encodings(table)
    formats(inputs)
    heads(inputs)
    cut_off(table)
    swapped(inputs)
    words()
    gone_readers(inputs)
    found()
    closing()
print("frictions: ok,", COUNT, "calls")
