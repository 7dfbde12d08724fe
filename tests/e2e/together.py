"""One at a time: whoever would make a run that somebody else is making is told who, exits 4 at once and touches nothing; at fifty delays, with
three at once, and for every command that makes a run. What strangers left under such names stays. Usage: together.py TAXCERT SOURCE_DIR"""
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
synth = os.path.join(os.path.dirname(program), "tests", "synth")
release = os.path.join(os.path.dirname(program), "../release/taxcert")
fast = release if os.path.exists(release) else program  # whose moments are those of a real run
bank = os.path.join(source, "samples/bank")
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]


def begin(binary, *words):
    return subprocess.Popen([binary, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process):
    told = process.communicate(timeout=120)[1]
    assert "Sanitizer" not in told and "runtime error" not in told, told[-3000:]
    return process.returncode, told


def taxcert(*words):
    return end(begin(program, *words))


def same(a, b):
    return subprocess.run(["diff", "-r", "-q", "-x", "events.log", a, b], capture_output=True, text=True).stdout == ""


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work:
    at = lambda *names: os.path.join(work, *names)
    os.mkdir(at("data"))
    subprocess.run([synth, "60", "3", at("data")], check=True, stdout=subprocess.DEVNULL)
    call = ["generate", *COMMON, "-e", at("data/employees.json"), at("data/payroll.json"), "-o"]
    began = time.monotonic()
    assert end(begin(fast, *call, at("calm")))[0] == 0
    needed = time.monotonic() - began

    # ---- fifty delays over a run's time, two processes or three: one makes it, the others are refused or come too late; the run is whole
    kept_out = 0
    for i in range(50):
        out = at(f"run{i}")
        processes = []
        for _ in range(3 if i % 5 == 0 else 2):
            processes.append(begin(fast, *call, out))
            time.sleep(needed * i / 50 / 2)
        codes = [end(p) for p in processes]
        assert 0 in {code for code, _ in codes}, codes  # a second 0 found the run finished
        for code, told in codes:
            assert code == 0 or (code == 4 and "[locked]" in told and re.search(r"process (\d+ )?is making", told)) or (code == 2 and "exists already" in told), codes
            kept_out += code == 4
        assert not os.path.exists(out + ".partial") and not os.path.exists(os.path.join(out, "run.id")), i
        assert same(at("calm"), out), i
        shutil.rmtree(out)
    assert kept_out >= 10, kept_out

    # ---- each command that makes a run, while somebody else holds the place: exit 4, who it is, nothing touched
    few = json.load(open(os.path.join(bank, "payroll.json")))
    one = ["-e", os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json")]
    assert taxcert("generate", *COMMON, *one, "-o", at("2025"))[0] == 0
    os.makedirs(at("many/alpha"))
    for name in ("payroll.json", "employees.json"):
        shutil.copy(os.path.join(bank, name), at("many/alpha"))
    commands = {"generate": (["generate", *COMMON, *one, "-o", at("new")], at("new.partial/run.id")),
                "correct": (["correct", *COMMON, at("2025"), os.path.join(bank, "corrections.json"), "-o", at("new")], at("new.partial/run.id")),
                "several": (["generate", *COMMON, at("many"), "-o", at("runs")], at("runs")),
                "one of several": (["generate", *COMMON, at("many"), "-o", at("runs")], at("runs/alpha.partial/run.id"))}
    for name, (words, held) in commands.items():
        os.makedirs(os.path.dirname(held) if held.endswith("run.id") else held)
        if held.endswith("run.id"):
            open(held, "w").close()
        file = os.open(held, os.O_RDONLY)
        fcntl.flock(file, fcntl.LOCK_EX)
        before = subprocess.run(["find", work, "-type", "f", "-not", "-name", "employers.xlsx", "-printf", "%p %s %i\n"], capture_output=True).stdout
        began = time.monotonic()
        code, told = taxcert(*words)
        assert code == 4 and "locked" in told and (name == "one of several" or f"process {os.getpid()} is making" in told), (name, code, told)
        assert time.monotonic() - began < 3, name
        after = subprocess.run(["find", work, "-type", "f", "-not", "-name", "employers.xlsx", "-printf", "%p %s %i\n"], capture_output=True).stdout
        assert before == after, name
        os.close(file)
        code, told = taxcert(*words)  # what was left with an empty mark is none
        assert code in (0, 1), (name, code, told)
        for left in (at("new"), at("runs")):
            shutil.rmtree(left, ignore_errors=True)

    # ---- what somebody else has put at RUN.partial stays as it is, and is told
    elsewhere = at("elsewhere")
    os.mkdir(elsewhere)
    open(os.path.join(elsewhere, "theirs"), "w").write("theirs")
    call = ["generate", *COMMON, *one, "-o", at("x")]

    def link():
        os.symlink(elsewhere, at("x.partial"))

    def file():
        open(at("x.partial"), "w").close()

    def pipe():
        os.mkfifo(at("x.partial"))

    def folder():
        shutil.copytree(elsewhere, at("x.partial"))

    def begun():
        folder()
        open(at("x.partial/run.id"), "w").close()

    def foreign():
        folder()
        open(at("x.partial/run.id"), "w").write("0" * 64 + "\n")

    def mark_link():
        os.mkdir(at("x.partial"))
        os.symlink(os.path.join(elsewhere, "theirs"), at("x.partial/run.id"))

    def mark_pipe():
        os.mkdir(at("x.partial"))
        os.mkfifo(at("x.partial/run.id"))

    for make in (link, file, pipe, folder, begun, foreign, mark_link, mark_pipe):
        make()
        before = subprocess.run(["find", at("x.partial"), elsewhere, "-printf", "%p %s %i\n"], capture_output=True).stdout
        began = time.monotonic()
        code, told = taxcert(*call)
        assert code == 2 and ("move it elsewhere" in told) and time.monotonic() - began < 4, (make.__name__, code, told)
        assert before == subprocess.run(["find", at("x.partial"), elsewhere, "-printf", "%p %s %i\n"], capture_output=True).stdout, make.__name__
        subprocess.run(["rm", "-r", at("x.partial")], check=True)
    assert os.listdir(elsewhere) == ["theirs"] and open(os.path.join(elsewhere, "theirs")).read() == "theirs"

    # ---- what is planted in the remains of an interrupted run is no way out of it
    process = begin(program, *call[:-1], at("calm2"))
    assert end(process)[0] == 0
    process = begin(program, "generate", *COMMON, "-e", at("data/employees.json"), at("data/payroll.json"), "-o", at("y"))
    while process.poll() is None and not os.path.exists(at("y.partial/SHA256SUMS")):
        time.sleep(0.001)
    process.kill()
    end(process)
    for name in ("summary.xlsx", "records.jsonl", "SHA256SUMS", "ledger.db", "events.log"):
        if os.path.exists(at("y.partial", name)):
            os.remove(at("y.partial", name))
        os.symlink(os.path.join(elsewhere, "theirs"), at("y.partial", name))
    pdfs = [os.path.relpath(os.path.join(folder_, name), at("calm")) for folder_, _, names in os.walk(at("calm/certificates")) for name in names]
    for name, how in zip(pdfs, (os.mkfifo, lambda p: os.symlink(os.path.join(elsewhere, "theirs"), p))):
        if os.path.exists(at("y.partial", name)):
            os.remove(at("y.partial", name))
        how(at("y.partial", name))
    shutil.rmtree(at("y.partial/tmp"), ignore_errors=True)
    os.symlink(elsewhere, at("y.partial/tmp"))
    code, told = taxcert("generate", *COMMON, "-e", at("data/employees.json"), at("data/payroll.json"), "-o", at("y"))
    assert code == 4 and "tmp" in told, (code, told)  # a folder of ours was a link: told, not followed
    assert os.listdir(elsewhere) == ["theirs"] and open(os.path.join(elsewhere, "theirs")).read() == "theirs"
    os.remove(at("y.partial/tmp"))
    code, told = taxcert("generate", *COMMON, "-e", at("data/employees.json"), at("data/payroll.json"), "-o", at("y"))
    assert code == 0 and same(at("calm"), at("y")), (code, told)
    assert os.listdir(elsewhere) == ["theirs"] and open(os.path.join(elsewhere, "theirs")).read() == "theirs"
print(f"together: {kept_out} of 60 kept out while another made the run")
