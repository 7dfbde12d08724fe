"""What only looks can write nothing: a preloaded library tries it from inside, at the end of the process, and is refused where the kernel has
Landlock. Usage: sandbox.py TAXCERT SOURCE_DIR"""
import os
import re
import subprocess
import sys
import tempfile

program, source = (os.path.abspath(word) for word in sys.argv[1:3])
bank = os.path.join(source, "samples/bank")
COMMON = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]
told = subprocess.run([program, "--version", "--verbose"], capture_output=True, text=True)
assert told.returncode == 0 and "Landlock" in told.stdout, told
confined = re.search(r"Landlock \d", told.stdout) is not None
with tempfile.TemporaryDirectory() as work:
    at = lambda *names: os.path.join(work, *names)
    with open(at("try.c"), "w") as file:
        file.write('#include <fcntl.h>\n#include <stdlib.h>\n__attribute__((destructor)) static void attempt(void)\n'
                   '{ const char *p = getenv("TRY"); if (p) open(p, O_WRONLY | O_CREAT, 0600); }\n')
    subprocess.run(["cc", "-shared", "-fPIC", "-o", at("try.so"), at("try.c")], check=True)
    files = ["-e", os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json")]
    assert subprocess.run([program, "generate", *COMMON, *files, "-o", at("run")], capture_output=True).returncode in (0, 1)
    for words, free in ((["verify", at("run")], False), (["find", at("run"), "100001"], False), (["explain", at("run"), "100001"], False),
                        (["check", *COMMON, *files], False), (["template", "list", *COMMON[1:]], True)):
        target = at("written." + words[0])
        environment = {**os.environ, "LD_PRELOAD": at("try.so"), "TRY": target,
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        done = subprocess.run([program, *words], capture_output=True, text=True, env=environment)
        assert done.returncode in (0, 1) and "Sanitizer" not in done.stderr, (words, done)
        assert os.path.exists(target) == (free or not confined), words
print("sandbox: confined" if confined else "sandbox: this kernel has no Landlock")
