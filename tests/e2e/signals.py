"""Whoever asks to stop waits a second at most, in phases that never look whether somebody asked: here while a long file is scanned."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

program, source = sys.argv[1:3]
os.environ["TAXCERT_TEMPLATES"] = os.path.join(source, "templates")
work = tempfile.mkdtemp()
bank = os.path.join(source, "samples/bank")
text = open(os.path.join(bank, "payroll.json"), encoding="utf-8").read()
payroll = os.path.join(work, "payroll.json")
with open(payroll, "w", encoding="utf-8") as file:
    file.write(text.rstrip()[:-1] + ', "x_note": [')
    for _ in range(300):
        file.write('["\\n", 3, "\\t"],\n' * 40000)  # escapes are looked at one by one
    file.write("0]}\n")
SLACK = 1.5  # of a machine that does other things


def until_caught(process, number):
    """Waits until the program takes the signal: on a busy machine it is not that far after any fixed time."""
    while process.poll() is None:
        caught = next(line for line in open(f"/proc/{process.pid}/status") if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) >> (number - 1) & 1:
            return
        time.sleep(0.005)


for command, number in (("check", signal.SIGTERM), ("generate", signal.SIGINT)):
    for delay in (0.15, 0.6):
        out = os.path.join(work, f"run{command}{delay}")
        words = [program, command, "--allow-test-ids", "-e", os.path.join(bank, "employees.json"), payroll] + (["-o", out] if command == "generate" else [])
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until_caught(process, number)
        time.sleep(delay)
        assert process.poll() is None, (command, delay, "the file is too short for this test")
        process.send_signal(number)
        began = time.monotonic()
        told = process.communicate(timeout=60)[1].decode()
        assert time.monotonic() - began < 1 + SLACK, (command, delay, time.monotonic() - began)
        assert process.returncode == 4 and "[interrupted]" in told, (command, delay, process.returncode, told)
        assert not os.path.exists(out), out

# ---- what draws one certificate, or a form, ends at once and leaves nothing
form = ["de/lohnsteuerbescheinigung", "2025"]
for command, words, delay in (("preview", ["--allow-test-ids", "--only", "100001", "-e", os.path.join(bank, "employees.json"), payroll, "-o", os.path.join(work, "p.pdf")], 0.3),
                              ("template", ["preview", *form, "-o", os.path.join(work, "t.pdf")], 0.02), ("template", ["lint", os.path.join(source, "templates", *form)], 0.02)):
    for number in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen([program, command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(delay)
        process.send_signal(number)
        began = time.monotonic()
        told = process.communicate(timeout=60)[1].decode()
        assert time.monotonic() - began < 1 + SLACK, (command, words[0])
        assert process.returncode in (0, 4, -number), (command, words[0], process.returncode, told)
        assert process.returncode == 0 or not [n for n in os.listdir(work) if n not in ("payroll.json", "t.pdf") and not n.endswith(".partial")], os.listdir(work)

# ---- commands on a run: within a second too, by exit code 4, and nothing of theirs is there afterwards but a folder that the next one takes up
run, handle = os.path.join(work, "run"), "LB25-100011-1"
made = subprocess.run([program, "generate", "--allow-test-ids", "-e", bank + "/employees.json", bank + "/payroll.json", "-o", run], capture_output=True)
assert made.returncode == 0, made.stderr
months = os.path.join(source, "samples/import/months")
out = os.path.join(work, "out")
os.mkdir(out)
at = lambda name: os.path.join(out, name)
table = {"verify": [run], "summary": [run, "-o", at("s.xlsx")], "batch": [run, "--again", "-o", at("batch")], "copies": [run, "-o", at("copies"), "--list", at("list.csv")],
         "reprint": [run, handle, "-o", at("r.pdf")],
         "import": [months + "/mapping.json", months + "/personen.csv", months + "/lohnkonto.csv", "-o", at("i.json"), "-e", at("e.json")]}
ends = set()
for command, words in table.items():
    for delay in (0.05, 0.12, 0.2):
        process = subprocess.Popen([program, command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(delay)
        process.send_signal(signal.SIGTERM if delay < 0.15 else signal.SIGINT)
        began = time.monotonic()
        told = process.communicate(timeout=60)[1].decode()
        assert time.monotonic() - began < 1 + SLACK, (command, delay)
        assert process.returncode in (0, 2, 4, -signal.SIGTERM, -signal.SIGINT), (command, delay, process.returncode, told)  # before it obeys, it is killed
        assert process.returncode != 4 or "[interrupted]" in told, (command, delay, told)
        ends.add(process.returncode)
        left = {name for name in os.listdir(out) if name not in ("batch.partial", "copies.partial")}
        assert process.returncode == 0 or left <= {"batch", "copies", "list.csv", "s.xlsx", "r.pdf", "i.json", "e.json"}, (command, delay, left)
assert ends & {4, -signal.SIGTERM, -signal.SIGINT}, ends
# ---- send, to a server that takes the connection and says nothing
people = json.load(open(bank + "/employees.json"))
for e in people["employees"]:
    e.update(delivery="email", email="somebody@example.org")
json.dump(people, open(os.path.join(work, "people.json"), "w"))
json.dump({**json.loads(text), "certificates": json.loads(text)["certificates"][:1], "declarations": []}, open(os.path.join(work, "two.json"), "w"))
at_work = lambda name: os.path.join(work, name)
for words in (["generate", "--allow-test-ids", "-e", at_work("people.json"), at_work("two.json"), "-o", at_work("mailed")],
              ["copies", at_work("mailed"), "-o", at_work("copied"), "--list", at_work("list.csv")]):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
with socket.create_server(("127.0.0.1", 0)) as server:
    server.settimeout(30)
    json.dump({"format": "taxcert/mail/1", "server": f"smtp://127.0.0.1:{server.getsockname()[1]}/x.example", "from": "lohn@bank.example", "subject": "s", "text": "t\n", "file": "B.pdf"},
              open(at_work("mail.json"), "w"))
    for number in (signal.SIGTERM, signal.SIGINT):
        process = subprocess.Popen([program, "send", at_work("mailed"), "--mail", at_work("mail.json"), "--copies", at_work("copied")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        taken, _ = server.accept()
        process.send_signal(number)
        began = time.monotonic()
        told = process.communicate(timeout=60)[1].decode()
        assert time.monotonic() - began < 1 + SLACK and process.returncode == 4 and "[interrupted]" in told, (number, process.returncode, told)
        taken.close()
        # The server had not yet said that it waits for the message: it has not gone out, and nobody is asked about it.
        done = subprocess.run([program, "send", "--resolve", json.loads(text)["certificates"][0]["id"] + "=again", at_work("mailed")], capture_output=True, text=True)
        assert done.returncode == 2 and "[resolve]" in done.stderr and "offered" not in open(at_work("mailed/events.log")).read(), done.stderr
shutil.rmtree(out), os.mkdir(out)
for command, words in table.items():
    done = subprocess.run([program, command, *words], capture_output=True, text=True)
    assert done.returncode in (0, 1), (command, done)
shutil.rmtree(work)
