# Row 35: sparse, closed, and pointing elsewhere.
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open("/tmp/sparse", "wb") as sparse:
    try:
        sparse.truncate(1 << 50)
    except OSError:
        pass
os.mkdir("/tmp/closed")
open("/tmp/closed/file", "w").close()
os.chmod("/tmp/closed", 0)
os.symlink("/", "/tmp/root")
os.symlink("loop", "/tmp/loop")
os.mkfifo("/tmp/pipe")
os.link("/tmp/sparse", "/tmp/twin")
open("/tmp/" + "n" * 255, "w").close()
open(b"/tmp/\xff\n*", "w").close()
