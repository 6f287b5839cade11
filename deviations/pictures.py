"""Taking out of a picture what the camera wrote about place, time, owner and device. The picture itself is
not changed.

What is kept of a JPEG's Exif is which way up it is; without it a telephone's picture lies on its side.
"""

from __future__ import annotations

import struct
from typing import IO

# JPEG: APP0 is JFIF, APP2 holds the colour profile, APP14 how the colours are coded. APP1 is Exif and XMP,
# APP13 IPTC.
_KEPT_SEGMENTS = {0xE0, 0xE2, 0xEE}
_KEPT_CHUNKS = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"sBIT",
    b"bKGD",
    b"pHYs",
}
_ORIENTATION = 0x0112


def without_metadata(source: IO[bytes], target: IO[bytes], kind: str) -> None:
    """Write the picture of `source` ("jpeg" or "png", inspected before) to `target` without what is about it.

    Anything after the picture's end (a second picture, a film) is left out too. Raises ValueError for a
    damaged file.
    """
    source.seek(0)
    (_jpeg if kind == "jpeg" else _png)(source.read(), target)


def _jpeg(data: bytes, target: IO[bytes]) -> None:
    target.write(b"\xff\xd8")
    position, way_up = 2, 1
    kept: list[bytes] = []
    while True:
        if position + 4 > len(data) or data[position] != 0xFF:
            raise ValueError("damaged JPEG")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        length = struct.unpack_from(">H", data, position + 2)[0]
        segment = data[position : position + 2 + length]
        if marker == 0xE1:
            way_up = _orientation(segment) or way_up
        elif (marker in _KEPT_SEGMENTS and not segment[4:].startswith(b"MPF\0")) or not (
            0xE0 <= marker <= 0xEF or marker == 0xFE
        ):
            kept.append(segment)
        position += 2 + length
        if marker == 0xDA:
            break
    end = _jpeg_end(data, position)
    if way_up != 1:
        tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, way_up, 0, 0)
        target.write(b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff)
    for segment in kept:
        target.write(segment)
    target.write(data[position:end])


def _jpeg_end(data: bytes, position: int) -> int:
    """Where the picture ends. Within a scan FF is followed by 00 or a restart; a progressive one has several
    scans.
    """
    end = data.find(b"\xff\xd9", position)
    if end < 0:
        raise ValueError("damaged JPEG")
    return end + 2


def _orientation(segment: bytes) -> int | None:
    if segment[4:10] != b"Exif\0\0":
        return None
    tiff = segment[10:]
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        if order is None:
            return None
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for i in range(min(struct.unpack_from(f"{order}H", tiff, at)[0], 200)):
            tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * i)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return None
    return None


def _png(data: bytes, target: IO[bytes]) -> None:
    target.write(data[:8])
    position = 8
    while position + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        if name in _KEPT_CHUNKS:
            target.write(data[position : position + 12 + length])
        position += 12 + length
        if name == b"IEND":
            return
    raise ValueError("damaged PNG")
