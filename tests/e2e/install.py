"""The installed program finds its library and its templates, also when the installation was moved.
Usage: install.py TAXCERT SOURCE_DIR"""
import glob, json, os, re, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
with open(os.path.join(source, "include/taxcert.h")) as header:
    version = re.search(r'TC_VERSION "(\d+\.\d+)', header.read())[1]
with tempfile.TemporaryDirectory() as folder:
    first, moved = os.path.join(folder, "first"), os.path.join(folder, "moved")
    subprocess.run(["cmake", "--install", os.path.dirname(program), "--prefix", first], check=True, capture_output=True)
    shutil.move(first, moved)
    listed = subprocess.run([os.path.join(moved, "bin/taxcert"), "template", "list"], capture_output=True, text=True, cwd="/")
    forms = sorted(os.path.relpath(os.path.dirname(path), os.path.join(source, "templates")) for path in glob.glob(os.path.join(source, "templates/*/*/*/template.json")))
    assert len(forms) >= 3 and listed.stdout == "".join(f"{os.path.dirname(f)} {os.path.basename(f)}\n" for f in forms), listed.stderr
    # What encrypts and sends is loaded from beside the library; where it is missing, or another version's, that is said, and all else goes on.
    def taxcert(*words):
        return subprocess.run([os.path.join(moved, "bin/taxcert"), *words], capture_output=True, text=True, cwd=folder)

    def copies():
        return taxcert("copies", "2025", "-o", "copies", "--list", "passwords.csv")

    for name, people in ("payroll", "certificates"), ("employees", "employees"): # one person, for encrypting takes long
        with open(os.path.join(source, f"samples/bank/{name}.json")) as read, open(os.path.join(folder, name + ".json"), "w") as out:
            whole = json.load(read)
            json.dump({**whole, people: [one for one in whole[people] if one["personnel_number"] == "100011"]}, out)
    assert taxcert("generate", "--allow-test-ids", "-e", "employees.json", "payroll.json", "-o", "2025").returncode == 0
    [module] = glob.glob(os.path.join(moved, "**/libtaxcert/carrier.so"), recursive=True)
    with open(module, "rb") as file:
        right = file.read()
    whole = re.search(r'TC_VERSION "([^"]+)"', open(os.path.join(source, "include/taxcert.h")).read())[1].encode() + b"\0"
    assert right.count(whole) == 1
    os.remove(module)
    for wrong in None, right.replace(whole, b"9" + whole[1:]), b"no library":
        if wrong:
            with open(module, "wb") as file:
                file.write(wrong)
        done = copies()
        assert done.returncode == 4 and "libtaxcert/carrier.so: " in done.stderr and "install taxcert again" in done.stderr, done
        assert not os.path.exists(os.path.join(folder, "copies")) and not os.path.exists(os.path.join(folder, "passwords.csv"))
        assert taxcert("send", "2025", "--mail", "mail.json", "--copies", "copies").returncode == 4
        assert taxcert("find", "2025", "100011").returncode == 0
    with open(module, "wb") as file:
        file.write(right)
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
