"""No country, form, year or currency stands in the program: they are folders and files below templates/. Looked for in the code of src/ and include/,
comments aside, with a short list of what is allowed. Usage: names.py SOURCE_DIR"""
import json
import pathlib
import re
import sys

# What is found and is none, with why.
ALLOWED = {("2020", "import/mapping_schema.c"): "the edition of JSON Schema", ("2020", "forms/schema.c"): "the edition of JSON Schema",
           ("2020", "commands/template.c"): "the edition of JSON Schema"}
COUNTRIES = "german germany austria austrian swiss switzerland dutch netherlands british kingdom american deutsch schweiz".split()


def known(root):
    """Words of the forms there are: as they stand in code, in small letters."""
    words = set(COUNTRIES)
    for path in root.glob("templates/*/*/*/template.json"):
        data = json.loads(path.read_text())
        words |= {data["id"].split("/")[1], data["currency"].lower()}
    return words


def code(text):
    """The code without its comments, line by line as it was."""
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)


def found(text, words, countries):
    """What of a file's code is a name or a year, and its line."""
    for number, line in enumerate(code(text).splitlines(), 1):
        for word in re.findall(r"[a-z]+\d*|\b20[1-3]\d\b", line.lower()):
            if word in words or re.fullmatch(r"20[1-3]\d", word):
                yield word, number
        for quoted in re.findall(r'"([A-Za-z]{2})"', line):
            if quoted.lower() in countries and quoted != "at":  # the key of places in forms
                yield quoted, number


def main():
    root = pathlib.Path(sys.argv[1])
    words, countries = known(root), {p.name for p in (root / "templates").iterdir() if len(p.name) == 2} | {"gb"}
    assert list(found('int x = 2026; /* 2025 */ f("DE"); lohn_lohnausweis();\ny = "en"; z = P60', words, countries)) == [
        ("2026", 1), ("lohnausweis", 1), ("DE", 1), ("p60", 2)], "what it looks for is found"
    wrong = 0
    for path in sorted([*root.glob("src/**/*.[ch]"), *root.glob("include/*.h")]):
        place = str(path.relative_to(root / "src")) if path.is_relative_to(root / "src") else path.name
        for name, number in found(path.read_text(), words, countries):
            if (name, place) not in ALLOWED:
                print(f"{place}:{number}: {name} belongs below templates/")
                wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
