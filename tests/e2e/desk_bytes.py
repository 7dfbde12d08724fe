"""HR's answer does not depend on how large the archive is: the bytes that reprint, a duplicate, find and explain read are counted (by strace; not their time), in a small run and
in one of twenty times as many people, and with a long log. What each person adds to the list of hashes, 137 bytes, must not be among them; a log is read at most four times (where
the chain goes on, asked for the certificate and for what is told of it; to add an event; for the seal).

usage: python3 desk_bytes.py PROGRAM SOURCE   (the release build makes the runs where there is one)"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

program, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
synth = os.path.join(os.path.dirname(program), "tests", "synth")
release = os.path.join(os.path.dirname(program), "../release/taxcert")
maker = release if os.access(release, os.X_OK) else program
TEMPLATES = ["--templates", os.path.join(source, "templates")]
SMALL, LARGE, EVENTS = 300, 6000, 6000
SLACK = 250_000  # bytes: a level more of the ledger's tree, whose pages are 64 KB, and the hashes of its pages
ENV = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}  # a leak check cannot be traced


def sha(data):
    return hashlib.sha256(data).hexdigest()


def lengthen(run):
    """The log as a mass mail leaves it, every hash right."""
    path = os.path.join(run, "events.log")
    lines = open(path, "rb").read().splitlines(True)
    first = json.loads(lines[0])
    while len(lines) < EVENTS:
        seal = sha(f"taxcert seal 1\nSHA256SUMS {first['sums']}\nevents {len(lines)} {sha(lines[-1])}\n".encode())
        event = {**{k: first[k] for k in ("time",)}, "event": "offered", "certificate": f"LB25-{len(lines)}-1", "details": "x" * 150,
                 **{k: first[k] for k in ("user", "uid", "host", "version")}, "seal": seal, "previous": sha(lines[-1])}
        lines.append(json.dumps(event, separators=(",", ":")).encode() + b"\n")
    open(path, "wb").write(b"".join(lines))
    return os.path.getsize(path)


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    def generate(count):
        place, run = os.path.join(work, f"in{count}"), os.path.join(work, f"run{count}")
        os.mkdir(place)
        subprocess.run([synth, str(count), "1", place], check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([maker, "generate", "--allow-test-ids", *TEMPLATES, "-e", place + "/employees.json", place + "/payroll.json", "-o", run], capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return run

    def cost(run, number, id):
        """Bytes read by each command."""
        got, trace = {}, os.path.join(work, "trace")
        for name, words in {"reprint": ["reprint", "--force", "-o", work + "/o.pdf", run, id], "find": ["find", run, number], "explain": ["explain", run, id],
                            "duplicate": ["reprint", "--force", "--duplicate", *TEMPLATES, "-o", work + "/o.pdf", run, id]}.items():
            done = subprocess.run(["strace", "-f", "-qq", "-o", trace, "-e", "trace=read,pread64,readv,preadv", program, *words], env=ENV, capture_output=True, text=True)
            assert done.returncode == 0, (name, done.stderr)
            got[name] = sum(int(n) for n in re.findall(r"\) = (\d+)$", open(trace).read(), re.M))
            assert got[name] > 10_000, (name, got)
        return got

    if not shutil.which("strace"):
        sys.exit("strace is missing")
    runs = [generate(count) for count in (SMALL, LARGE)]
    assert os.path.getsize(runs[1] + "/SHA256SUMS") > 2 * SLACK
    names = [sorted(n for _, _, files in os.walk(run + "/certificates") for n in files)[7] for run in runs]
    who = [re.fullmatch(r".*-([^-+]+)\+(.+)\.pdf", name).groups() for name in names]
    small, large = (cost(run, *one) for run, one in zip(runs, who))
    log = lengthen(runs[0])
    long = cost(runs[0], *who[0])
    print(f"bytes read: {small}; of {LARGE // SMALL} times as many people: {large}; with a log of {log}: {long}")
    for name in small:
        assert large[name] - small[name] < SLACK, (name, small[name], large[name])
        assert long[name] - small[name] < 4 * log + SLACK, (name, small[name], long[name], log)
    done = subprocess.run([program, "seal", runs[0]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # the log that was made is one
