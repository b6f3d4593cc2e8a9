"""What the Python participants have in common. The protocol is described in bench/harness/trial.ts."""

import resource
import struct
import sys
import time

# Sequence, hand-over time, publish time; the last eight bytes of a picture repeat the sequence.
STAMP = struct.Struct('<QQQ')
TAIL_FRAMES = 30
HEADER = 64  # in front of the picture: the number of the newest frame and its publish time


class Arguments:
    def __init__(self, argv):
        role, address, size, rate, last, readers, index, _touch = argv[1:9]
        self.name = address.rsplit('/', 1)[-1]  # of the segment
        self.writer = role == 'writer'
        self.bytes = int(size)
        self.rate = float(rate)
        self.last = int(last)
        self.readers = int(readers)
        self.index = int(index)


def say(line):
    print(line, flush=True)


def paced(args):
    """Sequence numbers at args.rate, by absolute time."""
    start = time.monotonic_ns()
    for sequence in range(1, args.last + TAIL_FRAMES + 1):
        wait = start + int(sequence * 1e9 / args.rate) - time.monotonic_ns()
        if wait > 0:
            time.sleep(wait / 1e9)
        yield sequence


def stamp(picture, sequence):
    STAMP.pack_into(picture, 0, sequence, time.monotonic_ns(), 0)
    struct.pack_into('<Q', picture, len(picture) - 8, sequence)


class Record:
    """What a reader saw."""

    def __init__(self, last):
        self.last = last
        self.rows = []
        self.torn = 0
        self.began_ns = None

    def frame(self, picture, publish_ns):
        """The picture is in hand: reads its first and last bytes, then the clock. False: it was the last."""
        sequence, handover_ns, _ = STAMP.unpack_from(picture, 0)
        (tail,) = struct.unpack_from('<Q', picture, len(picture) - 8)
        now = time.monotonic_ns()
        if self.began_ns is None:
            self.began_ns = now
            self.cpu = resource.getrusage(resource.RUSAGE_SELF)
        if sequence > self.last:
            return False
        self.torn += tail != sequence
        self.rows.append((sequence, now - publish_ns, now - handover_ns))
        return True

    def lines(self):
        cpu = resource.getrusage(resource.RUSAGE_SELF)
        user = int((cpu.ru_utime - self.cpu.ru_utime) * 1e6)
        system = int((cpu.ru_stime - self.cpu.ru_stime) * 1e6)
        wall = (time.monotonic_ns() - self.began_ns) // 1000
        return [
            f'cpu {user} {system} {wall}',
            *(f'f {sequence} {publish} {handover}' for sequence, publish, handover in self.rows),
            f'torn {self.torn}',
            'end',
        ]


def arguments():
    return Arguments(sys.argv)
