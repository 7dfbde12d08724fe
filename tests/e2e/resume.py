"""kill -9 when random numbers of files are there, then the same command again: the run folder is that of an undisturbed run, whatever the number of
threads. Usage: resume.py TAXCERT SOURCE_DIR [KILLS=25] [PEOPLE=1500] (synth stands beside this test's build)"""
import os, random, signal, subprocess, sys, tempfile, time

program, source = sys.argv[1:3]
KILLS = int(sys.argv[3]) if len(sys.argv) > 3 else 25
PEOPLE = int(sys.argv[4]) if len(sys.argv) > 4 else 1500
synth = os.path.join(os.path.dirname(program), "tests", "synth")
random.seed(7)

with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    subprocess.run([synth, str(PEOPLE), "7", folder], check=True, stdout=subprocess.DEVNULL)

    def command(out, *more):
        return [program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                os.path.join(folder, "employees.json"), os.path.join(folder, "payroll.json"), "-o", os.path.join(folder, out), *more]

    def made():
        return sum(len(names) for _, _, names in os.walk(os.path.join(folder, "killed.partial")))

    subprocess.run(command("calm"), check=True, capture_output=True)
    kills = 0
    for target in sorted(random.sample(range(PEOPLE - 100), KILLS)):
        process = subprocess.Popen(command("killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and made() < target:
            time.sleep(0.001)
        process.send_signal(random.choice((signal.SIGKILL, signal.SIGTERM)))
        if process.wait() == 0:
            break
        kills += 1
        assert not os.path.exists(os.path.join(folder, "killed")), "nothing is published half-done"
    assert kills > 0
    if not os.path.exists(os.path.join(folder, "killed")):
        other = subprocess.run(command("killed", "--issued", "2026-02-01"), capture_output=True, text=True)
        assert other.returncode == 2 and "no interrupted run of the same" in other.stderr, "another run's remains are refused"
        subprocess.run(command("killed", "--jobs", "1"), check=True, capture_output=True)
    assert not os.path.exists(os.path.join(folder, "killed.partial"))
    same = subprocess.run(["diff", "-r", "-x", "events.log", os.path.join(folder, "calm"), os.path.join(folder, "killed")],
                          capture_output=True, text=True)
    assert same.returncode == 0, same.stdout[:500]
    assert subprocess.run([program, "verify", os.path.join(folder, "killed")], capture_output=True).returncode == 0
print("resume:", kills, "kills")
