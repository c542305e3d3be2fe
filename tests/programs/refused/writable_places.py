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
# Opened only: where it works, writing would change the host. (ns_last_pid opens for all and is written by none.)
for name in ("sys/kernel/core_pattern", "sys/vm/drop_caches", "sys/fs/pipe-max-size", "sysrq-trigger"):
    try:
        os.open("/proc/" + name, os.O_WRONLY)
        print("may write", name)
    except OSError:
        pass
