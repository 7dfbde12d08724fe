"""Every form says where the wording of its page's captions was seen, or that it was not, and `template show` counts both; a year that is not there is
told which are. Two years of a form differ by lines that are changes in the law. Usage: forms.py TAXCERT SOURCE_DIR"""
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
templates = pathlib.Path(source, "templates")
folders = sorted(p.parent for p in templates.glob("*/*/*/form.json"))
LAST = "de/lohnsteuerbescheinigung"
years = sorted(int(f.name) for f in folders if f.parent == templates / LAST)


def run(*words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def printed(element):
    """Caption keys of what form.json prints; what marks say and what is only spoken are our own words."""
    if isinstance(element, list):
        return set().union(*map(printed, element)) if element else set()
    if not isinstance(element, dict) or "mark" in element:
        return set()
    own = {element[k] for k in ("caption", "major_caption", "minor_caption") if isinstance(element.get(k), str) and element[k][0] != "@"}
    own |= set(element.get("words", {}).values())  # of a block, which has them as "@name"
    none = {v for k, v in element.get("none", {}).items() if k != "spoken"}
    return own | none | printed([v for v in element.values() if isinstance(v, (list, dict))])


for folder in folders:
    form = str(folder.parent.relative_to(templates))
    language = json.loads((folder / "template.json").read_text())["languages"][0]
    said = json.loads((folder / f"captions.{language}.json").read_text())
    keys = {k for k in printed(json.loads((folder / "form.json").read_text())) if said["captions"].get(k) != ""}
    told = {k for k in said["seen"] if said["captions"][k]}
    assert keys <= told and told - keys <= {"correction"}, (folder, keys ^ told)
    shown = run("template", "show", "--templates", str(templates), form, folder.name)
    unseen = [k for k, v in said["seen"].items() if v is None]
    assert f"{len(said['seen']) - len(unseen)} captions checked against the authority's wording, {len(unseen)} not checked" in shown.stdout, shown.stdout[:300]
    assert [line.split()[1] for line in shown.stdout.splitlines() if line.startswith("caption") and line.endswith(" not checked against the authority's wording")] == unseen

# A year that is not there: every command that reads a form says which are.
told = f"there is no form for 2023, but for {', '.join(map(str, years))}; another one is added by copying a folder"
bank = json.load(open(os.path.join(source, "samples/bank/payroll.json")))
with tempfile.TemporaryDirectory() as work:
    path = os.path.join(work, "payroll.json")
    json.dump({**bank, "year": 2023, "issue_date": "2024-01-30"}, open(path, "w"))
    for words in (["check", "--templates", str(templates), "-e", os.path.join(source, "samples/bank/employees.json"), path],
                  ["template", "show", "--templates", str(templates), LAST, "2023"], ["template", "schema", "--templates", str(templates), LAST, "2023"],
                  ["template", "preview", "--templates", str(templates), LAST, "2023", "-o", os.path.join(work, "x.pdf")]):
        done = run(*words)
        assert done.returncode == 2 and told in done.stderr and "[form-year]" in done.stderr, (words, done.stderr)

# Another print: in 2026 the amounts of Austria's L 16 stand in another order, with lines that there were not.
MOST = {"at/l16": 240}

# Two years next to each other: no line differs by its layout alone.
for one, other in zip(folders, folders[1:]):
    if one.parent != other.parent:
        continue
    for name in ("template.json", "form.json", "summary.json"):
        a, b = ((f / name).read_text().splitlines() for f in (one, other))
        changed = [line for line in difflib.unified_diff(a, b, n=0) if line[0] in "+-" and line[:3] not in ("+++", "---")]
        assert len(changed) <= MOST.get(str(one.parent.relative_to(templates)), 90), (one.name, other.name, name, len(changed))
        tight = lambda sign: {"".join(line[1:].split()).rstrip(",") for line in changed if line[0] == sign}
        both = {line for line in tight("+") & tight("-") if line.strip("]}{") and line[-1] != "["}
        assert not both, (one.name, other.name, name, both)
# Whatever the input has outside of lists, messages can call by words: a column's, a change's or its own title.
for folder in folders:
    template, summary = (json.loads((folder / f"{n}.json").read_text()) for n in ("template", "summary"))
    named = {part.get("field") for part in summary["columns"] + summary.get("changes", [])}
    bare = [f["id"] for f in template["fields"] if not {"fields", "compute", "before", "title"} & set(f) and f.get("in") not in ("run", "letter")
            and f["type"] != "unused" and f["id"] not in named]
    assert not bare, (folder, "fields without words", bare)
    words = json.loads((folder / f"captions.{template['languages'][0]}.json").read_text())["captions"]
    if folder != [f for f in folders if f.parent == folder.parent][-1]:
        continue
    sample = f"samples/{folder.name}/bank" if folder.parts[-3] == "de" else f"samples/{folder.parts[-3]}/{folder.name}"
    payroll = json.load(open(os.path.join(source, sample, "payroll.json")))
    city = next(f for f in template["fields"] if f["id"] == "employer_city")
    payroll["employer"]["address"]["city"] = 7
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "payroll.json")
        json.dump(payroll, open(path, "w"))
        people = ["-e", os.path.join(source, sample, "employees.json")] if folder.parts[-3] == "de" else []
        done = run("check", "--templates", str(templates), "--allow-test-ids", *people, path)
    title = words[city["title"]] if "title" in city else next(words[p["title"]] for p in summary["columns"] + summary.get("changes", []) if p.get("field") == city["id"])
    assert f"{title} (" in done.stderr + done.stdout, (folder, title, done.stderr[-600:])
print(len(folders), "forms")
