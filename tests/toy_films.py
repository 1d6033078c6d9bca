"""Videos of a few frames, with uneven times."""

import fractions

import av
import numpy as np

# Thousandths of a second, unevenly apart.
UNIT = fractions.Fraction(1, 1000)
TIMES = [0, 40, 80, 200, 240, 300]


def brightness(number):
    """How bright a frame is, on its right half."""
    return 30 + 30 * number


def film(path, size=(48, 64), codec="libx264", times=TIMES, **options):
    """Frames that grow brighter, the left half darker than the right one, with some noise; returns the path."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25, options={"crf": "1"} if codec == "libx264" else {})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = UNIT
        for number, time in enumerate(times):
            pixels = np.full((*size, 3), brightness(number), np.uint8)
            pixels[:, : size[1] // 2] //= 2
            pixels += rng.integers(0, 4, (*size, 1), np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = time, UNIT
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return str(path)


def times_and_sizes(path):
    """(thousandths of a second, height, width) of each frame."""
    with av.open(str(path)) as container:
        return [(round(1000 * float(frame.time)), frame.height, frame.width) for frame in container.decode(video=0)]


def damage(path, zeros=False):
    """Cuts the last quarter of a file off, or makes it zeros."""
    with open(path, "rb+") as file:
        data = file.read()
        file.truncate(3 * len(data) // 4)
        if zeros:
            file.truncate(3 * len(data) // 4 + len(data) // 4)
    return path
