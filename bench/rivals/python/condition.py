"""multiprocessing.shared_memory with a multiprocessing.Condition instead of polling. Its semaphores can only
be inherited, so the readers are children of the writer, which is more than a camera server can ask for."""

import multiprocessing
import struct
import time
from multiprocessing import shared_memory

import numpy as np
from participant import HEADER, Record, arguments, paced, say, stamp


def read(args, condition, ready, results, index):
    memory = shared_memory.SharedMemory(name=args.name)
    frame_array = np.ndarray((args.bytes,), dtype=np.uint8, buffer=memory.buf, offset=HEADER)
    record = Record(args.last)
    seen = 0
    ready.release()
    while True:
        with condition:
            while True:
                sequence, publish_ns = struct.unpack_from('<QQ', memory.buf, 0)
                if sequence != seen:
                    break
                condition.wait()
        seen = sequence
        frame = frame_array.copy()
        if not record.frame(memoryview(frame), publish_ns):
            break
    results.put((index, record.lines()))
    del frame_array
    memory.close()


def main(args):
    context = multiprocessing.get_context('fork')
    memory = shared_memory.SharedMemory(create=True, size=HEADER + args.bytes, name=args.name)
    condition = context.Condition()
    ready = context.Semaphore(0)
    results = context.Queue()
    shared = (args, condition, ready, results)
    readers = [context.Process(target=read, args=(*shared, index)) for index in range(args.readers)]
    for reader in readers:
        reader.start()
    for _ in readers:
        ready.acquire()
    frame_array = np.ndarray((args.bytes,), dtype=np.uint8, buffer=memory.buf, offset=HEADER)
    frame = np.full((args.bytes,), 0x80, dtype=np.uint8)
    picture = memoryview(frame)
    say('ready')
    input()
    for sequence in paced(args):
        stamp(picture, sequence)
        np.copyto(frame_array, frame)
        struct.pack_into('<QQ', memory.buf, 0, sequence, time.monotonic_ns())
        with condition:
            condition.notify_all()
    for _ in readers:
        index, lines = results.get()
        print(f'reader {index}', *lines, sep='\n', flush=True)
    for reader in readers:
        reader.join()
    del frame_array
    memory.close()
    memory.unlink()


if __name__ == '__main__':
    main(arguments())
