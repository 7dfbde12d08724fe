"""check --only finds of some people what a check of all finds of them, and preview draws one as a run of drafts would, byte by byte.
Usage: only.py TAXCERT SOURCE_DIR"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

program, source = sys.argv[1], pathlib.Path(sys.argv[2])
os.environ["TAXCERT_TEMPLATES"] = str(source / "templates")
BANK = source / "samples/bank"
COMMON = ["--allow-test-ids", "-e", BANK / "employees.json"]


def run(*arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    return done.returncode, done.stderr, done.stdout


def findings(stdout):
    return sorted(line for line in stdout.splitlines() if line.startswith('{"finding"') and json.loads(line)["certificate"])


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    payroll = json.loads((BANK / "payroll.json").read_text())
    one, several = payroll["certificates"][3], next(c["personnel_number"] for c in payroll["certificates"]
                                                     if sum(d["personnel_number"] == c["personnel_number"] for d in payroll["certificates"]) > 1)
    payroll["certificates"][0]["values"] = {"3": "-1.00", "x": "2"}  # somebody is withheld
    payroll["certificates"][0].pop("entries", None)
    broken = payroll["certificates"][0]
    (folder / "p.json").write_text(json.dumps(payroll))
    code, _, everybody = run("check", "--json", *COMMON, folder / "p.json")
    assert code == 1
    for ids in ([broken["personnel_number"]], [broken["id"], one["id"]], [one["personnel_number"], several]):
        code, told, some = run("check", "--json", "--only", *ids, *COMMON, folder / "p.json")
        mine = [line for line in findings(everybody) if json.loads(line)["certificate"] in ids or json.loads(line)["personnel_number"] in ids]
        assert findings(some) == mine and code == (1 if broken["id"] in ids or broken["personnel_number"] in ids else 0), (ids, some, mine)
    # One certificate by its person's number and by its id, and an id twice; as many as are taken one by one and one more, which nobody may leave out.
    for ids in ([broken["personnel_number"], broken["id"]], [broken["id"], broken["id"]]):
        code, told, some = run("check", "--json", "--only", *ids, *COMMON, folder / "p.json")
        assert code == 1 and findings(some) == [line for line in findings(everybody) if json.loads(line)["certificate"] == broken["id"]], (ids, told)
    for ids in (["--only", *[one["id"]] * 1000], ["--only", *[one["id"]] * 1001], ["--only", *[one["id"]] * 1005], ["--only", one["id"]] * 1005):
        code, told, _ = run("check", *ids, *COMMON, folder / "p.json")
        assert (code, "too many to be checked one by one" in told) == ((0, False) if len(ids) == 1001 else (2, True)), (len(ids), code, told)
    code, told, _ = run("check", "--only", "", *COMMON, folder / "p.json")
    assert code == 2 and told.startswith("taxcert: --only needs a value after it"), told
    code, told, _ = run("check", "--only", "nobody", "--only", one["id"], *COMMON, folder / "p.json")
    assert code == 2 and "entry 1 of those" in told and "nobody" not in told.replace(str(folder), "")

    assert run("generate", "--draft", *COMMON, BANK / "payroll.json", "-o", folder / "run")[0] == 0
    drawn = list((folder / "run/certificates").rglob(f"*{one['personnel_number']}+{one['id']}.pdf"))
    out = folder / "draft.pdf"
    for handle in (one["personnel_number"], one["id"]):
        out.unlink(missing_ok=True)
        code, told, _ = run("preview", *COMMON, BANK / "payroll.json", "--only", handle, "-o", out)
        assert code == 0 and out.read_bytes() == drawn[0].read_bytes(), told
        assert out.stat().st_mode & 0o077 == 0
    out.unlink()
    code, told, _ = run("preview", *COMMON, BANK / "payroll.json", "--only", several, "-o", out)
    assert code == 2 and "several certificates" in told and not out.exists()
    code, told, _ = run("preview", *COMMON, folder / "p.json", "--only", broken["id"], "-o", out)
    assert code == 1 and not out.exists() and "held" in told
    assert run("preview", *COMMON, BANK / "payroll.json", "-o", out)[0] == 2
    assert sorted(p.name for p in folder.iterdir()) == ["p.json", "run"], "nothing else is made"
