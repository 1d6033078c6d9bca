"""Image files of every kind that users have, and files that only look like images."""

import struct
import zlib

import numpy as np
from PIL import ExifTags, Image, ImageCms
from toy_files import encoded, interlaced, picture, png, png_of_16_bits

HEIGHT, WIDTH = 40, 56
PICTURE = picture(HEIGHT, WIDTH)
GREY = np.asarray(Image.fromarray(PICTURE).convert("L"))
TWO = [Image.fromarray(PICTURE), Image.fromarray(255 - PICTURE)]
INK = Image.fromarray(GREY > 99)


def grey_of(pixels):
    return np.repeat(np.asarray(pixels)[..., None], 3, axis=-1)


def with_alpha(pixels):
    alpha = np.where(np.arange(WIDTH) < WIDTH // 3, 0, 255).astype(np.uint8)
    return np.concatenate([pixels, np.broadcast_to(alpha[:, None], (HEIGHT, WIDTH, 1))], axis=-1)


def turned(orientation):
    """A JPEG stored so that it is displayed as the picture."""
    back = {6: 8, 8: 6}.get(orientation, orientation)
    method = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    image, exif = Image.fromarray(PICTURE), Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded(image.transpose(method[back]) if orientation > 1 else image, "JPEG", quality=95, exif=exif)


def tiff(pixels, bits):
    """An uncompressed little-endian TIFF of [height, width, channels] with so many bits a channel."""
    height, width, channels = pixels.shape
    data = pixels.astype({8: "<u1", 16: "<u2"}[bits]).tobytes()
    depths = struct.pack(f"<{channels}H", *[bits] * channels)
    start = 8 + len(data)
    rows = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, start), (259, 3, 1, 1), (262, 3, 1, 2)]
    rows += [(273, 4, 1, 8), (277, 3, 1, channels), (278, 3, 1, height), (279, 4, 1, len(data)), (284, 3, 1, 1)]
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    directory = struct.pack("<H", len(rows)) + table + b"\0" * 4
    return b"II*\0" + struct.pack("<I", start + len(depths)) + data + depths + directory


def lab():
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.applyTransform(Image.fromarray(PICTURE), ImageCms.buildTransform(*profiles, "RGB", "LAB"))


def rows_of(pixels):
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


# name -> file, what it shows, mean difference that is allowed.
SOUND = {
    "rgb16.png": (png_of_16_bits(PICTURE.astype(np.uint16) * 257), PICTURE, 0),
    "rgba16.png": (png_of_16_bits(with_alpha(PICTURE).astype(np.uint16) * 257), PICTURE, 0),
    "la16.png": (png_of_16_bits(with_alpha(GREY[..., None]).astype(np.uint16) * 257), grey_of(GREY), 0),
    "grey16.png": (encoded(GREY.astype(np.uint16) * 257), grey_of(GREY), 0),
    "grey16.tif": (encoded(GREY.astype(np.uint16) * 257, "TIFF"), grey_of(GREY), 0),
    "grey16.pgm": (encoded(GREY.astype(np.uint16) * 257, "PPM"), grey_of(GREY), 0),
    "rgb16.tif": (tiff(PICTURE.astype(int) * 257, 16), PICTURE, 0),
    "rgb8.tif": (tiff(PICTURE, 8), PICTURE, 0),
    "rgba.png": (encoded(with_alpha(PICTURE)), PICTURE, 0),
    "la.png": (encoded(Image.fromarray(with_alpha(GREY[..., None]))), grey_of(GREY), 0),
    "grey2.png": (encoded(GREY >> 6, bits=2), grey_of((GREY >> 6) * 85), 0),
    "bit.png": (encoded(INK), grey_of(np.where(INK, 255, 0)), 0),
    "fax.tif": (encoded(INK, "TIFF", compression="group4"), grey_of(np.where(INK, 255, 0)), 0),
    "bit.bmp": (encoded(INK, "BMP"), grey_of(np.where(INK, 255, 0)), 0),
    "bit.pbm.ppm": (encoded(INK, "PPM"), grey_of(np.where(INK, 255, 0)), 0),
    "interlaced.png": (interlaced(PICTURE), PICTURE, 0),
    "gamma.png": (png(rows_of(PICTURE), WIDTH, HEIGHT, 8, 2, extra=[(b"gAMA", struct.pack(">I", 20000))]), PICTURE, 0),
    "key.png": (png(rows_of(PICTURE), WIDTH, HEIGHT, 8, 2, extra=[(b"tRNS", bytes(6))]), PICTURE, 0),
    "profile.png": (encoded(PICTURE, icc_profile=profile()), PICTURE, 0),
    "profile.jpg": (encoded(PICTURE, "JPEG", quality=95, icc_profile=profile()), PICTURE, 3),
    "trailing.png": (encoded(PICTURE) + b"junk" * 99, PICTURE, 0),
    "trailing.jpg": (encoded(PICTURE, "JPEG", quality=95) + b"\0" * 99, PICTURE, 3),
    "comment.jpg": (encoded(PICTURE, "JPEG", quality=95, comment=b"\xff\xd9 ends here?"), PICTURE, 3),
    "restarts.jpg": (encoded(PICTURE, "JPEG", quality=95, restart_marker_blocks=1), PICTURE, 3),
    "red.jpg": (encoded(PICTURE, "JPEG", quality=95, keep_rgb=True), PICTURE, 3),
    "progressive.jpg": (encoded(PICTURE, "JPEG", quality=95, progressive=True), PICTURE, 3),
    "grey.jpg": (encoded(GREY, "JPEG", quality=95), grey_of(GREY), 3),
    "cmyk.jpg": (encoded(Image.fromarray(PICTURE).convert("CMYK"), "JPEG", quality=95), PICTURE, 5),
    "cmyk.tif": (encoded(Image.fromarray(PICTURE).convert("CMYK"), "TIFF"), PICTURE, 3),
    "jpeg.tif": (encoded(PICTURE, "TIFF", compression="jpeg", quality=95), PICTURE, 3),
    "lzw.tif": (encoded(PICTURE, "TIFF", compression="tiff_lzw"), PICTURE, 0),
    "lab.tif": (encoded(lab(), "TIFF"), PICTURE, 8),
    "pages.tif": (encoded(TWO[0], "TIFF", save_all=True, append_images=TWO[1:]), PICTURE, 0),
    "moving.png": (encoded(TWO[0], "PNG", save_all=True, append_images=TWO[1:]), PICTURE, 0),
    "moving.webp": (encoded(TWO[0], "WEBP", save_all=True, append_images=TWO[1:], lossless=True), PICTURE, 0),
    "moving.gif": (encoded(TWO[0], "GIF", save_all=True, append_images=TWO[1:]), PICTURE, 9),
    "grey.gif": (encoded(GREY, "GIF"), grey_of(GREY), 0),
    "palette.bmp": (encoded(Image.fromarray(PICTURE).quantize(200), "BMP"), PICTURE, 9),
    "alpha.bmp": (encoded(Image.fromarray(with_alpha(PICTURE)), "BMP"), PICTURE, 0),
    "jpeg_called.png": (encoded(PICTURE, "JPEG", quality=95), PICTURE, 3),
    "png_called.jpg": (encoded(PICTURE), PICTURE, 0),
    "webp_called.jpeg": (encoded(PICTURE, "WEBP", lossless=True), PICTURE, 0),
    **{f"exif{turn}.jpg": (turned(turn), PICTURE, 3) for turn in range(1, 9)},
}
# Names that scripts stumble over.
NAMES = (
    "two words.PNG",
    "ümläut é 日本.png",
    "line\nbreak.png",
    "100%d.png",
    "it's [1] #2 $HOME.png",
    "a.b.c.png",
    "n" * 200 + ".png",
)


def cut(kind, share=0.6, **options):
    data = encoded(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8), kind, **options)
    return data[: int(len(data) * share)]


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 255]) + data[place + 1 :]


def bomb(side):
    """A PNG of side x side black pixels in few bytes."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side // 8 + 1) * 1000) for _ in range(side // 1000)) + packer.flush()
    data = png(b"", side, side, 1, 0)
    chunk = b"IDAT" + rows
    return data[:33] + struct.pack(">I", len(rows)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[-12:]


# name -> file, words of the complaint.
BROKEN = {
    "empty.jpg": (b"", "empty"),
    "text.jpg": (b"this is no image at all", "no image of a known format"),
    "page.png": (b"<!DOCTYPE html><html>404</html>", "no image of a known format"),
    "zeros.png": (bytes(4096), "no image of a known format"),
    "sum.png": (flipped(encoded(PICTURE), 60), "truncated or damaged"),
    "size0.png": (png(b"", 0, 9, 8, 2), "truncated or damaged|no image"),
    "headless.png": (encoded(PICTURE)[:20], "truncated or damaged|no image"),
    "header_only.jpg": (cut("JPEG", 0.2), "truncated or damaged|no image"),
    "cut.jpg": (cut("JPEG"), "truncated or damaged"),
    "cut_progressive.jpg": (cut("JPEG", progressive=True), "truncated or damaged"),
    "cut.png": (cut("PNG"), "truncated or damaged"),
    "endless.png": (encoded(PICTURE)[:-12], "truncated or damaged"),
    "cut.gif": (cut("GIF"), "truncated or damaged"),
    "cut.bmp": (cut("BMP"), "truncated or damaged"),
    "cut.tif": (cut("TIFF"), "truncated or damaged|no image"),
    "cut.webp": (cut("WEBP", lossless=True), "truncated or damaged|no image"),
    "cut.ppm": (cut("PPM"), "truncated or damaged"),
    "float.tif": (encoded(GREY.astype(np.float32), "TIFF"), "32 bits"),
    "deep.tif": (encoded(GREY.astype(np.int32) << 20, "TIFF"), "32 bits"),
    "bomb.png": (bomb(20_000), "20000 x 20000 pixels|scale"),
}
