"""Every command of README and of the man page works as written, in a fresh folder that holds what samples/run.sh leaves.
Usage: readme.py TAXCERT SOURCE_DIR"""
import contextlib
import json
import os
import pathlib
import re
import sqlite3
import shutil
import subprocess
import sys
import tempfile

program, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
environment = {**os.environ, "LC_ALL": "C.UTF-8"}
environment.pop("TAXCERT_TEMPLATES", None)


def check_digit(digits):
    """ISO 7064 MOD 11,10 over ten digits."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def real_id(test_id):
    """An id that is no test id: another first digit by which, as the rule wants, one digit stands two or three times, the others at most once."""
    for first in "123456789":
        digits = first + test_id[1:10]
        counts = sorted(digits.count(d) for d in set(digits))
        if counts[-1] in (2, 3) and counts[:-1] == [1] * (len(counts) - 1) and not re.search(r"(\d)\1\1", digits):
            return digits + check_digit(digits)
    return None


def fresh(folder):
    """The source's README, samples and scripts; what installs, configures and builds does nothing, since the program is there."""
    shutil.copytree(source / "samples", folder / "samples")
    (folder / "tests").mkdir()
    (folder / "tests/install.sh").write_text("")
    os.symlink(source / "templates", folder / "templates")
    (folder / "build/release").mkdir(parents=True)
    os.symlink(program, folder / "build/release/taxcert")
    (folder / "none").mkdir()
    (folder / "none/cmake").write_text("#!/bin/sh\n")
    (folder / "none/cmake").chmod(0o755)


def readme():
    text = (source / "README.md").read_text()
    lines = [line.strip() for line in text.splitlines() if re.match(r"    (sh|export|taxcert) ", line)]
    assert len(text.splitlines()) <= 90, "README is longer than ninety lines"
    guide = (source / "templates/ANLEITUNG.de.md").read_text()
    lines += ["export TAXCERT_LANG=de"] + [line.strip() for line in guide.splitlines() if line.startswith("    taxcert ")]
    commands = {line.split()[1] for line in lines if line.startswith("taxcert ")}
    assert commands >= {"check", "generate", "correct", "find", "reprint", "summary", "explain", "verify", "import"}, commands
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        fresh(folder)
        script = "".join(f"echo {n} >&3\n" + (f"{line.split('#')[0]} && exit 1 || test $? = 1\n" if "# exit code 1" in line else f"{line}\n")
                         for n, line in enumerate(lines))
        path = f"{folder}/none:/usr/bin:/bin"
        with open(folder / "at", "wb") as at:
            done = subprocess.run(["bash", "-ec", f"exec 3>&1 >{name}/out\n" + script], cwd=folder, env={**environment, "PATH": path}, stdout=at,
                                  stderr=subprocess.PIPE, text=True)
        last = int((folder / "at").read_text().split()[-1])
        assert done.returncode == 0 and last == len(lines) - 1, (lines[last], done.stderr[-2000:])
        assert (folder / "build/again.xlsx").read_bytes() == (folder / "build/2025-03/summary.xlsx").read_bytes()
        with contextlib.closing(sqlite3.connect(folder / "build/2025/ledger.db")) as ledger:
            [(identity,)] = ledger.execute("SELECT value FROM run WHERE key = 'identity'")
        for picture in source.glob("templates/de/*/2025/*.png"):
            assert b"tEXtrun\0" + identity.encode() in picture.read_bytes(), f"{picture.name} shows another run: samples/make_pictures.py"
        made = re.search(r"see (build/sample-run\S+)/summary", (folder / "out").read_text())
        assert made and (folder / made[1] / "summary.xlsx").exists(), "samples/run.sh says where its run is"
        assert 'export PATH="$PWD/build/release:$PATH"' in (folder / "out").read_text(), "samples/run.sh says how the program is called"


def manual():
    text = (source / "src/commands/taxcert.1").read_text().replace("\\-", "-")
    lines = re.findall(r"^\.Dl (taxcert .*)$", text, re.M)
    assert len(lines) >= 5
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bank = source / "samples/bank"
        corrections = json.loads((bank / "corrections.json").read_text())
        employees = json.loads((bank / "employees.json").read_text())
        for people in (employees, corrections):  # the manual shows a real run, whose people have no test ids
            for person in people["employees"]:
                person["tax_id"] = real_id(person["tax_id"]) or person["tax_id"]
        (folder / "employees.json").write_text(json.dumps(employees))
        (folder / "corrections.json").write_text(json.dumps(corrections))
        shutil.copy(bank / "payroll.json", folder)
        for employer in ("2025-payrolls/alpha", "2025-payrolls/beta"):
            (folder / employer).mkdir(parents=True)
            shutil.copy(folder / "employees.json", folder / employer)
            shutil.copy(folder / "payroll.json", folder / employer)
        (folder / "bin").mkdir()
        os.symlink(program, folder / "bin/taxcert")
        for line in lines:
            done = subprocess.run(["bash", "-ec", line], cwd=folder, env={**environment, "PATH": f"{folder}/bin:/usr/bin:/bin"}, capture_output=True, text=True)
            assert done.returncode == 0, (line, done.stdout[-500:], done.stderr[-1500:])


readme()
manual()
print("readme: ok")
