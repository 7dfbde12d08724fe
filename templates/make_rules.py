#!/usr/bin/python3
"""Writes RULES.md beside each rules.json: the rule table for people. With --check: is it as it would be written?"""
import json
import pathlib
import sys


def table(folder):
    rules = json.loads((folder / "rules.json").read_text())["rules"]
    template = json.loads((folder / "template.json").read_text())
    cell = lambda text: text.replace("|", "\\|")
    lines = [f"# Rules of {template['id']} {template['year']}", "",
             "Made from `rules.json` by `templates/make_rules.py`. An error withholds the certificate, a warning does not. Parameters: "
             + ", ".join(f"`{k}` {v}" for k, v in template["parameters"].items()) + ".", ""]
    for severity, title in ("error", "Errors"), ("warning", "Warnings"):
        lines += [f"## {title}", "", "| rule | at | what it says | holds when | source |", "|---|---|---|---|---|"]
        for r in rules:
            if r["severity"] != severity:
                continue
            compared = next((k for k in ("changed", "only", "kept") if k in r), None)
            about = [f"{r['of']} only"] if "of" in r else []
            if compared:
                about.append({"changed": "no correction changes", "only": "no correction changes only", "kept": "not as before:"}[compared]
                             + " " + (", ".join(f"`{f}`" for f in r[compared]) or "nothing"))
            holds = "; ".join(([f"across certificates: {r['across']}"] if "across" in r else [f"`{r['assert']}`"] if "assert" in r else []) + about)
            holds = holds + (f" where `{r['when']}`" if "when" in r else "") + (f", each of `{r['each']}`" if "each" in r else "")
            waiver = " (never waived)" if r.get("waivable") is False else ""
            lines.append(f"| `{r['id']}`{waiver} | `{r['at']}` | {cell(r['message']['de'])} | {cell(holds)} | {cell(r['source'])} |")
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
