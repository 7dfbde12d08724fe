"""The installed program finds its library and its templates, also when the installation was moved.
Usage: install.py TAXCERT SOURCE_DIR"""
import os, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    first, moved = os.path.join(folder, "first"), os.path.join(folder, "moved")
    subprocess.run(["cmake", "--install", os.path.dirname(program), "--prefix", first], check=True, capture_output=True)
    shutil.move(first, moved)
    listed = subprocess.run([os.path.join(moved, "bin/taxcert"), "template", "list"], capture_output=True, text=True, cwd="/")
    assert listed.stdout == "de/lohnsteuerbescheinigung 2025\n", listed.stderr
    assert os.path.exists(os.path.join(moved, "include/taxcert.h"))
print("install: ok")
