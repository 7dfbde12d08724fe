"""What the machine lacks is exit 4 and told by its name, at any limit of descriptors or address space; nothing is left behind as a run.
And an argument that looks like an option is told what helps."""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
work = tempfile.mkdtemp()
bank = os.path.join(source, "samples/bank")
WORDS = ("--allow-test-ids", "-e", os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json"))


def limited(kind, limit, *words):
    return subprocess.run([program, *words], capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(kind, (limit, limit)))


seen = set()
for descriptors in range(4, 18):
    for command in ("check", "generate"):
        out = os.path.join(work, f"{command}{descriptors}")
        done = limited(resource.RLIMIT_NOFILE, descriptors, command, *WORDS, *(("-o", out) if command == "generate" else ()))
        if "shared libraries" in done.stderr:
            continue  # the program was not even loaded
        seen.add(done.returncode)
        assert done.returncode in (0, 1, 4), (descriptors, command, done.returncode, done.stderr)
        assert done.returncode != 4 or not os.path.exists(out), (descriptors, command)
        assert done.returncode != 4 or "EMFILE" in done.stderr or "memory" in done.stderr or "SQLite" in done.stderr, (descriptors, command, done.stderr)
assert {4} < seen, seen  # some were too few, some enough

for words in (("reprint", "run", "-7"), ("explain", "run", "-7"), ("find", "run", "-7")):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode == 2 and "follow --" in done.stderr, (words, done.returncode, done.stderr)
shutil.rmtree(work)
