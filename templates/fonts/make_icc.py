"""Writes gray.icc: the smallest profile that says what a PDF/A's grey is, gamma 2.2 under D50 (ICC.1:2001-04)."""
import pathlib
import struct


def description(text):
    text = text.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


D50 = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
tags = [
    (b"desc", description("Gray gamma 2.2")),
    (b"cprt", b"text\0\0\0\0No copyright, use freely\0"),
    (b"wtpt", b"XYZ \0\0\0\0" + D50),
    (b"kTRC", b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))),
]
table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
for name, data in tags:
    table += name + struct.pack(">II", at + len(body), len(data))
    body += data + bytes(-len(data) % 4)
size = at + len(body)
head = struct.pack(">I4sI4s4s4s6H4s", size, b"\0\0\0\0", 0x02100000, b"mntr", b"GRAY", b"XYZ ", 2025, 1, 1, 0, 0, 0, b"acsp")
head = (head + bytes(68 - len(head)) + D50).ljust(128, b"\0")
pathlib.Path(__file__).with_name("gray.icc").write_bytes(head + table + body)
