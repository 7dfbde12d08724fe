"""Reprint gives the issued bytes; verify finds every kind of tampering. Usage: reprint_verify.py TAXCERT SOURCE_DIR"""
import glob, os, re, secrets, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")


def taxcert(*arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True)


def certificate(run, name):
    return glob.glob(os.path.join(run, "certificates", "*", f"*-{name}.pdf"))[0]


with tempfile.TemporaryDirectory() as folder:
    run = os.path.join(folder, "run")
    made = taxcert("generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                   os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json"), "-o", run)
    assert made.returncode == 0, made.stderr
    proved = taxcert("verify", run)
    assert proved.returncode == 0 and proved.stdout.startswith("proved: "), proved.stdout

    out = os.path.join(folder, "again.pdf")
    for handle in "100001", "LB25-100001-1":
        assert taxcert("reprint", "--force", "-o", out, "--reason", "lost", run, handle).returncode == 0
        assert open(out, "rb").read() == open(certificate(run, "100001+LB25-100001-1"), "rb").read()
    assert open(os.path.join(run, "events.log")).read().count('"event":"reprinted"') == 2
    assert taxcert("verify", run).returncode == 0, "a logged reprint is no tampering"
    unknown = taxcert("reprint", "--force", "-o", out, run, "999999")
    assert unknown.returncode == 1 and "[certificate-unknown]" in unknown.stderr
    assert taxcert("reprint", "--force", "-o", out, run, "../x").returncode == 2

    def tampered(rule, spoil):
        copy = os.path.join(folder, "copy")
        shutil.copytree(run, copy)
        spoil(copy)
        found = taxcert("verify", copy)
        assert found.returncode == 1 and f"[{rule}]" in found.stdout, (rule, found.stdout, found.stderr)
        shutil.rmtree(copy)

    def change_byte(path):
        data = bytearray(open(path, "rb").read())
        data[len(data) // 2] ^= 1
        open(path, "wb").write(data)

    def swap(copy):
        a, b = certificate(copy, "100001+LB25-100001-1"), certificate(copy, "100004+LB25-100004-1")
        os.rename(a, a + "x"), os.rename(b, a), os.rename(a + "x", b)

    def append(path, text):
        open(path, "a").write(text)

    def cut_event(path):
        lines = open(path).read().splitlines(True)
        open(path, "w").write("".join(lines[:1] + lines[2:]))

    tampered("file-changed", lambda c: change_byte(certificate(c, "100001+LB25-100001-1")))
    tampered("file-changed", swap)
    tampered("file-missing", lambda c: os.remove(certificate(c, "100001+LB25-100001-1")))
    tampered("file-extra", lambda c: append(os.path.join(c, "certificates", "00", "extra.pdf"), "x"))
    tampered("file-changed", lambda c: change_byte(os.path.join(c, "summary.xlsx")))
    tampered("sums-changed", lambda c: append(os.path.join(c, "SHA256SUMS"), "0" * 64 + "  certificates/00/x.pdf\n"))
    tampered("event-chain", lambda c: cut_event(os.path.join(c, "events.log")))

    # Killed while the workbook to compare is there, below /tmp: it goes with the next verify, what is somebody else's stays.
    trace, other = os.path.join(folder, "trace"), f"/tmp/.taxcert-{secrets.token_hex(3)}"
    os.mkdir(other, 0o700)
    open(os.path.join(other, "mark"), "w").write("taxcert 1\n")
    for moment in "1", "2":
        killed = subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=mkdir,mkdirat,renameat", "-e", "inject=renameat:signal=SIGKILL:when=" + moment, program, "verify",
                                 "--sample", "0", run], capture_output=True, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        left = re.findall(r'mkdir(?:at)?\((?:AT_FDCWD, )?"(/tmp/\.taxcert-\w{6})"', open(trace).read())
        assert killed.returncode == -9 and left, (killed, left)
        assert taxcert("verify", "--sample", "0", run).returncode == 0
        assert not [path for path in left if os.path.exists(path)], left
    assert os.listdir(other) == ["mark"]
    shutil.rmtree(other)

    # A changed certificate is not handed out.
    change_byte(certificate(run, "100004+LB25-100004-1"))
    refused = taxcert("reprint", "--force", "-o", out, run, "100004")
    assert refused.returncode == 4 and "[changed]" in refused.stderr
print("reprint and verify: ok")
