"""The installed program finds its library and its templates, also when the installation was moved.
Usage: install.py TAXCERT SOURCE_DIR"""
import glob, json, os, re, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
with open(os.path.join(source, "include/taxcert.h")) as header:
    version = re.search(r'TC_VERSION "(\d+\.\d+)', header.read())[1]
with tempfile.TemporaryDirectory() as folder:
    first, moved = os.path.join(folder, "first"), os.path.join(folder, "moved")
    subprocess.run(["cmake", "--install", os.path.dirname(program), "--prefix", first], check=True, capture_output=True, umask=0)
    assert not [path for path, _, _ in os.walk(first) if path != first and os.stat(path).st_mode & 0o022]
    assert os.path.exists(os.path.join(first, "share/zsh/site-functions/_taxcert"))  # where zsh looks
    shutil.move(first, moved)
    listed = subprocess.run([os.path.join(moved, "bin/taxcert"), "template", "list"], capture_output=True, text=True, cwd="/")
    forms = sorted(os.path.relpath(os.path.dirname(path), os.path.join(source, "templates")) for path in glob.glob(os.path.join(source, "templates/*/*/*/template.json")))
    assert len(forms) >= 3 and listed.stdout == "".join(f"{os.path.dirname(f)} {os.path.basename(f)}\n" for f in forms), listed.stderr
    # What encrypts and sends is loaded from beside the library; where it is missing, not whole, another build's or open to others, that is said, and all
    # else goes on.
    def taxcert(*words, lang="en"):
        return subprocess.run([os.path.join(moved, "bin/taxcert"), *words], capture_output=True, text=True, cwd=folder, env={**os.environ, "TAXCERT_LANG": lang},
                              timeout=60)

    def copies(lang="en"):
        return taxcert("copies", "2025", "-o", "copies", "--list", "passwords.csv", lang=lang)

    def module_of(code, *words):
        """What cc makes of it."""
        with open(os.path.join(folder, "other.c"), "w") as out:
            out.write(code)
        subprocess.run(["cc", "-shared", "-fPIC", "other.c", "-o", "other.so", *words], cwd=folder, check=True)
        with open(os.path.join(folder, "other.so"), "rb") as file:
            return file.read()

    for name, people in ("payroll", "certificates"), ("employees", "employees"): # one person, for encrypting takes long
        with open(os.path.join(source, f"samples/bank/{name}.json")) as read, open(os.path.join(folder, name + ".json"), "w") as out:
            whole = json.load(read)
            json.dump({**whole, people: [one for one in whole[people] if one["personnel_number"] == "100011"]}, out)
    assert taxcert("generate", "--allow-test-ids", "-e", "employees.json", "payroll.json", "-o", "2025").returncode == 0
    [module] = glob.glob(os.path.join(moved, "**/libtaxcert/carrier.so"), recursive=True)
    with open(module, "rb") as file:
        right = file.read()
    build = re.search(re.escape(re.search(r'TC_VERSION "([^"]+)"', open(os.path.join(source, "include/taxcert.h")).read())[1].encode()) + rb" [0-9a-f]{64}\0", right)[0]
    assert right.count(build) == 1
    module_of("int nowhere(void) { return 0; }")
    os.rename(os.path.join(folder, "other.so"), os.path.join(folder, "libnowhere.so"))
    lacking = module_of("int nowhere(void); int carrier_table(void) { return nowhere(); }", "-L.", "-lnowhere")
    os.remove(os.path.join(folder, "libnowhere.so"))
    ANOTHER, CUT, OTHERS = "not of the build", "it is not whole", "another account"
    tried = {
        "another version": (right.replace(build, b"9" + build[1:]), ANOTHER),
        "other headers": (right.replace(build, build[:-2] + (b"1" if build[-2:-1] == b"0" else b"0") + b"\0"), ANOTHER),
        "as it was before": (module_of('const char *const carrier_table[8] = {"0.3.0"};'), ANOTHER),
        "nothing in it": (module_of("void *carrier_table[8] = {0};"), ANOTHER),
        "no table": (module_of("int other;"), ANOTHER),
        "a library that lacks": (lacking, "libnowhere.so"),
        "a function that lacks": (module_of("int nowhere(void); int carrier_table(void) { return nowhere(); }"), "undefined symbol: nowhere"),
        "of another machine": (right[:18] + b"\xf7\x00" + right[20:], "(cannot open shared object file"),
        **{f"cut at {at}": (right[:at], CUT) for at in (0, 1, 63, 64, 4096, len(right) // 2, len(right) - 1)},
        "a text": (b"no library", CUT), "zeros": (bytes(100000), CUT),
    }
    places = {
        "missing": (lambda: None, "there is no such file"),
        "a folder": (lambda: os.mkdir(module), "a folder"),
        "a pipe": (lambda: os.mkfifo(module), "a pipe"),
        "a link to nowhere": (lambda: os.symlink("nowhere", module), "there is no such file"),
        "a device": (lambda: os.symlink("/dev/zero", module), "a device"),
    }

    def put(content, mode=0o644):
        with open(module, "wb") as file:
            file.write(content)
        os.chmod(module, mode)

    def refused(what, why):
        done = copies()
        assert done.returncode == 4 and "libtaxcert/carrier.so: " in done.stderr and "[installation]" in done.stderr and "install taxcert again" in done.stderr, (what, done)
        assert why in done.stderr and "Sanitizer" not in done.stderr, (what, why, done)
        assert not os.path.exists(os.path.join(folder, "copies")) and not os.path.exists(os.path.join(folder, "passwords.csv")), what

    for what, (content, why) in tried.items():
        put(content)
        refused(what, why)
    for what, (make, why) in places.items():
        os.rmdir(module) if os.path.isdir(module) else os.path.lexists(module) and os.remove(module)
        make()
        refused(what, why)
    german = copies("de").stderr
    assert "Gerät" in german and "ist nicht zu gebrauchen" in german, german
    assert taxcert("send", "2025", "--mail", "mail.json", "--copies", "copies").returncode == 4
    assert taxcert("find", "2025", "100011").returncode == 0
    os.remove(module)
    home = os.path.dirname(module)
    for mode, where in (0o646, module), (0o664, module), (0o757, home), (0o1777, home):
        put(right)
        os.chmod(where, mode)
        refused(oct(mode) + where, OTHERS)
        os.chmod(home, 0o755)
    for where in (module, home) if os.geteuid() == 0 else ():
        put(right)
        os.chown(where, 12345, -1)
        refused("another's " + where, OTHERS)
        os.chown(where, 0, -1)
    # What others may do to the library too is no reason, as in a group that has one installation.
    library = os.path.realpath(os.path.join(os.path.dirname(home), "libtaxcert.so"))
    for where in library, module, home, os.path.dirname(library):
        os.chmod(where, 0o775)
    done = copies()
    assert done.returncode == 0 and len(glob.glob(os.path.join(folder, "copies/*.pdf"))) == 1, done
    # Clients find it by pkg-config and by CMake, in C and in C++.
    [pc] = glob.glob(os.path.join(moved, "**/pkgconfig"), recursive=True)
    call = "int main(void) { struct tc_error err = {TC_OK}; return tc_form_lint(\"/nowhere\", 0, &err) != err.code || !err.code; }\n"
    for suffix in "c", "cpp":
        with open(os.path.join(folder, "client." + suffix), "w") as out:
            out.write("#include <taxcert.h>\n" + call)
    sanitizers = ["-fsanitize=address,undefined"] if b"__asan_init" in open(program, "rb").read() else []
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "taxcert"], env={**os.environ, "PKG_CONFIG_PATH": pc}, capture_output=True, text=True, check=True).stdout.split()
    library = os.path.dirname(pc)
    subprocess.run(["cc", os.path.join(folder, "client.c"), *sanitizers, *flags, "-o", os.path.join(folder, "client")], check=True)
    subprocess.run([os.path.join(folder, "client")], check=True, env={**os.environ, "LD_LIBRARY_PATH": library})
    with open(os.path.join(folder, "CMakeLists.txt"), "w") as out:
        out.write("cmake_minimum_required(VERSION 3.21)\nproject(client CXX)\nfind_package(taxcert " + version + " REQUIRED)\nadd_executable(again client.cpp)\n"
                  "target_link_libraries(again taxcert::taxcert)\n")
    for words in (["-G", "Ninja", "-S", folder, "-B", os.path.join(folder, "b"), "-DCMAKE_PREFIX_PATH=" + moved, "-DCMAKE_CXX_FLAGS=" + " ".join(sanitizers)], ["--build", os.path.join(folder, "b")]):
        subprocess.run(["cmake", *words], check=True, capture_output=True)
    subprocess.run([os.path.join(folder, "b/again")], check=True)
print("install: ok")
