"""A German payroll clerk's first day: check with mistakes, each mended as told, then generate, find, reprint, correct, verify. Every line that is printed is German.
Usage: clerk.py TAXCERT SOURCE_DIR"""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

program, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(source / "tests/lib"))
from builds import release  # noqa: E402

program = release(program, source)  # what is told, not how memory is used
BANK = source / "samples/bank"
CLEAN = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES", "LANG", "TAXCERT_LANG", "TAXCERT_TEMPLATES")}
WAYS = [((), {"LANG": "de_DE.UTF-8"}), (("--lang", "de"), {"LANG": "C.UTF-8"}), ((), {"LC_ALL": "en_GB.UTF-8", "TAXCERT_LANG": "de"})]
# Small English words that no German text has; what is not translated is full of them.
ENGLISH = re.compile(r"\b(?:the|is|of|and|or|not|this|that|with|are|must|be|has|have|it|its|by|from|to|which|without|issued|withheld|held|found|certificates?|run|written|see|error|warning|"
                     r"missing|needed|usage|file|no|valid|waived|line|seal|note|employees|sum|total|events?|proved|cancelled|corrected)\b")
NAMES = re.compile(r"'[a-z, ]+'|\bseal(?= --key)|\[[a-z0-9-]+\]|(?<![\w/])--?[a-z][\w-]*|`?taxcert [a-z]+|[\w.+-]*/[\w./+-]*|[\w.-]+\.(?:json|xlsx|pdf|log|csv|db|pem|md)[\w#/.]*|\([a-z_, ]+\)|\b[a-z]+_[a-z_]+\b|\btrue\b|^\s*\d+ × [a-z0-9-]+$|\"[a-z]+\":?")
lines = 0
SEEN = set()  # commands that were tried


def german(done, arguments):
    global lines
    for line in (done.stdout + done.stderr).splitlines():
        rest = NAMES.sub("", line)
        lines += 1
        assert not ENGLISH.search(rest), (arguments, line, ENGLISH.search(rest)[0])
    return done


def taxcert(*arguments, way=WAYS[0], code=0):
    SEEN.update(str(a) for a in arguments[:1] if str(a).isalpha() and str(a).isascii())
    done = subprocess.run([program, *map(str, arguments[:1]), *way[0], *map(str, arguments[1:])], capture_output=True, text=True, env={**CLEAN, **way[1]})
    assert done.returncode == code, (arguments, done.returncode, done.stdout[-500:], done.stderr[-1500:])
    return german(done, arguments)


def allowed_is_named(give, who, payroll):
    """What cannot stand somewhere is told with what can: the form's values and limits."""
    fields = {f["id"]: f for f in json.loads((source / "templates/de/lohnsteuerbescheinigung/2025/template.json").read_text())["fields"] if "fields" not in f}
    wrong = json.loads(give.read_text())
    one = wrong["certificates"][0]
    one.setdefault("facts", {}).update(insurance="privately")
    one["deduction_features"][0]["tax_class"] = 9
    one.setdefault("values", {})["2.letters"] = ["Q"]
    one["transfer_ticket"] = "t" * 500
    (give.parent / "wrong.json").write_text(json.dumps(wrong))
    done = taxcert("check", "--draft", "--allow-test-ids", "-e", who, give.parent / "wrong.json", way=WAYS[1], code=1).stderr
    for text in (", ".join(fields["insurance"]["allowed"]), ", ".join(fields["2.letters"]["allowed"]), "von 1 bis 6", f"höchstens Zeichen: {fields['transfer_ticket']['longest']}"):
        assert text in done, (text, done)
    assert "privately" not in done and "tttt" not in done and "[value-not-allowed]" in done


def the_rest(folder):
    """From lists to drafts, issued certificates, print files, copies and the end of the retention period: each command once, each way in turn."""
    months = source / "samples/import/months"
    done = taxcert("import", months / "mapping.json", months / "personen.csv", months / "lohnkonto.csv", "-o", folder / "made.json", "-e", folder / "who.json", way=WAYS[1])
    assert "2 Bescheinigungen, 0 Hinweise" in done.stderr, done
    assert "derselben Quelle" in taxcert("import", months / "mapping.json", months / "lohnkonto.csv", months / "lohnkonto.csv", "-o", folder / "twice.json", "-e", folder / "twice-who.json", way=WAYS[2], code=2).stderr
    numbers = ("100001", "100012", "100013")
    payroll, people = (json.loads((BANK / name).read_text()) for name in ("payroll.json", "employees.json"))
    payroll.update(certificates=[c for c in payroll["certificates"] if c["personnel_number"] in numbers], declarations=[])
    for one in payroll["certificates"]:
        del one["transfer_ticket"]
    people["employees"] = [p for p in people["employees"] if p["personnel_number"] in numbers]
    few, who, draft, run = folder / "few.json", folder / "few-who.json", folder / "draft", folder / "few"
    few.write_text(json.dumps(payroll))
    who.write_text(json.dumps(people))
    allowed_is_named(few, who, payroll)
    taxcert("preview", "--allow-test-ids", "-e", who, few, "--only", "100012", "-o", folder / "p.pdf", way=WAYS[0])
    taxcert("generate", "--draft", "--allow-test-ids", "-e", who, few, "-o", draft, way=WAYS[1])
    assert "Transferticket" in taxcert("issue", draft, "-o", run, way=WAYS[2], code=1).stderr
    taxcert("batch", folder / "run0", "-o", folder / "print", way=WAYS[0])
    taxcert("copies", folder / "run0", "-o", folder / "copies", "--list", folder / "list.csv", way=WAYS[1])
    taxcert("deliveries", folder / "run0", way=WAYS[2])
    taxcert("file", folder / "run0", "-o", folder / "filed", way=WAYS[0], code=2)
    taxcert("purge", folder, "--before", "2025", way=WAYS[1])
    taxcert("template", "list", way=WAYS[2])
    taxcert("template", "lint", source / "templates/de/lohnsteuerbescheinigung/2025", way=WAYS[0])
    taxcert("batch", folder / "nirgends", "-o", folder / "x", way=WAYS[1], code=2)


def fatal_mistakes(folder):
    """What stops everything: (what is given, the exit code, what it must say). Each is mended in the next."""
    payroll, people = (json.loads((BANK / name).read_text()) for name in ("payroll.json", "employees.json"))
    give = folder / "payroll.json"
    cases = [(lambda: give.write_text(json.dumps(payroll, ensure_ascii=False), encoding="cp1252"), 3, "Windows-1252"),
             (lambda: give.write_text(json.dumps(payroll)[:-40]), 3, "unvollständig"),
             (lambda: give.write_text(json.dumps({**payroll, "year": "2025"})), 3, "ganze Zahl ohne Anführungszeichen"),
             (lambda: give.write_text(json.dumps({**payroll, "year": 2031})), None, "2024, 2025"),
             (lambda: give.write_text(json.dumps({("declaration" if k == "declarations" else k): v for k, v in payroll.items()})), 3, "declarations"),
             (lambda: give.write_text(json.dumps({**payroll, "format": "taxcert/payroll/9"})), 3, "taxcert/payroll/1"),
             (lambda: give.write_text(json.dumps({**payroll, "form": "de/lohnsteuer"})), 2, "vorhanden: at/"),
             (lambda: give.write_text("{}"), 3, "keine Abrechnungsdatei")]
    for number, (make, code, said) in enumerate(cases):
        make()
        words = ("check", "--allow-test-ids", "-e", BANK / "employees.json", give)
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True, env={**CLEAN, **WAYS[0][1]})
        assert done.returncode == (code or done.returncode) and done.returncode in (2, 3) and said in german(done, words).stderr, (number, done.returncode, done.stderr)
    give.write_text(json.dumps(payroll))
    assert "bitte --employees DATEI angeben" in taxcert("check", "--allow-test-ids", give, code=3).stderr
    assert "vertauscht" in taxcert("check", "--allow-test-ids", "-e", give, BANK / "employees.json", code=3).stderr
    assert "Es fehlt: -o LAUF" in taxcert("generate", "-e", BANK / "employees.json", give, code=2).stderr
    assert "keine Option" in taxcert("check", "--emploees", give, code=2).stderr
    assert "Diesen Befehl gibt es nicht; es gibt:" in taxcert("prüfe", code=2).stderr
    return payroll, people


def broken(payroll, people):
    """Twelve mistakes, each in another certificate: the place as the clerk knows it, what the message must say, and what the papers say is right."""
    c, e = payroll["certificates"], {p["personnel_number"]: p for p in people["employees"]}
    wide = [i for i, one in enumerate(c) if "values" in one and "entries" not in one and len(one["values"]) > 6 and sum(x["personnel_number"] == one["personnel_number"] for x in c) == 1]
    assert len(wide) >= 12, len(wide)
    cases = []

    def case(path, value, place, said, person=False, remove=False):
        index = wide[len(cases)]
        root = e[c[index]["personnel_number"]] if person else c[index]
        for step in path[:-1]:
            root = root[step]
        right = copy.deepcopy(root.get(path[-1]) if isinstance(root, dict) else root[path[-1]])
        if remove:
            del root[path[-1]]
        else:
            root[path[-1]] = value(right) if callable(value) else value
        cases.append((c[index], place, said, right))

    case(["values", "4"], lambda right: f"{float(right):,.2f}".translate(str.maketrans(",.", ".,")), "Zeile 4 Lohnsteuer", "Dezimalpunkt")
    case(["values", "3"], lambda right: float(right) + 0.005, "Zeile 3 Bruttoarbeitslohn", "Nachkommastellen")
    case(["period", "to"], "31.12.2025", "Zeile 1 Ende", "JJJJ-MM-TT")
    case(["tax_id"], None, "Identifikationsnummer (Stammdaten)", "fehlt", person=True, remove=True)
    case(["tax_id"], "12345678901", "Identifikationsnummer (Stammdaten)", "Prüfziffer", person=True)
    case(["values", "5"], "99999.00", "Zeile 5 Solidaritätszuschlag", "höher")
    case(["establishment"], "NIRGENDS", "Betriebsstätte", "nicht angelegt")
    case(["deduction_features", 0, "tax_class"], "1", "Lohnsteuerabzugsmerkmale, 1. Eintrag: Steuerklasse", "ganze Zahl ohne Anführungszeichen")
    case(["deduction_features", 0, "church_marks"], "zz", "Lohnsteuerabzugsmerkmale, 1. Eintrag: Kirchensteuermerkmale", "Kirchensteuermerkmal")
    case(["transfer_ticket"], None, "Transferticket", "Transferticket", remove=True)
    case(["name", "last"], "M\u202eüller", "Name (Stammdaten)", "Sonderzeichen", person=True)
    case(["values", "11"], "10.00", "Zeile 11", "unbesetzt", remove=False)
    return cases


# What a sentence tells to do, done to what stands at its place; right: what the clerk reads off the papers where the sentence says to look it up.
AS_TOLD = [("Dezimalpunkt, keine Tausenderpunkte", lambda wrong, right: re.sub(r"\.(?=\d{3})", "", wrong).replace(",", ".") if isinstance(wrong, str) else f"{int(wrong * 100) / 100:.2f}"),
           ("JJJJ-MM-TT", lambda wrong, right: "-".join(reversed(wrong.split(".")))), ("ganze Zahl ohne Anführungszeichen", lambda wrong, right: int(wrong)),
           ("unsichtbares Sonderzeichen", lambda wrong, right: "".join(letter for letter in wrong if letter.isprintable())), ("unbesetzt", lambda wrong, right: None),
           ("ergänzen", lambda wrong, right: right), ("ändern", lambda wrong, right: right), ("prüfen", lambda wrong, right: right), ("Erlaubt", lambda wrong, right: right), ("wählen", lambda wrong, right: right)]


def mend(line, trees, right):
    """Does what the line says, at the place that it says: file and pointer."""
    file, pointer = re.search(r"(\w+)\.json#(\S+?)\)? ?(?=[\[)])", line).groups()
    at, (*steps, last) = trees[file], pointer[1:].split("/")
    for step in steps:
        at = at[int(step) if isinstance(at, list) else step]
    rule, sentence = re.search(r"\[([a-z-]+)\]: (.*)$", line).groups()
    told = next((do for words, do in AS_TOLD if words.lower() in sentence.lower()), None)
    assert told, ("the line does not say what to do", line)
    value = told(at.get(last), right)
    if value is None:
        at.pop(last)
    else:
        at[last] = value


def mend_all(folder, payroll, people):
    """Each mistake is found at its place, in the clerk's words, with the certificate's id; what the line says is done, and then it is gone."""
    cases, trees = broken(payroll, people), {"payroll": payroll, "employees": people}
    for number in range(len(cases) + 1):
        for name, tree in trees.items():
            (folder / f"{name}.json").write_text(json.dumps(tree))
        left = cases[number:]
        done = taxcert("check", "--allow-test-ids", "-e", folder / "employees.json", folder / "payroll.json", way=WAYS[number % 3], code=1 if left else 0)
        errors = [line for line in done.stderr.splitlines() if line.startswith("Fehler: ")]
        assert {line.split()[2].rstrip(":") for line in errors} == {one["id"] for one, _, _, _ in left}, (number, errors)
        for one, place, said, right in left:
            mine = [line for line in errors if line.split()[2] == one["id"] + ":"]
            fits = [line for line in mine if f": {place} (" in line and said in line and re.search(r"json#/(certificates|employees)/\d+/", line)]
            assert fits, (place, said, mine)
            if one is cases[number][0]:
                mend(fits[0], trees, right)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    payroll, people = fatal_mistakes(folder)
    mend_all(folder, payroll, people)
    for way_number, way in enumerate(WAYS):
        run = folder / f"run{way_number}"
        made = taxcert("generate", "--allow-test-ids", "-e", BANK / "employees.json", BANK / "payroll.json", "-o", run, way=way)
        assert re.search(r"Zeile 3\b.*: 3\.\d{3}\.\d{3},\d\d EUR", made.stdout) and "Siegel" in made.stderr
        assert "ausgestellt" in taxcert("find", run, "mueller wolfgang", way=way).stdout
        assert "Niemand gefunden" in taxcert("find", run, "xyzzy", way=way, code=1).stderr
        assert "geschrieben: " in taxcert("reprint", run, "100011", "-o", folder / f"c{way_number}.pdf", way=way).stdout
        assert "--force" in taxcert("reprint", run, "100011", "-o", folder / f"c{way_number}.pdf", way=way, code=2).stderr
        taxcert("explain", run, "100011", way=way)
        assert "nur geprüft" in taxcert("correct", "--allow-test-ids", run, BANK / "corrections.json", way=way).stderr
        whole = taxcert("correct", "--allow-test-ids", "-e", BANK / "employees.json", run, BANK / "payroll.json", way=way, code=1)
        assert "[whole-payroll]" in whole.stderr and whole.stderr.count("[correction-missing]") == 3, whole.stderr
        born = next(p for p in json.loads((BANK / "employees.json").read_text())["employees"] if p["personnel_number"] == "100011")["birth_date"]
        for date in (born, ".".join(reversed(born.split("-")))):
            assert re.search(rf"^100011\t.*{born}", taxcert("find", run, date, way=way).stdout, re.M)
        taxcert("correct", "--allow-test-ids", run, BANK / "corrections.json", "-o", folder / f"new{way_number}", way=way)
        assert "unverändert: Dateien" in taxcert("verify", "--sample", 4, folder / f"new{way_number}", way=way).stdout
        taxcert("verify", "--sample", 4, run, way=way)
        taxcert("seal", run, way=way)
        taxcert("summary", run, "-o", folder / f"again{way_number}.xlsx", way=way)
        taxcert("deliveries", run, way=way)
    the_rest(folder)
    commands = set(re.findall(r"^  taxcert ([a-z]+)", taxcert("--help").stdout, re.M))
    assert commands >= SEEN | {"send"}, (commands, SEEN)
    assert commands == SEEN | {"send"}, f"the clerk never tries {commands - SEEN}"
    for command in ["", *sorted(commands)]:
        assert "Aufruf: taxcert" in taxcert(*([command] if command else []), "--help").stdout
print("clerk: ok", lines, "lines")
