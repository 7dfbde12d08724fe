"""No figure of a year stands in a rule's expression or in what it says: rates, limits, ages and slacks are parameters of template.json, so that
another year's form is another list of parameters. Nor is a parameter idle. Usage: figures.py SOURCE_DIR"""
import json
import pathlib
import re
import sys

# Numbers that are no year's: each with what it may stand for.
ALLOWED = {"0": "nothing", "1": "the first month or day; both ends of a span count", "2": "halves, twice; class II", "3": "class III; a third",
           "4": "class IV; a quarter", "5": "class V", "6": "class VI", "12": "the last month; the months of a year", "31": "the last day",
           "0.01": "months apart: first * 100 + last", "50": "months apart", "100": "months apart", "101": "months apart", "112": "January to December"}
NUMBER = re.compile(r"(?<![A-Za-z_0-9.])\d+(?:\.\d+)?%?")
NAME = re.compile(r"[A-Za-z_]\w*")


def expressions(folder):
    rules = json.loads((folder / "rules.json").read_text())
    for name, text in rules.get("terms", {}).items():
        yield f"{folder.parent.name}/{folder.name}: {name}", re.sub(r'"[^"]*"|\[[^\]]*\]', " ", text)
    for rule in rules["rules"]:
        for key in ("when", "assert"):
            yield f"{folder.parent.name}/{folder.name}: {rule['id']}", re.sub(r'"[^"]*"|\[[^\]]*\]', " ", rule.get(key, ""))
    for field in json.loads((folder / "template.json").read_text())["fields"]:
        yield f"{folder.parent.name}/{folder.name}: {field['id']}", re.sub(r'"[^"]*"|\[[^\]]*\]', " ", field.get("compute", ""))


def figures_said(folder):
    """Parameters of more than two digits that stand in a message as figures: {name} says them, in each language as it writes numbers."""
    languages, signs = json.loads((folder / "template.json").read_text())["languages"], json.loads((folder / "rules.json").read_text()).get("numbers", {})
    yield from (f"{folder.parent.name}/{folder.name}: rules.json does not say how {one} writes numbers" for one in languages if one != "en" and one not in signs)
    numbers = {v.rstrip("%"): k for k, v in json.loads((folder / "template.json").read_text())["parameters"].items() if len(re.sub(r"\D", "", v)) > 2 or v.endswith("%")}
    for rule in json.loads((folder / "rules.json").read_text())["rules"]:
        for text in rule["message"].values():
            for said in re.findall(r"(?<![\w.,])\d[\d.,']*\d(?= (?:%|EUR|CHF|GBP|USD)\b| %)|(?<=[$£])\d[\d.,]*\d", text):
                plain = re.sub(r"[.,'](?=\d{3}(?!\d))", "", said).replace(",", ".")
                if plain in numbers:
                    yield f"{folder.parent.name}/{folder.name}: {rule['id']} says {said}: {{{numbers[plain]}}}"


def problems(folder):
    """Of a form's folder: figures in expressions, and parameters that nothing asks for."""
    used = set()
    yield from figures_said(folder)
    for where, text in expressions(folder):
        used |= set(NAME.findall(text))
        yield from (f"{where}: {number} belongs to the parameters of template.json" for number in NUMBER.findall(text) if number not in ALLOWED)
    more = (folder / "summary.json").read_text()  # the reconciliation asks for parameters by name as well
    terms = json.loads((folder / "rules.json").read_text()).get("terms", {})
    for name in [*json.loads((folder / "template.json").read_text())["parameters"], *terms]:
        if name not in used and f'"{name}"' not in more:
            yield f"{folder.parent.name}/{folder.name}: nothing asks for {name}"


def main():
    found = [p for path in sorted(pathlib.Path(sys.argv[1], "templates").glob("*/*/*/rules.json")) for p in problems(path.parent)]
    print("\n".join(found))
    assert NUMBER.findall("[a] <= 5.5% * b2 + 24000 - 0.45") == ["5.5%", "24000", "0.45"]  # what it looks for is found
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
