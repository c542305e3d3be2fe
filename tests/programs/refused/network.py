# Row 42: no socket but a connected local pair, and no interface to send through.
import os
import socket

FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 40, 38, 29, 44)
for family in FAMILIES:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            print("socket", family, kind)
        except OSError:
            pass
try:
    print(socket.getaddrinfo("localhost.example", 80))
except OSError:
    pass
left, right = socket.socketpair()
for name, action in (
    ("bind", lambda: left.bind("\0alphasolve")),
    ("listen", lambda: left.listen(1)),
    ("connect", lambda: left.connect("\0alphasolve")),
):
    try:
        action()
        print(name)
    except OSError:
        pass
interfaces = os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net") else []
if [name for name in interfaces if name != "lo"]:
    print("interfaces", interfaces)
