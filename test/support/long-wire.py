# long-wire.py MS ONE OTHER: carries Ethernet frames between two interfaces of its network namespace, each of
# them MS later. Says "ready" when it does; ends with its standard input.
import collections
import select
import socket
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, PACKET_OUTGOING, ETH_P_ALL = 263, 15, 4, 3
MOST_BYTES = 10 + 65536 + 14


def attach(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    # What veth has left to the hardware, segments and checksums, travels in front of each frame.
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    end.bind((name, 0))
    return end


delay = float(sys.argv[1]) / 1000
one, other = map(attach, sys.argv[2:4])
beyond = {one: other, other: one}
underway = collections.deque()  # in the order of their times: all take equally long
print("ready", flush=True)
while True:
    wait = max(0, underway[0][0] - time.monotonic()) if underway else None
    for ready in select.select([one, other, sys.stdin], [], [], wait)[0]:
        if ready is sys.stdin:
            sys.exit()
        frame, address = ready.recvfrom(MOST_BYTES)
        if address[2] != PACKET_OUTGOING:
            underway.append((time.monotonic() + delay, beyond[ready], frame))
    while underway and underway[0][0] <= time.monotonic():
        _, end, frame = underway.popleft()
        end.send(frame)
