#!/usr/bin/python3
"""Writes RULES.md beside each rules.json: the rule table for people. With --check: is it as it would be written?"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "samples"))
from carry import BASE, RULES  # noqa: E402


def rejected(path, said):
    """The first of the rejects that breaks each rule."""
    for c in [c for p in sorted(path.parent.glob("*.json")) for c in json.loads(p.read_text())["certificates"]]:
        for rules in (c["x_expect"], c.get("x_warn")):
            for rule in [rules] if isinstance(rules, str) else rules or ():
                said.setdefault(rule, c["x_why"])
    return said


def examples(template, country, folder):
    """Rule to the first falsified certificate of the form's and year's test cases (2025's are carried over) or rejects that breaks it, in words."""
    said, root = {}, pathlib.Path(__file__).resolve().parent.parent
    if template["id"] != "de/lohnsteuerbescheinigung":
        return rejected(root / "samples" / country / folder / "rejects/payroll.json", said)
    for table in sorted((root / "tests/cases").glob("*.json")):
        year = int(table.stem.rsplit("-", 1)[1])
        for case in json.loads(table.read_text()).get("falsified", []) if year in (BASE, template["year"]) else []:
            for rule in case["rules"]:
                said.setdefault(rule if year == template["year"] else RULES.get(template["year"], {}).get(rule, rule), f"{case['of']}: {case['why']}")
    return rejected(root / "samples" / ("" if template["year"] == BASE else str(template["year"])) / "rejects/payroll.json", said)


def written(number, signs):
    """A parameter as the language writes it (src/form/wording.c)."""
    whole, point, rest = number.rstrip("%").partition(".")
    return f"{int(whole):,}".replace(",", signs["thousands"]) + (signs["decimal"] + rest if point else "") + (signs.get("percent", " %") if number.endswith("%") else "")


def row(r, cell, said, language):
    compared = next((k for k in ("changed", "only", "kept", "agree") if k in r), None)
    about = [f"{r['of']} only"] if "of" in r else []
    if compared:
        about.append({"changed": "no correction changes", "only": "no correction changes only", "kept": "not as before:", "agree": "no contradiction in"}[compared]
                     + " " + (", ".join(f"`{f}`" for f in r[compared]) or "nothing"))
    holds = "; ".join(([f"across certificates: {r['across']}"] if "across" in r else [f"`{r['assert']}`"] if "assert" in r else []) + about)
    holds = holds + (f" where `{r['when']}`" if "when" in r else "") + (f", each of `{r['each']}`" if "each" in r else "")
    holds += f"; also each of `{r['also']}`" if "also" in r else ""
    at = r["at"] if isinstance(r["at"], list) else [r["at"]]
    waiver = " (never waived)" if r.get("waivable") is False else " (waivable at once)" if r.get("waivable_at_once") else ""
    return (f"| `{r['id']}`{waiver} | {r['severity']} | {', '.join(f'`{f}`' for f in at)} | {cell(r['message'][language])} | {cell(holds)} | {cell(r['source'])} "
            f"| {cell(said.get(r['id'], ''))} |")


def table(folder):
    data = json.loads((folder / "rules.json").read_text())
    rules = data["rules"]
    for r in rules:
        for name, words in data.get("sources", {}).items():
            r["source"] = r["source"].replace("{" + name + "}", words)
    template = json.loads((folder / "template.json").read_text())
    for r in rules:
        for language, text in r["message"].items():
            signs = data.get("numbers", {}).get(language, {"decimal": ".", "thousands": ",", "percent": "%"})
            r["message"][language] = re.sub(r"\{(\w+)\}", lambda m: written(template["parameters"][m[1]], signs), text)
    cell = lambda text: text.replace("|", "\\|")
    lines = [f"# Rules of {template['id']} {template['year']}", "",
             "Made from `rules.json` by `templates/make_rules.py`. An error holds the certificate back, a warning does not. `[*]` is each field that the rule is at. Parameters: "
             + ", ".join(f"`{k}` {v}" for k, v in template["parameters"].items()) + ".", ""]
    if "terms" in data:
        lines += ["Terms, which rules share:", "", "| term | is |", "|---|---|"] + [f"| `{k}` | {cell(f'`{v}`')} |" for k, v in data["terms"].items()] + [""]
    said = examples(template, folder.parts[-3], folder.name)
    for group in dict.fromkeys(r.get("group", "") for r in rules):
        lines += [f"## {group[:1].upper() + group[1:]}", "", "| rule | severity | at | what it says | holds when | source | example that breaks it |",
                  "|---|---|---|---|---|---|---|"]
        lines += [row(r, cell, said, template["languages"][0]) for r in rules if r.get("group", "") == group]
        lines.append("")
    return "\n".join(lines)


wrong = 0
for path in sorted(pathlib.Path(__file__).parent.glob("*/*/*/rules.json")):
    target, text = path.with_name("RULES.md"), table(path.parent)
    if "--check" not in sys.argv:
        target.write_text(text)
    elif not target.exists() or target.read_text() != text:
        print(target, "is not what rules.json says: run templates/make_rules.py")
        wrong = 1
sys.exit(wrong)
