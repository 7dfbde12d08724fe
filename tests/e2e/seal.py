"""The closing seal: told by every command that writes into a run, kept elsewhere it is an anchor, signed it is checked by openssl alone; events say
who did what, where and with which version; what failed is told as failed. Usage: seal.py TAXCERT SOURCE_DIR"""
import getpass
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
TEMPLATES = os.path.join(source, "templates")
COMMON = ["--allow-test-ids", "--templates", TEMPLATES, "--lang", "en"]
bank = os.path.join(source, "samples/bank")
PAYROLL = json.load(open(os.path.join(bank, "payroll.json")))
PEOPLE = json.load(open(os.path.join(bank, "employees.json")))["employees"]
NUMBERS = ("100012", "100013")
SHORT = {**PAYROLL, "certificates": [c for c in PAYROLL["certificates"] if c["personnel_number"] in NUMBERS],
         "employees": [p for p in PEOPLE if p["personnel_number"] in NUMBERS], "declarations": []}


def taxcert(*words, **more):
    return subprocess.run([program, *words], capture_output=True, text=True, **more)


def lines(run):
    return open(os.path.join(run, "events.log"), "rb").read().splitlines(True)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def reckon(run, count=None):
    """The seal after so many events, by this test's own arithmetic."""
    log = lines(run)[:count]
    sums = sha(open(os.path.join(run, "SHA256SUMS"), "rb").read())
    return sha(f"taxcert seal 1\nSHA256SUMS {sums}\nevents {len(log)} {sha(log[-1])}\n".encode())


def told(done):
    return re.search(r"^(?:seal|Siegel) ([0-9a-f]{64})$", done.stdout + done.stderr, re.M).group(1)


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "payroll.json")
    json.dump(SHORT, open(path, "w"))
    run, second, out = (os.path.join(folder, n) for n in ("2025", "2025-03", "out.pdf"))
    made = taxcert("generate", *COMMON, path, "-o", run)
    kept = [told(made)]
    assert kept == [reckon(run)] and json.loads(taxcert("generate", "--json", *COMMON, path, "-o", run).stdout.splitlines()[-1])["seal"] == kept[0]
    for i in range(3):
        kept.append(told(taxcert("reprint", "--force", run, NUMBERS[0], "-o", out, "--reason", f"copy {i}")))
        assert kept[-1] == reckon(run) == told(taxcert("seal", run)) == told(taxcert("verify", run))
    # Events: who, where, with what; each carries the seal until then.
    events = [json.loads(line) for line in lines(run)]
    for i, e in enumerate(events):
        assert e["uid"] == os.geteuid() and e["user"] == getpass.getuser() and e["host"] == socket.gethostname() and re.match(r"\d+\.\d", e["version"]), e
        assert e.get("seal") == (reckon(run, i) if i else None) and e["previous"] == (sha(lines(run)[i - 1]) if i else "")
    assert [e.get("reason") for e in events[1:]] == ["copy 0", "copy 1", "copy 2"]
    # Any seal ever told is an anchor; of the plain verdict and of the anchored one it is said what they prove.
    done = taxcert("verify", run)
    assert done.returncode == 0 and "without a seal kept elsewhere: no accident and no careless change" in done.stdout
    for i, seal in enumerate(kept):
        done = taxcert("verify", "--expect", seal, run)
        assert done.returncode == 0 and f"up to event {i + 1} of 4" in done.stdout and "without a seal" not in done.stdout, done.stdout
    done = taxcert("verify", "--expect", "0" * 64, run)
    assert done.returncode == 1 and "[seal-differs]" in done.stdout
    assert taxcert("verify", "--expect", "nonsense", run).returncode == 2
    # Cut off at the end: the chain alone does not tell, the anchor does, and so does the next seal.
    cut = shutil.copytree(run, os.path.join(folder, "cut"))
    open(os.path.join(cut, "events.log"), "wb").write(b"".join(lines(run)[:3]))
    assert taxcert("verify", cut).returncode == 0
    assert "[seal-differs]" in taxcert("verify", "--expect", kept[3], cut).stdout and taxcert("verify", "--expect", kept[2], cut).returncode == 0
    # Signed: by a key and its certificate; openssl checks it without us.
    key, pub, other = (os.path.join(folder, n) for n in ("key.pem", "pub.pem", "other.pem"))
    for kind, k, c in (("ec", key, pub), ("rsa", os.path.join(folder, "k2"), other)):
        more = ["-newkey", "rsa:2048"] if kind == "rsa" else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        subprocess.run(["openssl", "req", "-x509", *more, "-nodes", "-keyout", k, "-out", c, "-subj", "/CN=Year end", "-days", "1"], check=True, capture_output=True)
        open(k, "a").write(open(c).read())
    assert taxcert("seal", run, "--key", pub).returncode == 2 and not os.path.exists(run + ".seal.pem")
    done = taxcert("seal", run + "/", "--key", key)
    assert done.returncode == 0 and told(done) == kept[3], done.stderr
    assert os.stat(run + ".seal.pem").st_mode & 0o777 == 0o600
    shown = subprocess.run(["openssl", "cms", "-verify", "-inform", "PEM", "-in", run + ".seal.pem", "-CAfile", pub, "-purpose", "any"], capture_output=True)
    assert shown.returncode == 0 and sha(shown.stdout.replace(b"\r\n", b"\n")) == kept[3] and sha(open(run + "/SHA256SUMS", "rb").read()).encode() in shown.stdout, shown
    done = taxcert("verify", "--pub", pub, run)
    assert done.returncode == 0 and "up to event 4 of 4" in done.stdout, done.stdout
    taxcert("reprint", "--force", run, NUMBERS[1], "-o", out)
    assert "up to event 4 of 5" in taxcert("verify", "--pub", pub, run).stdout
    done = taxcert("verify", "--pub", other, run)
    assert done.returncode == 1 and "[signature]" in done.stdout
    done = taxcert("verify", "--pub", pub, "--signature", run + ".seal.pem", cut)
    assert done.returncode == 1 and "[seal-differs]" in done.stdout
    assert taxcert("verify", "--pub", pub, cut).returncode == 2, "no signature there"
    # What was logged and could not be given out is told.
    before = len(lines(run))
    limit = lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_FSIZE, (8000, 8000))
    done = taxcert("reprint", run, NUMBERS[1], "-o", os.path.join(folder, "big.pdf"), preexec_fn=limit)
    assert done.returncode == 4 and not os.path.exists(os.path.join(folder, "big.pdf")), done
    assert [json.loads(line)["event"] for line in lines(run)[before:]] == ["reprinted", "failed"] and taxcert("verify", run).returncode == 0
print("seal: ok")
