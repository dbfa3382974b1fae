"""Writes one small image of every kind that is read into images/, and images.json with its pixels.

Run: python make_images.py (Pillow 13 with libtiff 4.7, tifffile 2026.3, numpy 2.4).
The pixels are those that the array had before writing or, where a format changes them (JPEG, palettes,
few bits), those that Pillow reads back.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

HERE = Path(__file__).parent
OUT = HERE / "images"
OUT.mkdir(exist_ok=True)
cases = []


def ramp(*shape, dtype=np.uint8, step=37):
    """Numbers that differ along every axis."""
    last = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1000
    return (np.arange(np.prod(shape)) * step % (last + 1)).astype(dtype).reshape(shape)


def case(file, pixels, depth, notices=(), size_nm=None, tolerance=0, pages=1):
    """`pixels` is (h, w) or (h, w, c); written down as (c, h, w)."""
    pixels = np.atleast_3d(np.asarray(pixels, np.float64)).transpose(2, 0, 1)
    cases.append({
        "file": file, "depth": depth, "shape": list(pixels.shape), "pixels": pixels.ravel().tolist(),
        "notices": list(notices), "pixel_size_nm": size_nm, "tolerance": tolerance, "pages": pages,
    })


def pillow_reads(file, mode):
    return np.asarray(Image.open(OUT / file).convert(mode))


ALPHA = ["the alpha channel was dropped"]
ROUNDED = ["integers beyond 2^24 were rounded to the nearest 32-bit float"]
gray, rgb, rgba = ramp(5, 7), ramp(5, 7, 3), ramp(5, 7, 4)
gray16, rgb16 = ramp(5, 7, dtype=np.uint16, step=9001), ramp(5, 7, 3, dtype=np.uint16, step=9001)
palette = Image.fromarray(ramp(5, 7) % 16).convert("L")
palette = Image.frombytes("P", palette.size, palette.tobytes())
palette.putpalette(ramp(16, 3, step=83).ravel().tolist())
bilevel = Image.fromarray(ramp(5, 11)).point(lambda v: 255 * (v > 90)).convert("1")


# --- PNG
def png(file, bit_depth, color_type, rows, chunks=()):
    """A PNG that Pillow cannot write; `rows` are packed."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    height, width = len(rows), 7
    header = struct.pack(">IIBBBBB", width, height, bit_depth, color_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    body = b"".join(chunk(*c) for c in [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")])
    (OUT / file).write_bytes(b"\x89PNG\r\n\x1a\n" + body)


for name, array in [("gray8", gray), ("rgb8", rgb), ("gray16", gray16)]:
    Image.fromarray(array).save(OUT / f"{name}.png")
    case(f"{name}.png", array, "u16" if array.dtype == np.uint16 else "u8")
Image.fromarray(rgba).save(OUT / "rgba8.png")
case("rgba8.png", rgba[..., :3], "u8", ALPHA)
Image.fromarray(rgba[..., :2], "LA").save(OUT / "gray8_alpha.png")
case("gray8_alpha.png", rgba[..., 0], "u8", ALPHA)
bilevel.save(OUT / "gray1.png")
case("gray1.png", pillow_reads("gray1.png", "L"), "u8")
for bits in (2, 4):
    rows = ramp(3, 7 * bits // 8 + 1, step=61)
    png(f"gray{bits}.png", bits, 0, rows)
    case(f"gray{bits}.png", pillow_reads(f"gray{bits}.png", "L"), "u8")
png("rgb16.png", 16, 2, [row.astype(">u2").tobytes() for row in rgb16])
case("rgb16.png", rgb16, "u16")
palette.save(OUT / "palette4.png")
case("palette4.png", pillow_reads("palette4.png", "RGB"), "u8")
palette.save(OUT / "palette_alpha.png", transparency=3)
case("palette_alpha.png", pillow_reads("palette_alpha.png", "RGBA")[..., :3], "u8", ALPHA)

# --- JPEG
smooth = np.add.outer(np.arange(8) * 9, np.arange(8) * 17)[..., None] + np.array([0, 30, 60])
smooth = smooth.astype(np.uint8)
jpegs = [
    ("gray.jpg", smooth[..., 0], {}), ("rgb.jpg", smooth, {"subsampling": 0}),
    ("progressive.jpg", smooth, {"subsampling": 0, "progressive": True}),
]
for file, array, options in jpegs:
    Image.fromarray(array).save(OUT / file, quality=95, **options)
    case(file, Image.open(OUT / file), "u8", tolerance=2)

Image.fromarray(smooth).convert("CMYK").save(OUT / "cmyk.jpg", quality=95)
case("cmyk.jpg", pillow_reads("cmyk.jpg", "RGB"), "u8", tolerance=3)

# --- BMP
Image.fromarray(rgb).save(OUT / "rgb.bmp")
case("rgb.bmp", rgb, "u8")
Image.fromarray(gray).save(OUT / "gray.bmp")
case("gray.bmp", gray, "u8")
bilevel.save(OUT / "bilevel.bmp")
case("bilevel.bmp", pillow_reads("bilevel.bmp", "L"), "u8")
palette.save(OUT / "palette.bmp")
case("palette.bmp", pillow_reads("palette.bmp", "RGB"), "u8")

# --- TIFF by tifffile
def tiff(file, array, depth, expected=None, notices=(), size_nm=None, pages=1, **options):
    options = {"photometric": "minisblack", "metadata": None, "software": False} | options
    tifffile.imwrite(OUT / file, array, **options)
    case(file, array if expected is None else expected, depth, notices, size_nm, pages=pages)


tiff("gray8.tif", gray, "u8")
tiff("gray16_big_endian.tif", gray16, "u16", byteorder=">")
tiff("gray16_bigtiff.tif", gray16, "u16", bigtiff=True)
tiff("gray16_bigtiff_big_endian.tif", gray16, "u16", bigtiff=True, byteorder=">")
tiff("rgb8_strips.tif", rgb, "u8", photometric="rgb", rowsperstrip=2)
tiff("rgb16_planar.tif", rgb16.transpose(2, 0, 1), "u16", rgb16, photometric="rgb", planarconfig="separate")
tiff("five_channels.tif", ramp(5, 7, 5), "u8", planarconfig="contig", extrasamples=[0] * 4)
five = ramp(5, 7, 5, dtype=np.uint16, step=999)
tiff("five_channels_planar_strips.tif", five.transpose(2, 0, 1), "u16", five, planarconfig="separate",
     extrasamples=[0] * 4, rowsperstrip=2)
tiff("tiles.tif", ramp(18, 20), "u8", tile=(16, 16))
tiff("tiles_rgb_planar.tif", ramp(18, 20, 3).transpose(2, 0, 1), "u8", ramp(18, 20, 3), photometric="rgb",
     planarconfig="separate", tile=(16, 16))
floats = (np.arange(35).reshape(5, 7) - 7.5) / 3
for dtype in (np.float16, np.float32, np.float64):
    array = floats.astype(dtype)
    tiff(f"{np.dtype(dtype).name}.tif", array, "f32", array.astype(np.float32))
tiff("float32_big_endian.tif", floats.astype(np.float32), "f32", byteorder=">")
tiff("int16.tif", ramp(5, 7, dtype=np.int16, step=1999) - 16000, "f32")
tiff("int32.tif", (ramp(5, 7) - 100.0).astype(np.int32), "f32")
wide = np.array([[0, 2**24], [2**24 + 1, 2**32 - 1]], np.uint32)
tiff("uint32_rounded.tif", wide, "f32", wide.astype(np.float32), ROUNDED)
tiff("white_is_zero8.tif", gray, "u8", 255 - gray, photometric="miniswhite")
tiff("white_is_zero16.tif", gray16, "u16", 65535 - gray16, photometric="miniswhite")
tiff("rgb8_alpha.tif", rgba, "u8", rgba[..., :3], ALPHA, photometric="rgb", extrasamples=["unassalpha"])
tiff("rgb8_premultiplied.tif", rgba, "u8", rgba[..., :3], ALPHA, photometric="rgb", extrasamples=["assocalpha"])
tiff("rgb8_infrared.tif", rgba, "u8", photometric="rgb", extrasamples=["unspecified"])
tiff("gray8_alpha.tif", rgba[..., :2], "u8", rgba[..., 0], ALPHA, planarconfig="contig", extrasamples=["unassalpha"])
tiff("deflate.tif", rgb16, "u16", photometric="rgb", compression="zlib")
stack = ramp(3, 5, 7)
extra = ["2 further pages were ignored"]
tiff("three_pages.tif", stack, "u8", stack[0], extra, pages=3)
micron = {"unit": "um", "spacing": 0.3}
tiff("imagej.tif", stack, "u8", stack[0], extra, [500.0, 250.0], 3, imagej=True, resolution=(4, 2), metadata={"axes": "ZYX"} | micron)
ome = {"axes": "YX", "PhysicalSizeX": 1.5, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.002, "PhysicalSizeYUnit": "µm"}
tiff("ome.ome.tif", gray16, "u16", None, (), [2.0, 1.5], ome=True, metadata=ome)
tiff("dots_per_inch.tif", gray, "u8", resolution=(300, 300), resolutionunit="inch")

# --- TIFF by Pillow and libtiff
def libtiff(file, image, mode, tolerance=0, **options):
    image.save(OUT / file, **options)
    case(file, pillow_reads(file, mode), "u8", tolerance=tolerance)


libtiff("palette.tif", palette, "RGB")
libtiff("palette_lzw.tif", palette, "RGB", compression="tiff_lzw")
libtiff("bilevel.tif", bilevel, "L")
libtiff("bilevel_group4.tif", bilevel, "L", compression="group4")
libtiff("packbits.tif", Image.fromarray(rgb), "RGB", compression="packbits")
libtiff("lzw_predictor.tif", Image.fromarray(rgb), "RGB", compression="tiff_lzw", tiffinfo={317: 2})
libtiff("lzw_predictor_alpha.tif", Image.fromarray(rgba), "RGBA", compression="tiff_lzw", tiffinfo={317: 2})
cases[-1]["shape"], cases[-1]["notices"] = [3, 5, 7], ALPHA
cases[-1]["pixels"] = cases[-1]["pixels"][:105]
libtiff("jpeg.tif", Image.fromarray(smooth), "RGB", 3, compression="jpeg", quality=95)
libtiff("jpeg_gray.tif", Image.fromarray(smooth[..., 0]), "L", 2, compression="jpeg", quality=95)


# --- TIFF by hand: few bits, which the writers above do not write
def raw_tiff(file, bits, photometric, rows, color_map=()):
    tags = [(256, 4, [7]), (257, 4, [len(rows)]), (258, 3, [bits]), (259, 3, [1]), (262, 3, [photometric]),
            (273, 4, [None]), (277, 3, [1]), (278, 4, [len(rows)]), (279, 4, [rows.size])]
    tags += [(320, 3, list(color_map))] if len(color_map) else []
    values = b"".join(struct.pack("<H", v) for v in color_map)
    values_at = 8 + 2 + 12 * len(tags) + 4
    entries = b""
    for tag, kind, data in tags:
        data = [values_at + len(values)] if data == [None] else data
        inline = struct.pack("<I", data[0] if len(data) == 1 else values_at)
        entries += struct.pack("<HHI", tag, kind, len(data)) + inline
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0\0\0\0"
    (OUT / file).write_bytes(head + values + rows.tobytes())


for bits in (2, 4):
    rows = ramp(3, 7 * bits // 8 + 1, step=61)
    for name, photometric in [("", 1), ("_white_is_zero", 0)]:
        file = f"gray{bits}{name}.tif"
        raw_tiff(file, bits, photometric, rows)
        case(file, pillow_reads(file, "L"), "u8")
rows = ramp(3, 4, step=61)
raw_tiff("palette4.tif", 4, 3, rows, ramp(48, dtype=np.uint16, step=4111))
indices = np.stack([rows >> 4, rows & 15], axis=-1).reshape(3, 8)[:, :7]
case("palette4.tif", (ramp(48, dtype=np.uint16, step=4111).reshape(3, 16) >> 8).T[indices], "u8")
raw_tiff("palette4_of_bytes.tif", 4, 3, rows, ramp(48))
case("palette4_of_bytes.tif", ramp(48).reshape(3, 16).T[indices], "u8")

# --- NPY
def npy(file, array, depth, expected=None, notices=()):
    np.save(OUT / file, array)
    case(file, array if expected is None else expected, depth, notices)


npy("uint8.npy", gray, "u8")
npy("bool.npy", gray > 90, "u8", 255 * (gray > 90))
npy("uint16_big_endian.npy", gray16.astype(">u2"), "u16")
npy("int8.npy", (gray.astype(int) - 128).astype(np.int8), "f32")
npy("int64_rounded.npy", np.array([[2**40 + 1, -3]]), "f32", np.array([[2**40 + 1, -3]], np.float32), ROUNDED)
npy("float32_fortran.npy", np.asfortranarray(floats.astype(np.float32)), "f32")
npy("float64.npy", floats, "f32", floats.astype(np.float32))
npy("rgb_channels_last.npy", rgb16, "u16")
npy("rgba_kept.npy", rgba, "u8")
npy("rgb_channels_first.npy", rgb.transpose(2, 0, 1), "u8", rgb)
npy("four_channels_first.npy", np.asfortranarray(ramp(4, 6, 5)), "u8", ramp(4, 6, 5).transpose(1, 2, 0))
npy("two_channels_last.npy", ramp(3, 3, 2), "u8")

lines = ",\n".join(json.dumps(case) for case in cases)
(HERE / "images.json").write_text(f"[\n{lines}\n]\n")
print(len(cases), "images,", sum(f.stat().st_size for f in OUT.iterdir()), "bytes")
