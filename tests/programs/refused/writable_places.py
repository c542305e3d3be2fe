# Row 35: nothing but scratch can be written to, however it is reached.
import os

os.symlink("/", "/tmp/root")
os.symlink("/proc/1/root", "/tmp/other_root")
for place in ("/", "/usr", "/etc", "/proc", "/sys", "/tmp/root", "/tmp/root/usr", "/tmp/other_root/tmp", "/tmp/.."):
    try:
        open(place + "/alphasolve_escaped", "w").close()
        print("wrote to", place)
    except OSError:
        pass
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/sys", "/dev", "/tmp"):
        folders[:] = []
        continue
    for name in files:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.W_OK):
            print("may write to", path)
for name in ("kernel/core_pattern", "kernel/ns_last_pid", "vm/drop_caches", "fs/pipe-max-size"):
    try:
        os.write(os.open("/proc/sys/" + name, os.O_WRONLY), b"1")
        print("wrote", name)
    except OSError:
        pass
try:
    os.write(os.open("/proc/sysrq-trigger", os.O_WRONLY), b"h")
    print("sysrq")
except OSError:
    pass
