"""A timestamp of a run's seal (RFC 3161) by openssl ts alone, from an authority of this test's own: the seal is a SHA-256, so it is the digest that is stamped. As the manual page
says. Usage: timestamps.py TAXCERT SOURCE_DIR"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

program, source = map(os.path.abspath, sys.argv[1:3])
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
CONFIG = """[tsa]
default_tsa = own
[own]
serial = serial
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
ordering = yes
[usage]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""


def call(*words, code=0):
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder)
    assert done.returncode == code, (words, done)
    return done.stdout + done.stderr


def seal_of(text):
    return re.search(r"^seal ([0-9a-f]{64})$", text, re.M)[1]


def authority():
    open(os.path.join(folder, "tsa.cnf"), "w").write(CONFIG)
    open(os.path.join(folder, "serial"), "w").write("01\n")
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    call(*new, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority", "-days", "1")
    call(*new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Clock")
    call("openssl", "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem", "-days", "1", "-extfile", "tsa.cnf", "-extensions", "usage")


with tempfile.TemporaryDirectory() as folder:
    payroll = json.load(open(os.path.join(bank, "payroll.json")))
    people = json.load(open(os.path.join(bank, "employees.json")))["employees"]
    payroll.update(certificates=payroll["certificates"][:1], declarations=[], employees=[p for p in people if p["personnel_number"] == payroll["certificates"][0]["personnel_number"]])
    json.dump(payroll, open(os.path.join(folder, "p.json"), "w"))
    made = call(program, "generate", "--lang", "en", "--allow-test-ids", "--templates", source + "/templates", "p.json", "-o", "RUN")
    seal = seal_of(made)
    authority()
    # The two commands of the manual page, with the authority's part between them.
    manual = pathlib.Path(source, "src/commands/taxcert.1").read_text().replace("\\-", "-")
    ask, check = (re.search(rf"^\.Dl (openssl ts -{what} .*)$", manual, re.M)[1] for what in ("query", "verify"))
    call("sh", "-ec", ask.replace("SEAL", seal))
    call("openssl", "ts", "-reply", "-config", "tsa.cnf", "-section", "own", "-queryfile", "RUN.tsq", "-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "ca.pem", "-out", "RUN.tsr")
    assert "Verification: OK" in call("sh", "-ec", check.replace("SEAL", seal).replace("CA.pem", "ca.pem"))
    assert re.search(r"Time stamp: \w{3} +\d+ ", call("openssl", "ts", "-reply", "-in", "RUN.tsr", "-text"))
    # Later events leave that seal an anchor; another run's seal, or this one's of later, is not what was stamped.
    call(program, "reprint", "RUN", payroll["certificates"][0]["id"], "-o", "out.pdf")
    assert "up to event 1 of 2" in call(program, "verify", "--lang", "en", "--expect", seal, "RUN")
    later = seal_of(call(program, "seal", "--lang", "en", "RUN"))
    assert later != seal and "OK" not in call("sh", "-c", check.replace("SEAL", later).replace("CA.pem", "ca.pem"), code=1)
print("timestamps: ok")
