"""Mistakes on the command line are told as their makers see them: what is wrong in a line, then the usage.
Usage: mistakes.py TAXCERT SOURCE_DIR"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
BANK = source + "/samples/bank/"
PAYROLL, PEOPLE = BANK + "payroll.json", BANK + "employees.json"
COMMANDS = re.findall(r"^  taxcert ([a-z]+) ", subprocess.run([program, "--help"], capture_output=True, text=True).stdout, re.M)
assert len(COMMANDS) > 17, COMMANDS


def taxcert(*arguments, code=0, said="", out=""):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    assert done.returncode == code and said in done.stderr and out in done.stdout, (arguments, done.returncode, done.stdout[-300:], done.stderr[-600:])
    return done


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    taxcert("generate", "--allow-test-ids", "-e", PEOPLE, PAYROLL, "-o", "run")

    # ---- help is no mistake, wherever it is asked for
    for words in (("--help",), ("-h",), ("help",)):
        taxcert(*words, out="usage: taxcert")
    for command in COMMANDS:
        for words in ((command, "--help"), (command, "-h"), ("help", command)):
            assert taxcert(*words, out=f"usage: taxcert {command}").stderr == ""

    # ---- what is wrong, then the usage; nothing is made
    usage = {
        (): "missing: COMMAND", ("generrate",): "this command does not exist",
        ("generate", PAYROLL): "missing: -o RUN", ("generate", "-o", "x"): "missing: PAYROLL.json", ("check",): "missing: PAYROLL.json",
        ("correct", "run"): "missing: CORRECTIONS.json", ("correct",): "missing: RUN", ("correct", "run", "a", "b"): "2 are expected",
        ("correct", BANK + "corrections.json", "run"): "RUN comes first",
        ("reprint", "run"): "missing: CERTIFICATE", ("reprint", "run", "100011", "100012"): "several certificates need -o", ("reprint", "100011", "run"): "RUN comes first",
        ("explain", "100011", "run"): "RUN comes first", ("find", "mueller", "run"): "RUN comes first", ("find", "run"): "missing: TEXT",
        ("summary", "run"): "missing: -o FILE", ("summary",): "missing: RUN", ("verify",): "missing: RUN",
        ("batch", "run"): "missing: -o FOLDER or --check LOG", ("import", "m.json", "-o", "x"): "missing: FILE", ("import", "m.json", "f"): "missing: -o PAYROLL.json",
        ("preview", PAYROLL, "-o", "x.pdf"): "--only CERTIFICATE must be given", ("preview", PAYROLL, "--only", "1"): "missing: -o FILE", ("preview",): "missing: PAYROLL.json",
        ("template",): "missing: list", ("template", "lst"): "the first word must be", ("template", "show", "de/x"): "template show FORM YEAR",
        ("template", "show", "de/x", "soon"): "template show FORM YEAR",
        ("check", "-j", "x", PAYROLL): "--jobs needs a whole number from 0 to 64", ("check", "--jobs", "65", PAYROLL): "from 0 to 64",
        ("check", "--max-findings", "-1", PAYROLL): "--max-findings needs a whole number", ("check", "--max-findings", "1e3", PAYROLL): "whole number",
        ("generate", PAYROLL, "-o"): "-o needs a value", ("generate", PAYROLL, "--output"): "--output needs a value",
        ("check", "--emploees=SECRET", PAYROLL): "--emploees is not an option of this command", ("check", "-x", PAYROLL): "-x is not an option",
        ("find", "--duplicate", "run", "x"): "--duplicate is not an option",
        ("reprint", "run", "-7"): "must follow --",
    }
    for arguments, said in usage.items():
        done = taxcert(*arguments, code=2, said=said)
        lines = done.stderr.splitlines()
        assert lines[0].startswith("taxcert: ") and said in lines[0] and lines[1].startswith("usage: taxcert"), (arguments, lines)
        assert "SECRET" not in done.stderr and done.stdout == ""
    assert os.listdir() == ["run"]

    # ---- a folder that is no run
    os.mkdir("empty")
    for words in (("find", "none", "x"), ("verify", "none"), ("explain", "none", "x"), ("summary", "empty", "-o", "s.xlsx"), ("reprint", PAYROLL, "x"), ("correct", "empty", PAYROLL),
                  ("batch", "empty", "-o", "b"), ("copies", "empty", "-o", "b", "--list", "l"), ("deliveries", "empty"), ("seal", "empty", "--key", "k")):
        there = words[1] != "none"
        taxcert(*words, code=2, said="this is not a run folder; RUN comes first [no-run]" if there else "there is no such folder; RUN comes first [no-run]")

    # ---- what the system says, in words: no name of an error number, in either language
    bank = ("--allow-test-ids", "-e", PEOPLE, PAYROLL)
    for words, said, german in (
            (("generate", *bank, "-o", "none/run"), "the folder in which this is to be created does not exist", "bitte zuerst anlegen"),
            (("generate", *bank, "-o", f"{PAYROLL}/run"), "a part of the path is not a folder", "ein Teil des Pfads ist kein Ordner"),
            (("generate", *bank, "-o", "n" * 300), "the name is too long", "der Name ist zu lang"),
            (("check", "-e", "none.json", PAYROLL), "there is no such file", "Datei"),
            (("import", "none.json", "none.csv", "-o", "x", "-e", "y"), "there is no such file", "gibt es nicht")):
        for language, text in (("en", said), ("de", german)):
            done = subprocess.run([program, words[0], "--lang", language, *words[1:]], capture_output=True, text=True)
            assert done.returncode in (2, 3, 4) and text in done.stderr and not re.search(r"\bE[A-Z]{3,}\b", done.stderr), (words, done.returncode, done.stderr)

    # ---- a folder missing above what is to be made is whoever gave the command's to make: exit code 2 everywhere, and nothing is made
    months, changes = source + "/samples/import/months/", source + "/samples/bank/corrections.json"
    taxcert("generate", "--draft", *bank, "-o", "draft")
    before = sorted(os.listdir("."))
    for words in (("generate", *bank, "-o", "none/run"), ("correct", "--allow-test-ids", "run", changes, "-o", "none/run"), ("issue", "draft", "-o", "none/run"),
                  ("preview", *bank, "--only", "100011", "-o", "none/p.pdf"), ("reprint", "run", "100011", "-o", "none/c.pdf"), ("reprint", "run", "100011", "100012", "-o", "none/c"),
                  ("reprint", "run", "100011", "100012", "--merged", "-o", "none/c.pdf"), ("summary", "run", "-o", "none/s.xlsx"), ("summary", "run", "-o", "s.xlsx", "--csv", "none/s.csv"),
                  ("seal", "--key", "none.pem", "-o", "none/s.pem", "run"), ("batch", "run", "-o", "none/b"), ("copies", "run", "-o", "none/c", "--list", "l"), ("copies", "run", "-o", "c", "--list", "none/l"),
                  ("deliveries", "--csv", "none/d.csv", "run"), ("file", "--unverified", "run", "-o", "none/f"), ("template", "preview", "de/lohnsteuerbescheinigung", "2025", "-o", "none/p.pdf"),
                  ("import", months + "mapping.json", months + "personen.csv", months + "lohnkonto.csv", "-o", "none/p", "-e", "e")):
        taxcert(*words, code=2, said="[folder]")
        assert sorted(os.listdir(".")) == before, words
        # Nor can anything be made below a file, or with a longer name than the disk's; a folder has .partial behind its name while it is made.
        longest = 247 if words[0] in ("generate", "correct", "issue", "batch") or words[:4] == ("copies", "run", "-o", "none/c") else 255
        for place, said in ((f"{PEOPLE}/x", "is not a folder"), ((longest + 1) * "n", "the name is too long")):
            taxcert(*(place if "none/" in word else word for word in words), code=2, said=f"{said}); give another name [folder]")
            assert sorted(os.listdir(".")) == before, words
        if words[0] in ("generate", "preview"):
            taxcert(*(longest * "n" if "none/" in word else word for word in words))
            for made in sorted(set(os.listdir(".")) - set(before)):
                (shutil.rmtree if os.path.isdir(made) else os.remove)(made)

    # ---- reprint says what it did, and overwrites only when told
    taxcert("reprint", "run", "100011", "-o", "c.pdf", out="written: c.pdf (as issued, unchanged)")
    log = open("run/events.log").read()
    with open("c.pdf", "w") as kept:
        kept.write("mine")
    os.symlink("c.pdf", "link.pdf")
    for name in ("c.pdf", "link.pdf"):
        taxcert("reprint", "run", "100011", "-o", name, code=2, said="[file-exists]")
    assert open("c.pdf").read() == "mine" and open("run/events.log").read() == log, "what is refused is not logged"
    taxcert("reprint", "run", "100011", "--force", "-o", "c.pdf", out="written: c.pdf")
    assert open("c.pdf", "rb").read(5) == b"%PDF-"
    name = taxcert("reprint", "run", "100011").stdout.split("written: ")[1].split()[0]
    assert os.path.exists(name)
    taxcert("reprint", "run", "100011", code=2, said="[file-exists]")
    taxcert("reprint", "run", "100011", "--duplicate", out="(a copy marked as a duplicate)")

    # ---- the language: what is asked for, else the locale's where there is one, else English as a whole; amounts as it writes them
    def closing(*options, **environment):
        env = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES", "LANG", "TAXCERT_LANG")}
        return subprocess.run([program, "check", "--allow-test-ids", "-e", PEOPLE, PAYROLL, *options], capture_output=True, text=True, env={**env, **environment})

    for done, german in ((closing("--lang", "de"), 1), (closing(TAXCERT_LANG="de"), 1), (closing(LANG="de_DE.UTF-8"), 1), (closing(LC_ALL="de_AT@euro", LANG="en_GB"), 1),
                         (closing("--lang", "en", TAXCERT_LANG="de"), 0), (closing(TAXCERT_LANG="en", LANG="de_DE"), 0), (closing(LANG="fr_FR.UTF-8"), 0), (closing(), 0),
                         (closing(LC_ALL="C", LANG="de_DE"), 0), (closing(TAXCERT_LANG=""), 0)):
        assert done.returncode == 0 and ("ausgestellt" in done.stdout) == german and ("issued" in done.stdout) != german, done
        amounts = re.findall(r"(?:line|Zeile) \w+ [^:\n]+: (\S+) EUR", done.stdout)
        assert amounts and all(re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d\d" if german else r"-?\d+\.\d\d", a) for a in amounts), amounts
    plain, written = (re.findall(r"(?:line|Zeile) \w+ [^:\n]+: (\S+) EUR", closing("--lang", lang).stdout) for lang in ("en", "de"))
    assert [a.replace(".", "").replace(",", ".") for a in written] == plain and max(map(len, written)) > 9
    for done in (closing("--lang", "fr"), closing(TAXCERT_LANG="fr"), closing("--lang", "../x"), closing("--lang", "")):
        assert done.returncode == 2 and "available: en, de [language]" in done.stderr, done

    # ---- correct without -o says that it only checked
    taxcert("correct", "--allow-test-ids", "run", BANK + "corrections.json", said="only checked, nothing was written")

    # ---- who stops reading makes no mistake
    for words in (["find", "run", "1000"], ["explain", "run", "100011"], ["template", "schema", "de/lohnsteuerbescheinigung", "2025"], ["generate", "--help"],
                  ["check", "--allow-test-ids", "--json", "-e", PEOPLE, PAYROLL], ["verify", "run"], ["help"]):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([program, *words], stdout=write, stderr=subprocess.PIPE, text=True)
        os.close(write)
        assert done.stderr == "" and done.returncode in (0, -13), (words, done)
    with open("/dev/full", "w") as full:
        assert subprocess.run([program, "--help"], stdout=full, stderr=subprocess.DEVNULL).returncode == 4, "a full disk is an error"

    # ---- a record that is no JSON: which of the reasons it is
    for inserted, said in (('"x": 1, "x": 2,', "names a field twice"), ('"x": {"y": 1, "y": 1},', "names a field twice"), ('"x": nul,', "is not valid JSON"),
                           ('"x": 99999999999999999999999,', "A number of the record is too large"), ('"x": 1e999,', "A number of the record is too large")):
        for path, place in ((PAYROLL, "certificates"), (PEOPLE, "employees")):
            text = open(path, encoding="utf-8").read()
            at = text.index("{", text.index(f'"{place}"'))
            with open("broken.json", "w", encoding="utf-8") as file:
                file.write(text[:at + 1] + inserted + text[at + 1:])
            words = ("-e", PEOPLE, "broken.json") if path == PAYROLL else ("-e", "broken.json", PAYROLL)
            told = taxcert("check", "--allow-test-ids", "--lang", "en", *words, code=1)
            line = next(line for line in (told.stdout + told.stderr).splitlines() if "[json-syntax]" in line)
            assert said in line and f"#/{place}/0" in line, (inserted, line)
print("mistakes: ok")
