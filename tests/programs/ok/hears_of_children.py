# Handlers for the end of a child, as manuals have them: installed, asked for, put back, and called once per child.
import os
import signal

ended = []


def note(number, frame):
    ended.append(os.waitpid(-1, 0)[1])


assert signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL
assert signal.signal(signal.SIGCHLD, note) is signal.SIG_DFL
signal.siginterrupt(signal.SIGCHLD, False)
assert signal.getsignal(signal.SIGCHLD) is note
for code in (3, 5):
    count = len(ended)
    if os.fork() == 0:
        os._exit(code)
    while len(ended) == count:
        pass
assert [os.waitstatus_to_exitcode(status) for status in ended] == [3, 5]
assert signal.signal(signal.SIGCHLD, signal.SIG_DFL) is note
pid = os.fork()
if pid == 0:
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
assert len(ended) == 2
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
assert signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN
for _ in range(3):
    if os.fork() == 0:
        os._exit(0)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
try:
    signal.signal(signal.SIGCHLD, "handler")
except TypeError:
    pass
else:
    raise AssertionError
assert signal.signal(signal.SIGCHLD, signal.SIG_DFL) is signal.SIG_IGN
