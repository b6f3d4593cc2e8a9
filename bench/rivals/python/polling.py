"""multiprocessing.shared_memory as in the specification's option 3: np.copyto into one picture in shared
memory, and readers that look every millisecond and copy the picture out.

Option 3 has nothing that tells a reader in another process of a new frame; the frame's number in front of
the picture, written after it, is the least that makes polling possible."""

import struct
import time
from multiprocessing import resource_tracker, shared_memory

import numpy as np
from participant import HEADER, Record, arguments, paced, say, stamp

POLL_SECONDS = 0.001


def write(args):
    memory = shared_memory.SharedMemory(create=True, size=HEADER + args.bytes, name=args.name)
    frame_array = np.ndarray((args.bytes,), dtype=np.uint8, buffer=memory.buf, offset=HEADER)
    frame = np.full((args.bytes,), 0x80, dtype=np.uint8)
    picture = memoryview(frame)
    say('ready')
    input()
    for sequence in paced(args):
        stamp(picture, sequence)
        np.copyto(frame_array, frame)
        struct.pack_into('<QQ', memory.buf, 0, sequence, time.monotonic_ns())
    del frame_array
    memory.close()
    memory.unlink()
    say('end')


def read(args):
    memory = shared_memory.SharedMemory(name=args.name)
    resource_tracker.unregister(memory._name, 'shared_memory')  # or the first reader to end removes it
    frame_array = np.ndarray((args.bytes,), dtype=np.uint8, buffer=memory.buf, offset=HEADER)
    record = Record(args.last)
    seen = 0
    say('ready')
    while True:
        sequence, publish_ns = struct.unpack_from('<QQ', memory.buf, 0)
        if sequence == seen:
            time.sleep(POLL_SECONDS)
            continue
        seen = sequence
        frame = frame_array.copy()  # "Copy for processing"
        if not record.frame(memoryview(frame), publish_ns):
            break
    print('\n'.join(record.lines()), flush=True)
    del frame_array
    memory.close()


if __name__ == '__main__':
    arguments_ = arguments()
    write(arguments_) if arguments_.writer else read(arguments_)
