"""Mistakes in a template folder are refused with file, JSON pointer and rule, before any data is touched."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
work = pathlib.Path(tempfile.mkdtemp())
shutil.copytree(source / "templates", work / "templates")
folder = work / "templates/de/lohnsteuerbescheinigung/2025"


def lint():
    return subprocess.run([program, "template", "lint", str(folder)], capture_output=True, text=True)


def change(path, value):
    def apply(data):
        *way, last = path
        for key in way:
            data = data[key]
        if value is None:
            del data[last]
        else:
            data[last] = value
    return apply


ROWS = [  # file, change, pointer, rule
    ("template.json", change(["yeer"], 1), "/yeer", "template-key"),
    ("template.json", change(["year"], 2026), "/year", "template-id"),
    ("template.json", change(["fields", 3, "type"], "mony"), "/fields/3/type", "template-"),
    ("template.json", change(["fields", 3, "id"], "year"), "/fields/3/id", "template-id"),
    ("template.json", change(["languages"], []), "/languages", "template-type"),
    ("template.json", change(["spellings", "countries", "FR", 0], "Germany"), "/spellings/countries", "template-type"),
    ("template.json", change(["spellings", "countries", "FR", 0], " - "), "/spellings/countries/FR/0", "template-type"),
    ("template.json", change(["spellings", "countries", "FR", 0], 7), "/spellings/countries/FR/0", "template-"),
    ("template.json", change(["spellings", "countries"], ["DE"]), "/spellings/countries", "template-type"),
    ("template.json", change(["spellings"], {}), "/fields/", "template-id"),
    ("template.json", change(["fields", 3, "read_as"], "countries"), "/fields/3/read_as", "template-type"),
    ("template.json", change(["parameters", "soli_rate"], "5,5%"), "/parameters/soli_rate", "template-number"),
    ("rules.json", change(["rules", 0, "severity"], "fatal"), "/rules/0/severity", "template-"),
    ("rules.json", change(["rules", 6, "assert"], "[5] <= soli_rat * [4]"), "/rules/6/assert", "template-expression"),
    ("rules.json", change(["rules", 6, "assert"], "[5] + [4]"), "/rules/6/assert", "template-type"),
    ("rules.json", change(["terms"], {"late": "early + 1", "early": "[3]"}), "/terms/late", "template-expression"),
    ("rules.json", change(["terms"], {"soli_rate": "[3]"}), "/terms/soli_rate", "template-id"),
    ("rules.json", change(["terms"], {"who": "[last]"}), "/terms/who", "template-type"),
    ("rules.json", change(["terms"], {f"t{i}": f"t{i - 1} + 1" if i else "[3]" for i in range(17)}), "/terms/t16", "template-range"),
    ("rules.json", change(["terms"], {f"t{i}": "[3]" for i in range(501)}), "/terms", "template-range"),
    ("rules.json", change(["terms"], ["[3]"]), "/terms", "template-type"),
    ("rules.json", change(["rules", 0, "source"], "{decree}"), "/rules/0/source", "template-id"),
    ("rules.json", change(["rules", 0, "source"], "{letter"), "/rules/0/source", "template-id"),
    ("rules.json", change(["sources", "letter"], "{letter}"), "/rules/3/source", "template-id"),
    ("rules.json", change(["rules", 2, "message", "en"], "more than {none} EUR"), "/rules/2/message/en", "template-id"),
    ("rules.json", change(["rules", 2, "message", "de"], "mehr als {soli_rate"), "/rules/2/message/de", "template-id"),
    ("rules.json", change(["numbers", "fr"], {"decimal": ",", "thousands": " "}), "/numbers/fr", "template-key"),
    ("rules.json", change(["numbers", "de", "decimal"], None), "/numbers/de/decimal", "template-"),
    ("rules.json", change(["numbers", "de", "thousands"], "apart"), "/numbers/de/thousands", "template-range"),
    ("rules.json", change(["numbers", "de", "percent"], " vom Hundert"), "/numbers/de/percent", "template-range"),
    ("rules.json", change(["terms", "row"], "[tax_class] > 1"), "/terms/row", "template-expression"),
    ("rules.json", change(["rules", 1, "id"], "idnr"), "/rules/1/id", "template-id"),
    ("rules.json", change(["rules", 2, "message", "en"], None), "/rules/2/message/en", "template-"),
    ("form.json", change(["elements", 3, "style"], "none"), "/elements/3/style", "template-id"),
    ("form.json", change(["elements", 3, "caption"], "none"), "/elements/3/caption", "template-caption"),
    ("form.json", change(["elements", 3, "at"], [20]), "/elements/3/at", "template-type"),
    ("form.json", change(["elements", 3, "heading"], False), "/elements", "template-heading"),
    ("form.json", change(["elements", 6], {"sheet": True}), "/elements/6", "template-key"),
    ("form.json", change(["elements", 6], {"when": "[3]", "elements": []}), "/elements/6/when", "template-expression"),
    ("form.json", change(["elements", 6], {"when": "true", "elements": []}), "/elements/6/when", "template-expression"),
    ("form.json", change(["elements", 6], {"block": "none", "at": [1, 1]}), "/elements/6/block", "template-id"),
    ("form.json", change(["elements", 6], {"box": [1, 1], "size": [5, 5], "style": "value", "group": "voluntary", "show": "text"}), "/elements/6/row", "template-range"),
    ("form.json", change(["elements", 6], {"box": [1, 1], "size": [9, 5], "style": "value", "caption": "line.3"}), "/elements/6/caption", "text-fit"),
    ("form.json", change(["elements", 6], {"box": [1, 1], "size": [9, 5], "style": "value", "sides": ["middle"]}), "/elements/6/sides/0", "template-"),
    ("form.json", change(["elements", 1, "mark"], "copy"), "/elements/1/mark", "template-"),
    ("form.json", change(["elements", 1, "mark"], "draft"), "/elements", "template-mark"),
    ("form.json", change(["elements", 2, "caption"], "none"), "/elements/2/caption", "template-caption"),
    *(("form.json", change(["elements", 7, "pairs", 0, "show", 0, "format"], f), "/elements/7/pairs/0/show/0/format", "template-choice") for f in ("TT.MM.JJJJ", "dd.mm.yyyy", "DD.MM.YY", "grouped")),
    ("form.json", change(["elements", 9, "columns", 2, "show", 0, "format"], "groupd"), "/elements/9/columns/2/show/0/format", "template-choice"),
    ("form.json", change(["elements", 9, "columns", 2, "show", 0, "format"], "minor"), "/elements/9/columns/2/show/0/format", "template-choice"),
    ("form.json", change(["elements", 5, "stack", 4, 0, "format"], "contry"), "/elements/5/stack/4/0/format", "template-choice"),
    ("form.json", change(["elements", 5, "stack", 4, 0, "format"], "XXX-XX-XXXX"), "/elements/5/stack/4/0/format", "template-choice"),
    *(("summary.json", change(["dates"], f), "/dates", "template-choice") for f in ("DD.MM.", "DD.MM.JJJJ", "")),
    ("captions.de.json", change(["captions", "line.3"], "Bruttoarbeitslohn " * 5), "form.json#/elements/13/table/3/caption", "text-fit"),
    ("summary.json", change(["columns", 3, "field"], "none"), "/columns/3/field", "template-id"),
    ("captions.de.json", change(["captions", "title"], 7), "/captions/title", "template-type"),
]
# Of a form with a grid, computed fields with a condition and identifiers of letters.
GERMAN = json.loads((folder / "template.json").read_text())["fields"]
GROUP = next(f for f in GERMAN if "fields" in f)
COLUMN = {k: v for k, v in GROUP["fields"][0].items() if k in ("id", "type")}


def added(field):
    return lambda data: data["fields"].append(field)


ROWS += [("template.json", added(field), f"/fields/{len(GERMAN)}{pointer}", rule) for field, pointer, rule in (
    ({"id": "was", "type": "money", "before": "none"}, "/before", "template-id"), ({"id": "was", "type": "text", "before": "3"}, "/before", "template-type"),
    ({"id": "was", "type": "money", "before": "3", "changed": "later"}, "/changed", "template-"), ({"id": "was", "type": "money", "before": "3", "required": True}, "/required", "template-key"),
    ({"id": "was", "before": "none", "fields": [COLUMN]}, "/before", "template-id"), ({"id": "was", "before": GROUP["id"], "fields": [{"id": "none", "type": "text"}]}, "/fields/0", "template-id"),
    ({"id": "was", "before": GROUP["id"], "changed": "then", "by": ["none"], "fields": [COLUMN]}, "/by/0", "template-id"),
    ({"id": "was", "before": GROUP["id"], "by": [COLUMN["id"]], "fields": [COLUMN]}, "/by", "template-key"),
    ({"id": "was", "before": GROUP["id"], "changed": "now", "by": [], "fields": [COLUMN]}, "/by", "template-range"))]
OTHER = [
    ("form.json", change(["elements", 43, "grid", 0, "cells", 2], {"span": 2}), "/elements/43/grid/0/cells", "template-range"),
    ("form.json", change(["elements", 43, "grid", 0, "cells", 0, "show"], "Z1"), "/elements/43/grid/0/cells/0", "template-key"),
    ("form.json", change(["elements", 43, "grid", 0, "cells", 0, "head"], "both"), "/elements/43/grid/0/cells/0/head", "template-"),
    ("form.json", change(["elements", 43, "grid", 0, "cells", 1, "width"], 20), "/elements/43/grid/0/cells/1/caption", "text-fit"),
    ("form.json", change(["elements", 43, "grid", 0, "cells", 5, "show"], [[[[[["Z1"]]]]]]), "/elements/43/grid/0/cells/5/show", "template-range"),
    ("form.json", change(["elements", 43, "columns"], 5), "/elements/43/grid/0/cells", "template-range"),
    ("template.json", change(["fields", 53, "where"], "[3] > 0"), "/fields/53/where", "template-key"),
    ("template.json", change(["fields", 80, "where"], "[3] + 1"), "/fields/80/where", "template-type"),
    ("template.json", change(["fields", 80, "where"], "[none] > 1"), "/fields/80/where", "template-expression"),
    ("template.json", change(["identifiers", "uid", 0, "forms"], ["CHE-[0-9"]), "/identifiers/uid/0/forms/0", "template-range"),
    ("template.json", change(["identifiers", "uid", 0, "forms"], []), "/identifiers/uid/0/forms", "template-range"),
    ("template.json", change(["identifiers", "uid", 0], {"method": "weighted-sum", "modulus": 11, "weights": [1], "signs": "ABC"}), "/identifiers/uid/0/signs", "template-range"),
    ("template.json", change(["identifiers", "uid", 0], {"method": "replace", "characters": "XYZ", "by": "01"}), "/identifiers/uid/0/by", "template-range"),
]
assert lint().returncode == 0, lint().stderr


def lint_changed(path, apply):
    """What lint says while the file is changed so."""
    before = path.read_text()
    data = json.loads(before)
    apply(data)
    path.write_text(json.dumps(data))
    result = lint()
    path.write_text(before)
    return result


for name, apply, pointer, rule in ROWS + OTHER:
    folder = work / "templates" / ("ch/lohnausweis/2026" if (name, apply, pointer, rule) in OTHER else "de/lohnsteuerbescheinigung/2025")
    result = lint_changed(folder / name, apply)
    said = result.stderr + result.stdout
    assert result.returncode == 2, (name, pointer, result.returncode, said)
    assert (pointer if "#" in pointer else f"{name}#{pointer}") in said and f"[{rule}" in said, (name, pointer, said)
folder = work / "templates/de/lohnsteuerbescheinigung/2025"
# ---- what was meant is named: the key that is most like it, the words of which one must stand
for name, apply, told in (("template.json", change(["curency"], "EUR"), "(nearest known name: currency)"),
                          ("form.json", change(["elements", 3, "captoin"], "title"), "(nearest known name: caption)"),
                          ("template.json", change(["fields", 3, "type"], "mony"), "must stand here: money, count, decimal, text, letters, year, months, date, cross, unused"),
                          ("rules.json", change(["rules", 0, "severity"], "fatal"), "must stand here: warning, error"),
                          ("rules.json", change(["rules", 0, "at"], "lats"), "there is no such field (nearest known name: last)"),
                          ("summary.json", change(["columns", 1, "field"], "lasst"), "there is no such field (nearest known name: last)"),
                          ("summary.json", change(["columns", 1, "title"], "c.lasst"), "there is no such caption (nearest known name: c.last)"),
                          ("rules.json", change(["rules", 0, "each"], "deduction_featurs"), "there is no such group (nearest known name: deduction_features)"),
                          ("rules.json", change(["rules", 0, "at"], "quite-another-name"), "there is no such field [")):
    said = lint_changed(folder / name, apply).stderr
    assert told in said, (told, said)
# ---- loading is linear, and what is more than a form may have is told
def extended(name, way, make, count):
    """Seconds that lint takes with so many entries more, and what it says."""
    def apply(data):
        for i in range(count):
            make(data[way], i)

    began = os.times().children_user
    result = lint_changed(folder / name, apply)
    return os.times().children_user - began, result


rule = json.loads((folder / "rules.json").read_text())["rules"][0]
LISTS = [("template.json", "fields", lambda entries, i: entries.append({"id": f"q{i}", "type": "decimal", "digits": 2, "compute": "[4]"})),
         ("template.json", "parameters", lambda entries, i: entries.update({f"q{i}": "1"})),
         ("rules.json", "rules", lambda entries, i: entries.append({**rule, "id": f"q{i}"}))]
for name, way, make in LISTS:
    fewer, first = extended(name, way, make, 1000)
    more, second = extended(name, way, make, 4000)
    assert first.returncode == second.returncode == 0, (way, first.stderr, second.stderr)
    assert more < 8 * fewer + 0.3, (way, fewer, more)  # four times as many; sixteen times the time would be a loop in a loop
    result = extended(name, way, make, 10001)[1]
    assert result.returncode == 2 and f"{name}#/{way}: at most 10000 " in result.stderr, result.stderr

# ---- a copied folder: all captions that are missing at once, and what it has left over
def noted(name, apply):
    result = lint_changed(folder / name, apply)
    return result.returncode, set(re.findall("^note: caption (.*)$", result.stderr, flags=re.M))


def lose(data):
    for key in ("title", "line.3", "line.4", "sheet.held", "o.issued"):
        del data["captions"][key]
        data["seen"].pop(key, None)
    for key in [key for key in data["captions"] if key.startswith("kind.")]:
        del data["captions"][key]


def leave(data):
    data["captions"].update({"gone": "Nichts", "line.3": "Bruttoarbeitslohn 2024"})
    data["seen"]["gone"] = None


def before_last(data):
    data["captions"].update({"line.3": "Bruttoarbeitslohn 12024", "o.issued": "2024"})


assert noted("captions.de.json", lose) == (2, {f"{key}: it is missing" for key in ("title", "line.3", "line.4", "sheet.held", "o.issued")} | {"kind.: no caption begins with this: values are shown as they are"}), noted("captions.de.json", lose)
got = noted("captions.de.json", leave)
assert got == (0, {"gone: nothing uses it", "gone: its wording is noted as seen or not seen, but no page shows it", "line.3: it names the year before that of the form"}), got
assert noted("captions.de.json", before_last) == (0, set()), noted("captions.de.json", before_last)
# ---- named from within; in a folder without fonts, which are the program's
for where, named in ((folder, "."), (folder, "../2025"), (folder.parent, "2025"), (folder.parent.parent, "lohnsteuerbescheinigung/2025")):
    result = subprocess.run([program, "template", "lint", named], cwd=where, capture_output=True, text=True)
    assert result.returncode == 0, (named, result.stderr)
shutil.rmtree(work / "templates/fonts")
result = subprocess.run([program, "template", "preview", "de/lohnsteuerbescheinigung", "2025", "--templates", work / "templates", "-o", work / "p.pdf"], capture_output=True, text=True)
assert result.returncode == 0 and (work / "p.pdf").stat().st_size > 10000, result.stderr

# ---- the recipe for a new year, as it stands in FORMAT.md
recipe = (source / "templates/FORMAT.md").read_text().split("## A new year")[1].split("## A new country")[0]
lines = [line.strip().replace("/usr/share/taxcert/templates", str(source / "templates")) for line in recipe.splitlines() if line.startswith("    ")]
(work / "build").mkdir()
year = "sed -i 's/\"year\": 2026/\"year\": 2027/' forms/uk/p60/2027-28/template.json"
done = subprocess.run(["sh", "-xc", "\n".join([*lines[:2], year, *lines[2:]])], cwd=work, capture_output=True, text=True, env={**os.environ, "PATH": f"{pathlib.Path(program).resolve().parent}:{os.environ['PATH']}"})
assert done.returncode == 1 and "note: caption footer: it names the year before that of the form" in done.stderr and done.stderr.count("note:") == 1, (done.stdout, done.stderr)
assert "no errors found in the form" in done.stdout and done.stdout.count("\n> ") == 1 and (work / "build/preview.pdf").exists(), done.stdout

(folder / "rules.json").write_text('{"format": "taxcert/rules/1",\n "rules": [}')
result = lint()
assert result.returncode == 2 and "line 2" in result.stderr, result.stderr
shutil.rmtree(work)
