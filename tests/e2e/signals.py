"""Whoever asks to stop waits a second at most, in phases that never look whether somebody asked: here while a long file is scanned."""
import os
import shutil
import signal
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
        file.write("[1, 2, 3, 4, 5],\n" * 40000)
    file.write("0]}\n")
SLACK = 1.5  # of a machine that does other things

for command, number in (("check", signal.SIGTERM), ("generate", signal.SIGINT)):
    for delay in (0.15, 0.6):
        out = os.path.join(work, f"run{command}{delay}")
        words = [program, command, "--allow-test-ids", "-e", os.path.join(bank, "employees.json"), payroll] + (["-o", out] if command == "generate" else [])
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(delay)
        assert process.poll() is None, (command, delay, "the file is too short for this test")
        process.send_signal(number)
        began = time.monotonic()
        told = process.communicate(timeout=60)[1].decode()
        assert time.monotonic() - began < 1 + SLACK, (command, delay, time.monotonic() - began)
        assert process.returncode == 4 and "[interrupted]" in told, (command, delay, process.returncode, told)
        assert not os.path.exists(out), out
shutil.rmtree(work)
