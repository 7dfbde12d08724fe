"""Killed at random moments of the whole run, closing included, each time followed by the same command, until that is let through: the run
folder is then that of an undisturbed run, whatever the number of threads. Usage: resume.py TAXCERT SOURCE_DIR [KILLS=25] [PEOPLE=1500]
(synth stands beside this test's build; the release build is taken where there is one, so that the moments are those of a real run)"""
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

program, source = sys.argv[1:3]
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 25
PEOPLE = int(sys.argv[4]) if len(sys.argv) > 4 else 1500
synth = os.path.join(os.path.dirname(program), "tests", "synth")
release = os.path.join(os.path.dirname(program), "../release/taxcert")
program = release if os.path.exists(release) else program
seed = random.randrange(1 << 30)
random.seed(seed)

with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    subprocess.run([synth, str(PEOPLE), "7", folder], check=True, stdout=subprocess.DEVNULL)
    calm, killed = os.path.join(folder, "calm"), os.path.join(folder, "killed")

    def command(out, *more):
        return [program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                os.path.join(folder, "employees.json"), os.path.join(folder, "payroll.json"), "-o", out, *more]

    def compare():
        assert not os.path.exists(killed + ".partial"), seed
        # run.id is left where the kill came between the last two steps; events.log has the time
        same = subprocess.run(["diff", "-r", "-x", "events.log", "-x", "run.id", calm, killed], capture_output=True, text=True)
        assert same.returncode == 0, (seed, same.stdout[:500])
        assert subprocess.run([program, "verify", "--sample", "3", killed], capture_output=True).returncode == 0, seed
        shutil.rmtree(killed)

    start = time.monotonic()
    subprocess.run(command(calm), check=True, capture_output=True)
    duration = time.monotonic() - start
    kills, through, late = 0, 0, 0
    while kills < KILLS:
        process = subprocess.Popen(command(killed, "--jobs", str(random.randint(1, 3))), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        moment = random.uniform(0, 1.3 * duration)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(random.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
            process.wait()
            kills += 1
            late += moment > duration / 2
        said = process.stderr.read()
        assert process.returncode in (0, 4, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT), (seed, process.returncode, said[-300:])
        if process.returncode == 0 or os.path.exists(killed):
            compare()
            through += 1
    # The remains are those of this input and these options only.
    if os.path.exists(os.path.join(killed + ".partial", "run.id")):
        other = subprocess.run(command(killed, "--issue-date", "2026-02-01"), capture_output=True, text=True)
        assert other.returncode == 2 and "not an interrupted run of the same" in other.stderr, "another run's remains are refused"
    subprocess.run(command(killed), check=True, capture_output=True)
    compare()
print(f"resume: {kills} kills, {late} in the second half of a run's time, {through + 1} runs let through, each as undisturbed")
