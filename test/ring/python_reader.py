"""Reads frames from a ring, as docs/ring-format.md says. Standard library only.

usage: python_reader.py ROOT NAME SECONDS [HOLD_MS]
Prints one line of JSON. HOLD_MS: each frame is looked at a second time after so long, without a lease.
"""
import ctypes, json, os, platform, struct, sys, time

HEAD, WAKE, STATE, CLOSED = 576, 640, 512, 3
FUTEX_WAIT, SYS_FUTEX = 0, {'x86_64': 202, 'aarch64': 98}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
acquire_fence = lambda: None  # x86-64 keeps loads in order
if platform.machine() == 'aarch64':
    acquire_fence = lambda fence=ctypes.CDLL('libatomic.so.1').atomic_thread_fence: fence(2)


class Frame:
    def __init__(self, ring, slot):
        self.ring, self.header = ring, ring.headers + slot * ring.header_stride
        self.version, self.flags = ring.load32(self.header), ring.load32(self.header + 4)
        words = [ring.load64(self.header + at) for at in (8, 16, 24)]
        self.sequence, self.captured_ns, self.published_ns = words
        size = min(ring.load32(self.header + 32), ring.capacity)
        self.data = (ctypes.c_ubyte * size).from_address(ring.base + ring.data + slot * ring.stride)

    def intact(self):
        """True if all that was read of the frame until now was of this frame."""
        acquire_fence()
        return self.version % 2 == 0 and self.ring.load32(self.header) == self.version


class Ring:
    def __init__(self, root, name):
        fd = os.open(os.path.join(root, name, 'ring'), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        header, size = os.pread(fd, 4096, 0), os.fstat(fd).st_size
        magic, major = struct.unpack_from('<8sH', header)
        self.count, self.header_stride = struct.unpack_from('<II', header, 32)
        self.headers, self.data, self.stride, self.capacity, file_size = struct.unpack_from('<5Q', header, 40)
        self.fourcc, self.width, self.height = struct.unpack_from('<4sII', header, 80)
        if magic != b'CAMSRING' or major != 1 or file_size != size:
            raise ValueError('no ring that I can read')
        if self.headers + self.count * self.header_stride > self.data or self.capacity > self.stride \
                or self.data + self.count * self.stride != size:
            raise ValueError('a ring with offsets outside of it')
        self.base = libc.mmap(None, size, 1, 1, fd, 0)  # PROT_READ, MAP_SHARED
        os.close(fd)

    def load32(self, at):
        return ctypes.c_uint32.from_address(self.base + at).value

    def load64(self, at):
        return ctypes.c_uint64.from_address(self.base + at).value

    def newest(self, after):
        """The newest frame if it is newer than `after`; use its data, then ask intact()."""
        while True:
            head = self.load64(HEAD)
            if head >> 16 <= after or head & 0xffff >= self.count:
                return None
            frame = Frame(self, head & 0xffff)
            if frame.intact() and frame.sequence > after:
                return frame

    def wait(self, after):
        """Sleeps for 100 ms at most, or until a frame newer than `after` is there."""
        seen = self.load32(WAKE)
        if self.load64(HEAD) >> 16 <= after:
            word, timeout = ctypes.c_void_p(self.base + WAKE), struct.pack('@ll', 0, 100_000_000)
            libc.syscall(SYS_FUTEX, word, FUTEX_WAIT, ctypes.c_uint32(seen), timeout, 0, 0)


def main(root, name, seconds, hold_ms=0):
    """Counts frames of which all bytes are the low byte of their sequence, and frames that changed."""
    ring, last, end = Ring(root, name), 0, time.monotonic() + float(seconds)
    found = {'frames': 0, 'whole': 0, 'overwritten': 0, 'torn': 0, 'missed': 0, 'width': ring.width}
    while time.monotonic() < end and ring.load32(STATE) != CLOSED:
        ring.wait(last)
        frame = ring.newest(last)
        if frame is None:
            continue
        time.sleep(float(hold_ms) / 1000)
        right = bytes(frame.data) == bytes([frame.sequence & 0xff]) * len(frame.data)
        found['frames'] += 1
        found['missed'] += frame.sequence - last - 1 if last else 0
        found['overwritten' if not frame.intact() else 'whole' if right else 'torn'] += 1
        last = frame.sequence
    print(json.dumps(found))


if __name__ == '__main__':
    main(*sys.argv[1:])
