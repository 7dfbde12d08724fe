#!/usr/bin/env python3
"""Makes taxcert-sans-regular.otf, taxcert-sans-bold.otf and sequences.tsv. README.md says why and how.

usage: make.py [SOURCE_FOLDER [OUTPUT_FOLDER]]
Needs fontTools and uharfbuzz (requirements.txt). Same sources, same bytes. Units are font units, 1000 to the em.
"""
import hashlib
import os
import sys
import unicodedata
from array import array

import uharfbuzz as hb
from fontTools.agl import toUnicode
from fontTools.cffLib import cffStandardStrings
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import cmap_format_4
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
from fontTools.ttLib.tables.ttProgram import Program

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "din-91379-latin-list-1.3.txt")
SOURCE_FOLDER = "/usr/share/fonts/truetype/noto"  # Debian package fonts-noto-core 20201225-1
SHA256 = {
    "NotoSans-Regular.ttf": "89c3c497f618fdaa0b2d1e98fef93582f28c71debd2c4a8cdf41f190ced2909d",
    "NotoSans-Bold.ttf": "e83493c945848ecd4a9ad0f6d19164541a0d3e23a9c952304a00a46e00272ac5",
    "NotoSansMath-Regular.ttf": "8242bd1e55368b27e32455260754cf9aa58f3ad7ea80664b66c21f1b09910d6c",
    "din-91379-latin-list-1.3.txt": "f46f36f3959cd1fe4ca435d62d526d93ef48384e4ff1048bf0f60ee1149a3112",
}
WEIGHTS = {  # output: (source, weight name)
    "taxcert-sans-regular.otf": ("NotoSans-Regular.ttf", "Regular"),
    "taxcert-sans-bold.otf": ("NotoSans-Bold.ttf", "Bold"),
}
FAMILY, VERSION = "Taxcert Sans", "2.000"
TABLES = {"GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name", "post"}  # of the source's kept
TOLERANCE = 1  # units: how far a cubic curve may be from the source's quadratic ones
DIGIT_WIDTH = 572  # what most widths are stored as a difference to
# Names that a PDF's WinAnsiEncoding goes by, and that need no room in the file.
STANDARD = {ord(toUnicode(name)): name for name in [*cffStandardStrings[1:229], "Euro"]}
MODIFIED = 3850000000  # head.modified, seconds since 1904; a constant, so that the bytes never depend on the clock
PUA = 0xE000
# Wanted besides DIN 91379: printable ASCII, no-break space, dashes, quotes, bullet, ellipsis, minus, euro.
EXTRA = [*range(0x20, 0x7F), 0xA0, 0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2022, 0x2026, 0x20AC, 0x2212]
UNWANTED = {0x09, 0x0A, 0x0D}  # group N4, they have no ink and no width

GRAVE, CIRCUMFLEX, MACRON, COMMA_RIGHT, HORN, CEDILLA = 0x300, 0x302, 0x304, 0x315, 0x31B, 0x327
RING_BELOW, MACRON_BELOW, DOUBLE_MACRON_BELOW = 0x325, 0x331, 0x35F


def din_list():
    """The rows of the DIN 91379 list as (group, kind, tuple of code points), in its order."""
    rows = []
    with open(LIST, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                group, kind, points = line.split("; ")[:3]
                rows.append((group, kind, tuple(int(p, 16) for p in points.split())))
    return rows


def nfc(points):
    return tuple(ord(c) for c in unicodedata.normalize("NFC", "".join(map(chr, points))))


def sequences(rows):
    """(PUA code point, NFC code points) of each sequence that stays one after NFC, and how many do not."""
    seqs = [nfc(points) for _, kind, points in rows if kind == "seq"]
    kept = [s for s in seqs if len(s) > 1]
    assert len(set(kept)) == len(kept)
    return [(PUA + i, s) for i, s in enumerate(kept)], len(seqs) - len(kept)


# ---------------------------------------------------------------- outlines

class Outline:
    """A flat TrueType outline: points (x, y, on-curve), the end of each contour, and its box."""

    def __init__(self, points=(), ends=()):
        self.points, self.ends = list(points), list(ends)

    @classmethod
    def of(cls, font, name):
        glyf = font["glyf"]
        coords, ends, flags = glyf[name].getCoordinates(glyf)
        out = cls([(round(x), round(y), f & 1) for (x, y), f in zip(coords, flags)], ends)
        if mirrored(glyf, name):
            out.reverse()
        return out

    @classmethod
    def rectangle(cls, x0, y0, x1, y1):
        return cls([(x0, y0, 1), (x0, y1, 1), (x1, y1, 1), (x1, y0, 1)], [3])

    def reverse(self):
        points, start = [], 0
        for end in self.ends:
            points += self.points[start : end + 1][::-1]
            start = end + 1
        self.points = points

    def moved(self, dx, dy):
        return Outline([(x + dx, y + dy, on) for x, y, on in self.points], self.ends)

    def __add__(self, other):
        n = len(self.points)
        return Outline(self.points + other.points, self.ends + [e + n for e in other.ends])

    x0 = property(lambda self: min(p[0] for p in self.points))
    x1 = property(lambda self: max(p[0] for p in self.points))
    y0 = property(lambda self: min(p[1] for p in self.points))
    y1 = property(lambda self: max(p[1] for p in self.points))

    def glyph(self):
        g = Glyph()
        g.numberOfContours = len(self.ends)
        if not self.ends:
            return g
        g.coordinates = GlyphCoordinates([(x, y) for x, y, _ in self.points])
        g.flags = array("B", [on for _, _, on in self.points])
        g.endPtsOfContours = list(self.ends)
        g.program = Program()
        g.program.fromBytecode(b"")
        return g


def mirrored(glyf, name):
    """Whether the glyph is drawn wholly by components that mirror it, which turns its contours round."""
    g = glyf[name]
    if not g.isComposite():
        return False
    signs = set()
    for c in g.components:
        (a, b), (d, e) = getattr(c, "transform", ((1, 0), (0, 1)))
        signs.add((a * e - b * d < 0) != mirrored(glyf, c.glyphName))
    assert len(signs) == 1, name + ": some components mirrored, some not"
    return signs.pop()


# ---------------------------------------------------------------- sequences

def shape(hbfont, font, points):
    """[(Outline, advance)] as HarfBuzz and the source's anchors place them; kerning and ligatures off."""
    buf = hb.Buffer()
    buf.add_codepoints(list(points))
    buf.guess_segment_properties()
    hb.shape(hbfont, buf, {"kern": False, "liga": False})
    parts, pen = [], 0
    for info, pos in zip(buf.glyph_infos, buf.glyph_positions):
        name = font.getGlyphName(info.codepoint)
        parts.append((Outline.of(font, name).moved(pen + pos.x_offset, pos.y_offset), pos.x_advance))
        pen += pos.x_advance
    assert len(parts) == len(points), points
    return parts


def place(font, hbfont, points):
    """(parts, advance): the base's outline and each mark's, at their final places."""
    parts = shape(hbfont, font, points)
    advance = sum(a for _, a in parts)
    outlines = [o for o, _ in parts]
    base = outlines[0]
    letter = points[0]

    if DOUBLE_MACRON_BELOW in points:
        # The source's bar is thin and sits under the gap, left of the middle; draw one under both letters, as heavy as U+0331.
        k, h = outlines[0], outlines[2]
        like = Outline.of(font, font.getBestCmap()[MACRON_BELOW])
        inset = 0.18
        bar = Outline.rectangle(round(k.x0 + inset * (k.x1 - k.x0)), like.y0, round(h.x1 - inset * (h.x1 - h.x0)), like.y1)
        return [k, bar, h], advance

    for i, mark in enumerate(points[1:], 1):
        o = outlines[i]
        dx = dy = 0
        if mark in (GRAVE, CIRCUMFLEX, MACRON) and letter in STEM_LEFT:
            # The source centres these on the stem, so that they hang over the letter before.
            dx = max(0, base.x0 + STEM_LEFT[letter] - o.x0)
        elif mark == RING_BELOW:
            # The source's ring touches the letter in Bold.
            dy = min(0, base.y0 - 30 - o.y1)
            dx = max(0, base.x0 - 25 - o.x0) if letter == 0x72 else 0  # r: nearer to the middle
        elif mark == CEDILLA:
            # The source's cedilla only meets the edge of a flat foot (Z, z): sink it in.
            dy = max(0, base.y0 + 10 - o.y1)
        elif mark == COMMA_RIGHT and unicodedata.category(chr(letter)) == "Ll":
            # The source puts it at x-height on c and p, far above k and t: everywhere the height of an apostrophe.
            dy = 714 - o.y1
            dx = base.x1 + COMMA_GAP.get(letter, 35) - o.x0
        elif mark == COMMA_RIGHT:
            dx = max(0, base.x1 + 25 - o.x0)
        elif mark == HORN and letter in HORN_BELOW_TOP:
            # The source's anchor is at ascender height, far from the ink: attach to the top right end at x-height.
            like_s = shape(hbfont, font, (0x73, HORN))[1][0]
            dy = like_s.y0 - o.y0
            dx = base.x1 - HORN_BELOW_TOP[letter] - o.x0
        outlines[i] = o.moved(dx, dy)

    marks = outlines[1:]
    left = min(o.x0 for o in marks)
    right = max(o.x1 for o in marks)
    if left < min(0, base.x0):  # no mark may hang over the letter before ...
        outlines = [o.moved(10 - left, 0) for o in outlines]
        advance += 10 - left
        right += 10 - left
    spacing = {COMMA_RIGHT: 30, HORN: 10}
    room = max((spacing[m] for m in points[1:] if m in spacing), default=None)
    if room is not None:  # ... nor over the letter after
        advance = max(advance, right + room)
    elif right > max(advance, base.x1 + 15):
        advance = right + 10
    return outlines, advance


STEM_LEFT = {0x4C: 20, 0x68: -25, 0x6B: -25, 0x1E33: -25}  # L h k ḳ: how far right of the base's left edge the mark begins at least
COMMA_GAP = {0x6B: 10, 0x74: 25}  # k t
HORN_BELOW_TOP = {0x6B: 95, 0x74: 70}  # k t: how far left of the base's right edge the horn begins


# ---------------------------------------------------------------- font

def drawn(font, point):
    """(Outline, advance) of a mathematical sign the source lacks, made of its parts; None for others."""
    cmap, advance = font.getBestCmap(), 572
    if point == 0x2212:  # the bar of the plus sign
        p = Outline.of(font, cmap[0x2B])
        ys = sorted({y for x, y, _ in p.points if x == p.x0})
        return Outline.rectangle(p.x0, ys[0], p.x1, ys[1]), advance
    if point in (0x2264, 0x2265):  # less, greater, raised over the lower bar of the equals sign
        eq = Outline.of(font, cmap[0x3D])
        thick = sorted({y for _, y, _ in eq.points})
        thick = thick[1] - thick[0]
        o = Outline.of(font, cmap[0x3C if point == 0x2264 else 0x3E])
        o = o.moved(0, 50)
        return o + Outline.rectangle(o.x0, o.y0 - 30 - thick, o.x1, o.y0 - 30), advance
    return None


def build(source_folder, source, weight, rows, seqs):
    font = TTFont(os.path.join(source_folder, source), lazy=False, recalcTimestamp=False)
    with open(os.path.join(source_folder, source), "rb") as f:
        hbfont = hb.Font(hb.Face(f.read()))
    math = TTFont(os.path.join(source_folder, "NotoSansMath-Regular.ttf"), lazy=False)
    cmap, hmtx = font.getBestCmap(), font["hmtx"]

    wanted = set(EXTRA)
    for _, kind, points in rows:
        wanted.update(points)
    glyphs = {".notdef": (Outline.of(font, ".notdef"), hmtx[".notdef"][0])}
    newcmap = {}
    for point in sorted(wanted - UNWANTED):
        if point in cmap:
            made = Outline.of(font, cmap[point]), hmtx[cmap[point]][0]
        elif point == 0x221E:
            name = math.getBestCmap()[point]
            made = Outline.of(math, name), math["hmtx"][name][0]
        else:
            made = drawn(font, point)
            assert made, "U+%04X is missing" % point
        newcmap[point] = STANDARD.get(point, "u%04X" % point)
        glyphs[newcmap[point]] = made
    for pua, points in seqs:
        outlines, advance = place(font, hbfont, points)
        made = outlines[0]
        for o in outlines[1:]:
            made = made + o
        newcmap[pua] = "u%04X" % pua
        glyphs[newcmap[pua]] = made, advance

    for tag in list(font.keys()):
        if tag not in TABLES:
            del font[tag]
    order = list(glyphs)
    glyf = font["glyf"]
    font.setGlyphOrder(order)
    glyf.glyphs = {name: o.glyph() for name, (o, _) in glyphs.items()}
    glyf.glyphOrder = order
    font["hmtx"].metrics = {name: (adv, o.x0 if o.points else 0) for name, (o, adv) in glyphs.items()}
    font["cmap"].tables = []
    for platform, encoding in ((0, 3), (3, 1)):
        t = cmap_format_4(4)
        t.platformID, t.platEncID, t.language, t.cmap = platform, encoding, 0, dict(newcmap)
        font["cmap"].tables.append(t)

    head, os2, maxp = font["head"], font["OS/2"], font["maxp"]
    head.modified, head.fontRevision = MODIFIED, float(VERSION)
    head.flags = 0x0003  # baseline at 0, left bearing at 0; no hints
    maxp.maxZones = 1
    for key in ("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions"):
        setattr(maxp, key, 0)
    os2.achVendID, os2.fsType, os2.usMaxContext = "    ", 0, 1
    os2.recalcUnicodeRanges(font)
    os2.recalcAvgCharWidth(font)
    os2.usWinAscent = max(o.y1 for o, _ in glyphs.values() if o.points)
    os2.usWinDescent = -min(o.y0 for o, _ in glyphs.values() if o.points)
    post = font["post"]
    post.formatType, post.extraNames, post.mapping = 3.0, [], {}
    rename(font["name"], weight)
    return font


def cubic(font, weight):
    """The font with CFF outlines in place of its own, as few curves as come within TOLERANCE."""
    glyphs, widths, charstrings = font.getGlyphSet(), font["hmtx"], {}
    for name in font.getGlyphOrder():
        width = widths[name][0]
        pen = T2CharStringPen(None if width == DIGIT_WIDTH else width - DIGIT_WIDTH, None)
        glyphs[name].draw(Qu2CuPen(pen, TOLERANCE, all_cubic=True, reverse_direction=True))
        charstrings[name] = pen.getCharString()
    del font["glyf"], font["loca"], font["maxp"]
    builder = FontBuilder(font=font, isTTF=False)
    builder.setupCFF("TaxcertSans-" + weight, {}, charstrings, {"defaultWidthX": DIGIT_WIDTH, "nominalWidthX": DIGIT_WIDTH})
    builder.setupMaxp()
    font.sfntVersion = "OTTO"
    return font


def rename(name, weight):
    keep = {i: name.getDebugName(i) for i in (0, 9, 13, 14)}  # copyright, designer, licence, its address
    name.names = []
    keep.update({
        1: FAMILY, 2: weight, 4: FAMILY + " " + weight, 5: "Version " + VERSION,
        3: "%s;%s" % (VERSION, "TaxcertSans-" + weight), 6: "TaxcertSans-" + weight,
        10: "A modified version of Noto Sans 2.004: the letters of DIN 91379, flattened, with one glyph in the Private Use Area for each of its sequences.",
    })
    for i in sorted(keep):
        name.setName(keep[i], i, 3, 1, 0x409)


def write_table(path, seqs, folded):
    with open(path, "w", encoding="ascii", newline="\n") as f:
        f.write("# Glyphs of the DIN 91379 sequences in Taxcert Sans: Private Use code point, tab, the sequence in NFC. Sequences after the "
                "list of String-Latin, DIN 91379:2022-08, CC-BY 4.0. %d entries, %d left out as NFC makes them one code point. "
                "Made by make.py.\n" % (len(seqs), folded))
        for pua, points in seqs:
            f.write("%04X\t%s\n" % (pua, " ".join("%04X" % p for p in points)))


def verify(path):
    with open(path, "rb") as f:
        if hashlib.sha256(f.read()).hexdigest() != SHA256[os.path.basename(path)]:
            sys.exit("make.py: %s is not the file expected (Debian package fonts-noto-core 20201225-1)" % path)


def main():
    source_folder = sys.argv[1] if len(sys.argv) > 1 else SOURCE_FOLDER
    out = sys.argv[2] if len(sys.argv) > 2 else HERE
    for name in SHA256:
        verify(LIST if name.endswith(".txt") else os.path.join(source_folder, name))
    rows = din_list()
    seqs, folded = sequences(rows)
    for target, (source, weight) in WEIGHTS.items():
        font = cubic(build(source_folder, source, weight, rows, seqs), weight)
        font.save(os.path.join(out, target), reorderTables=True)
        print("%s: %d glyphs, %d bytes" % (target, len(font.getGlyphOrder()), os.path.getsize(os.path.join(out, target))))
    write_table(os.path.join(out, "sequences.tsv"), seqs, folded)
    print("sequences.tsv: %d sequences, U+%04X to U+%04X" % (len(seqs), seqs[0][0], seqs[-1][0]))


if __name__ == "__main__":
    main()
