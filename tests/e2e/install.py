"""The installed program finds its library and its templates, also when the installation was moved.
Usage: install.py TAXCERT SOURCE_DIR"""
import glob, os, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    first, moved = os.path.join(folder, "first"), os.path.join(folder, "moved")
    subprocess.run(["cmake", "--install", os.path.dirname(program), "--prefix", first], check=True, capture_output=True)
    shutil.move(first, moved)
    listed = subprocess.run([os.path.join(moved, "bin/taxcert"), "template", "list"], capture_output=True, text=True, cwd="/")
    forms = sorted(os.path.relpath(os.path.dirname(path), os.path.join(source, "templates")) for path in glob.glob(os.path.join(source, "templates/*/*/*/template.json")))
    assert len(forms) >= 3 and listed.stdout == "".join(f"{os.path.dirname(f)} {os.path.basename(f)}\n" for f in forms), listed.stderr
    assert os.path.exists(os.path.join(moved, "include/taxcert.h"))
print("install: ok")
