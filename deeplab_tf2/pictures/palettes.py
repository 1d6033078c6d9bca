"""Colours of classes: a bit pattern that colours any number of them, and the tables of known datasets."""

from __future__ import annotations

import numpy as np

from deeplab_tf2.config import InputError

Color = tuple[int, int, int]

_CITYSCAPES = """
804080 f423e8 464646 66669c be9999 999999 faaa1e dcdc00 6b8e23 98fb98 4682b4 dc143c ff0000 00008e 000046
003c64 005064 0000e6 770b20
"""

_ADE20K = """
000000 787878 b47878 06e6e6 503232 04c803 787850 8c8c8c cc05ff e6e6e6 04fa07 e005ff ebff07 96053d 787846
08ff33 ff0652 8fff8c ccff04 ff3307 cc4603 0066c8 3de6fa ff0633 0b66ff ff0747 ff09e0 0907e6 dcdcdc ff095c
7009ff 08ffd6 07ffe0 ffb806 0aff47 ff290a 07ffff e0ff08 6608ff ff3d06 ffc207 ff7a08 00ff14 ff0829 ff0599
0633ff eb0cff a09614 00a3ff 8c8c8c fa0a0f 14ff00 1fff00 ff1f00 ffe000 99ff00 0000ff ff4700 00ebff 00adff
1f00ff 0bc8c8 ff5200 00fff5 003dff 00ff70 00ff85 ff0000 ffa300 ff6600 c2ff00 008fff 33ff00 0052ff 00ff29
00ffad 0a00ff adff00 00ff99 ff5c00 ff00ff ff00f5 ff0066 ffad00 ff0014 ffb8b8 001fff 00ff3d 0047ff ff00cc
00ffc2 00ff52 000aff 0070ff 3300ff 00c2ff 007aff 00ffa3 ff9900 00ff0a ff7000 8fff00 5200ff a3ff00 ffeb00
08b8aa 8500ff 00ff5c b800ff ff001f 00b8ff 00d6ff ff0070 5cff00 00e0ff 70e0ff 46b8a0 a300ff 9900ff 47ff00
ff00a3 ffcc00 ff008f 00ffeb 85ff00 ff00eb f500ff ff007a fff500 0abed4 d6ff00 00ccff 1400ff ffff00 0099ff
0029ff 00ffcc 2900ff 29ff00 ad00ff 00f5ff 4700ff 7a00ff 00ffb8 005cff b8ff00 0085ff ffd600 19c2c2 66ff00
5c00ff
"""

_MAPILLARY_VISTAS = """
a52a2a 00c000 c4c4c4 be9999 b4a5b4 66669c 66669c 8040ff 8c8cc8 aaaaaa faaaa0 606060 e6968c 804080 6e6e6e
f423e8 966464 464646 96785a dc143c ff0000 ff0000 ff0000 c88080 ffffff 40aa40 804040 4682b4 ffffff 98fb98
6b8e23 00aa1e ffff80 fa001e 000000 dcdcdc aaaaaa de2828 64aa1e 282828 212121 aaaaaa 00008e aaaaaa d2aa64
999999 808080 00008e faaa1e c0c0c0 dcdc00 b4a5b4 770b20 00008e 003c64 00008e 00005a 0000e6 005064 804040
00006e 000046 0000c0 202020 000000 000000
"""


def default_colors(num_classes: int) -> tuple[Color, ...]:
    """Colours (red, green, blue of 0..255) for any number of classes, by the bit pattern of PASCAL VOC.

    Class 0 is black. The lowest three bits of a class number become the highest bits of red, green and blue,
    the next three the second highest, and so on: neighbouring classes differ strongly.
    """
    return tuple(_bit_pattern(label) for label in range(num_classes))


def _bit_pattern(label: int) -> Color:
    red, green, blue = (
        sum((label >> (3 * step + channel) & 1) << (7 - step) for step in range(8)) for channel in range(3)
    )
    return red, green, blue


def colormap(name: str) -> np.ndarray:
    """The colour table of a known dataset, uint8 [colours, 3].

    Args:
        name: `pascal` (512 colours), `cityscapes` (256, black from 19), `ade20k` (151) or
            `mapillary_vistas` (66).

    Raises:
        InputError: no table has this name.
    """
    if name not in COLORMAPS:
        raise InputError(f"no colour map is called {name!r}; there are {', '.join(COLORMAPS)}")
    return COLORMAPS[name].copy()


def _table(text: str, size: int | None = None) -> np.ndarray:
    colors = np.frombuffer(bytes.fromhex(text), np.uint8).reshape(-1, 3)
    return np.pad(colors, ((0, (size or len(colors)) - len(colors)), (0, 0)))


COLORMAPS = {
    "pascal": np.array(default_colors(512), np.uint8),
    "cityscapes": _table(_CITYSCAPES, 256),
    "ade20k": _table(_ADE20K),
    "mapillary_vistas": _table(_MAPILLARY_VISTAS),
}
