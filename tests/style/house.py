"""The house: which room may include which, what one file alone includes, no circle of files, and nothing in a header that its own file alone uses. Usage: house.py SOURCE_DIR [--write]
Each room has a README that says what CONTRIBUTING's map says; --write writes them."""
import pathlib
import re
import sys
import tempfile

# From the ground up: a room includes itself and what stands before it. Adding one is adding its name here.
ROOMS = "base form input check layout pdf certificate store import book run archive deliver forms commands".split()
# Room or file that alone may include a library's header.
ALONE = {r"hpdf": "pdf/objects.c", r"xlsxwriter": "book/xlsx/xlsx.c", r"sqlite3\.h": "store/ledger.c store/ledger_file.c", r"isa-l": "book/xlsx/rows.c",
         r"zlib\.h": "book/xlsx/package.c book/xlsx/rows.c", r"minizip/zip\.h": "book/xlsx/package.c", r"unzip\.h": "book/xlsx/reopen.c", r"jansson": "base/json.h", r"seccomp": "base/calls.c", r"expat": "import/index.c",
         r"zint": "deliver/stamp.c", r"qpdf/": "deliver/carrier/encrypt.c", r"curl/": "deliver/carrier/smtp.c", r"idn2": "deliver/carrier/mailbox.c"}
COMMANDS_SEE = re.compile(r"taxcert\.h|commands/")


def units(src):
    """A .c with its .h is one unit: name, and the units that it includes."""
    arrows, files = {}, sorted(p for p in src.rglob("*.[ch]"))
    for path in files:
        name = str(path.relative_to(src))[:-2]
        for include in re.findall(r'^#include "([^"]+)\.h"', path.read_text(), re.M):
            if include != name and (src / (include + ".h")).exists():
                arrows.setdefault(name, set()).add(include)
    return arrows


def circles(arrows):
    done, found = set(), []

    def walk(unit, path):
        if unit in path:
            found.append(" -> ".join(path[path.index(unit):] + [unit]))
        elif unit not in done:
            for after in sorted(arrows.get(unit, ())):
                walk(after, path + [unit])
            done.add(unit)

    for unit in sorted(arrows):
        walk(unit, [])
    return found


def problems(src):
    for path in sorted(src.rglob("*.[ch]")):
        name = path.relative_to(src)
        text = path.read_text()
        if len(name.parts) == 1:
            if str(name) != "main.c":
                yield f"{name}: nothing lies loose but main.c"
            continue
        room = name.parts[0]
        if room not in ROOMS:
            yield f"{name}: the room {room} is not in the list of rooms"
            continue
        for include in re.findall(r'^#include "([^"]+)"', text, re.M):
            other = include.split("/")[0]
            if other in ROOMS and ROOMS.index(other) > ROOMS.index(room):
                yield f"{name} includes {include}: {room} stands below {other}; what both need goes below both"
            if room == "commands" and not COMMANDS_SEE.search(include):
                yield f"{name} includes {include}: commands are clients of taxcert.h alone"
            if "/" not in include and include != "taxcert.h":
                yield f"{name} includes {include}: an include names its room"
        for include in re.findall(r"^#include <([^>]+)>", text, re.M):
            for library, owner in ALONE.items():
                if re.match(library, include) and str(name) not in owner.split():
                    yield f"{name} includes {include}: only {owner} may"
        if path.suffix == ".h":
            guard = re.sub(r"[/.]", "_", str(name)).upper()
            if f"#ifndef {guard}\n#define {guard}\n" not in text:
                yield f"{name}: the include guard is {guard}"
    for circle in circles(units(src)):
        yield f"a circle of files: {circle}"


def own_alone(source):
    """Functions that a header declares and one file alone names besides, the header's own inline functions counting as another: they are static there."""
    texts = {p: re.sub(r"/\*.*?\*/", "", p.read_text(), flags=re.S) for part in ("src", "tests") for p in (source / part).rglob("*.[ch]")}
    words = {p: set(re.findall(r"\w+", text)) for p, text in texts.items()}
    for header in sorted(p for p in texts if p.suffix == ".h" and p.is_relative_to(source / "src")):
        for name in re.findall(r"^(?!static|#|typedef)[a-z][\w *]*[ *](\w+)\([^;{]*;", texts[header], re.M):
            if len(re.findall(rf"\b{name}\b", texts[header])) == 1 and sum(name in words[p] for p in words if p != header) < 2:
                yield f"{header.relative_to(source)}: {name} is used in its own file alone: static there"


def page(room, what, first):
    """What a room's README says: the line of CONTRIBUTING's map, and what may be included."""
    may = "itself and `taxcert.h`" if room == "commands" else "itself and the rooms above it in CONTRIBUTING's map" if room != ROOMS[0] else "itself alone"
    return f"# {room}\n\n{what[0].upper() + what[1:]}.\n\nMay include {may}. Read first: {first}.\n"


def pages(source):
    """CONTRIBUTING's map has every room, with files that are there; each room's README says the same. With --write they are written."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", (source / "CONTRIBUTING.md").read_text(), re.M)
    if [r for r, _, _ in rows] != ROOMS:
        yield "CONTRIBUTING's map has other rooms, or in another order"
        return
    for room, what, first in rows:
        for name in re.findall(r"`(\w+\.[ch])`", first):
            if not (source / "src" / room / name).exists():
                yield f"{room}: {name} is to be read first and is not there"
        path = source / "src" / room / "README.md"
        if "--write" in sys.argv:
            path.write_text(page(room, what, first))
        if not path.exists() or path.read_text() != page(room, what, first):
            yield f"{path} is not what CONTRIBUTING and ROOMS say: house.py . --write"


source = pathlib.Path(sys.argv[1])
found = list(problems(source / "src")) + list(pages(source)) + list(own_alone(source))
print("\n".join(found))
# Arrows that are wrong on purpose are found.
with tempfile.TemporaryDirectory() as work:
    for name, line in (("base/bad.c", '#include "run/run.h"'), ("check/bad.c", "#include <sqlite3.h>"), ("loose.c", ""),
                       ("commands/bad.c", '#include "base/buf.h"'), ("cellar/bad.c", "")):
        src = pathlib.Path(work) / name.replace("/", "-")
        (src / "run").mkdir(parents=True)
        (src / "run/run.h").write_text("#ifndef RUN_RUN_H\n#define RUN_RUN_H\n#endif\n")
        (src / name).parent.mkdir(exist_ok=True)
        (src / name).write_text(line + "\n")
        assert list(problems(src)), name
    src = pathlib.Path(work) / "circle"
    (src / "base").mkdir(parents=True)
    for a, b in (("x", "y"), ("y", "x")):
        (src / f"base/{a}.h").write_text(f'#ifndef BASE_{a.upper()}_H\n#define BASE_{a.upper()}_H\n#include "base/{b}.h"\n#endif\n')
    assert any("circle" in p for p in problems(src))
    src = pathlib.Path(work) / "own/src/base"
    src.mkdir(parents=True)
    (src / "x.h").write_text("int x_own(int a);\nint x_inline(int a);\nint x_other(int a);\nstatic inline int x_first(int a)\n{\n    return x_inline(a);\n}\n")
    (src / "x.c").write_text("int x_own(int a)\n{\n    return x_other(a) + x_inline(a);\n}\n")
    (src / "y.c").write_text("/* x_own */\nint y = x_other(1);\n")
    assert [p.split()[1] for p in own_alone(src.parent.parent)] == ["x_own"]
sys.exit(1 if found else 0)
