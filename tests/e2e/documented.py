"""Every key of the shipped templates stands in FORMAT.md, every option of the commands in the man page."""
import json
import pathlib
import re
import subprocess
import sys

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
text = (source / "templates/FORMAT.md").read_text()
words = set(re.findall(r"[A-Za-z_0-9-]+", " ".join(re.findall(r"`([^`]*)`", text))))
free = {"captions", "seen", "parameters", "terms", "sources", "identifiers", "styles", "labels", "message", "blocks", "words", "rows", "letters"}  # their members are names of the template


def keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key in ("tables", "spellings"):  # names, and in each of them the template's own texts
                continue
            if key in free and isinstance(inner, dict):
                for member in inner.values():
                    # an identifier's variants have names too
                    for part in member.values() if key == "identifiers" and isinstance(member, dict) else [member]:
                        yield from keys(part)
            else:
                yield from keys(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner)


missing = set()
for path in source.glob("templates/*/*/*/*.json"):
    missing |= {f"{path.name}: {key}" for key in keys(json.loads(path.read_text())) if key not in words}
assert not missing, missing
manual = (source / "src/commands/taxcert.1").read_text().replace("\\-", "-")
german = (source / "templates/taxcert.de.1").read_text().replace("\\-", "-")
for command in re.findall(r"^  taxcert (\w+)", subprocess.run([program, "help"], capture_output=True, text=True, check=True).stdout, re.M):
    help_text = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True).stdout
    for option in re.findall(r"--([a-z-]+)", help_text):
        assert f"Fl -{option}" in manual, f"{command} --{option} is not in the man page"
        assert f"--{option}" in german, f"{command} --{option} is not in the German man page: templates/make_manual.py {program}"
