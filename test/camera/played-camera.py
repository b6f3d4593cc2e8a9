#!/usr/bin/env python3
"""Plays a camera: a v4l2loopback device whose buffers come from standard input, each
behind its length (4 bytes, little-endian). Whatever the bytes are, they go out as one buffer.

played-camera.py DEVICE WIDTH HEIGHT [FOURCC]"""
import fcntl
import os
import struct
import sys

VIDIOC_S_FMT = 0xC0D05605
OUTPUT = 2
FIELD_NONE = 1
COLORSPACE_SRGB = 8


def main():
    path, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    fourcc = int.from_bytes((sys.argv[4] if len(sys.argv) > 4 else "MJPG").encode(), "little")
    device = os.open(path, os.O_RDWR)
    # struct v4l2_format: type, padding, then struct v4l2_pix_format in a union of 200 bytes.
    pix = struct.pack("<8I", width, height, fourcc, FIELD_NONE, 0, width * height * 2, COLORSPACE_SRGB, 0)
    fcntl.ioctl(device, VIDIOC_S_FMT, bytearray(struct.pack("<II", OUTPUT, 0) + pix.ljust(200, b"\0")))
    while header := sys.stdin.buffer.read(4):
        picture = sys.stdin.buffer.read(int.from_bytes(header, "little"))
        os.write(device, picture)
        print(len(picture), flush=True)


main()
