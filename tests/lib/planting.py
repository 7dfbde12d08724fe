"""What somebody may put in the place of a file, and what lies below a folder; for tests that plant things."""
import os
import socket


def bind(path):
    """A socket; its path must be short for the system, so it is made from inside its folder."""
    here = os.getcwd()
    os.chdir(os.path.dirname(path))
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.path.basename(path))
    os.chdir(here)


def device(path):
    """/dev/zero, which has no end: a node where one may be made, else a link to it."""
    if os.getuid() == 0:
        os.mknod(path, 0o20600, os.makedev(1, 5))
    else:
        os.symlink("/dev/zero", path)


def plant(path, kind):
    """What stood at path stands at path.away, for a link to lead there; "missing" leaves nothing."""
    away = path + ".away"
    os.rename(path, away)
    {"pipe": os.mkfifo, "device": device, "socket": bind, "link": lambda p: os.symlink(away, p), "folder": os.mkdir,
     "empty": lambda p: open(p, "w").close(), "missing": lambda p: None}[kind](path)


def unplant(path):
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    elif os.path.lexists(path):
        os.remove(path)
    os.rename(path + ".away", path)


def states(folder):
    """Everything below: kind and rights, inode, of files also size, time, and where links lead."""
    found, below = [], [folder]
    while below:
        for entry in os.scandir(below.pop()):
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
                found.append((entry.path, status.st_mode, status.st_ino))
            else:
                found.append((entry.path, status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, os.readlink(entry.path) if entry.is_symlink() else ""))
    return sorted(found)
