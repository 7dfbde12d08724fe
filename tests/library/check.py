"""The public library: the page's example compiles as C and as C++ against header and library alone, runs, and nothing but tc_ is exported.
Usage: check.py LIBRARY SOURCE_DIR"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

library, source = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
sanitizers = ["-fsanitize=address,undefined"] if b"__asan_init" in subprocess.run(["nm", "-D", library], capture_output=True).stdout else []
header = open(os.path.join(source, "include/taxcert.h")).read()
declared = set(re.findall(r"^TC_API [^;(]*?(tc_\w+)\(", header, re.M))
exported = {line.split()[-1].split("@")[0] for line in subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True).stdout.splitlines()}
exported = {name for name in exported if not re.match(r"__(asan|odr_asan|ubsan|lsan|start|stop)|_(init|fini)$|TAXCERT_", name)}
assert exported == declared, exported ^ declared
# What brings many other libraries is loaded by whoever needs it, and gives out its table alone.
loaded = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
assert not re.search(r"lib(curl|qpdf|idn2|gnutls)\.so", loaded), loaded
module = os.path.join(os.path.dirname(library), "libtaxcert/carrier.so")
given = {line.split()[-1] for line in subprocess.run(["nm", "-D", "--defined-only", module], capture_output=True, text=True, check=True).stdout.splitlines()}
assert {name for name in given if not re.match(r"__(asan|odr_asan|ubsan|lsan|start|stop)|_(init|fini)$", name)} == {"carrier_table"}, given
bank = os.path.join(source, "samples/bank")
person = json.load(open(os.path.join(bank, "payroll.json")))["certificates"][0]["id"]
example = re.search(r"^```c\n(.*?)^```$", open(os.path.join(source, "include/README.md")).read(), re.M | re.S)[1]
with tempfile.TemporaryDirectory() as work:
    client = os.path.join(work, "client.c")
    with open(client, "w") as file:
        file.write(example)
    for compiler, standard in (("cc", "c11"), ("c++", "c++17")):
        program = os.path.join(work, "example-" + standard)
        subprocess.run([compiler, "-x", "c" if compiler == "cc" else "c++", f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-pedantic",
                        "-Wno-missing-field-initializers", *sanitizers, "-I", os.path.join(source, "include"), client,
                        "-x", "none", library, "-Wl,-rpath," + os.path.dirname(library), "-o", program], check=True)
        run = os.path.join(work, "run-" + standard)
        env = {k: v for k, v in os.environ.items() if k != "TAXCERT_TEMPLATES"}  # the build folder's library finds the source's
        done = subprocess.run([program, bank + "/payroll.json", bank + "/employees.json", run, person], cwd=work, capture_output=True, text=True, env=env)
        assert done.returncode == 0, done
        counts, found, explained = done.stdout.splitlines()
        assert re.fullmatch(r"\d+ issued, 0 held back, \d+ findings", counts), counts
        assert person in found.split("\t") and json.loads(explained)["certificate"] == person
        issued = glob.glob(os.path.join(run, "certificates/*", f"*+{person}.pdf"))[0]
        assert open(issued, "rb").read() == open(os.path.join(work, "example.pdf"), "rb").read()
print("library: C and C++")
