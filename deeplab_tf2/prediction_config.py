"""Settings of what happens to a network's answer: dense CRF, and tiles of large images."""

from __future__ import annotations

import dataclasses

from deeplab_tf2.settings import Config, check, leaf


@dataclasses.dataclass(frozen=True)
class CrfConfig(Config):
    """A fully connected CRF on the probabilities (DeepLab v2, section 3.3); by default as published for LargeFOV."""

    crf: bool = leaf(False, "Refine the labels along the edges of the image by a dense CRF.")
    crf_iterations: int = leaf(10, "Steps of the mean field.")
    crf_gaussian_weight: float = leaf(3.0, "Weight of the pairs that are near (w2).")
    crf_gaussian_deviation: float = leaf(3.0, "Standard deviation of their distance, in pixels (sigma gamma).")
    crf_bilateral_weight: float = leaf(4.0, "Weight of the pairs that are near and of one colour (w1).")
    crf_bilateral_deviation: float = leaf(49.0, "Standard deviation of their distance, in pixels (sigma alpha).")
    crf_color_deviation: float = leaf(5.0, "Standard deviation of their colours, of 0..255 (sigma beta).")

    def __post_init__(self) -> None:
        check(self.crf_iterations >= 1, f"crf_iterations is {self.crf_iterations}; at least 1 is needed")
        # Far beyond what makes a difference, and far within the numbers of float32.
        for least, names in (
            (0, ("crf_gaussian_weight", "crf_bilateral_weight")),
            (1e-6, ("crf_gaussian_deviation", "crf_bilateral_deviation", "crf_color_deviation")),
        ):
            for name in names:
                value = getattr(self, name)
                check(least <= value <= 1e6, f"{name} is {value}; legal are {least:g} to 1000000")


@dataclasses.dataclass(frozen=True)
class TileConfig(Config):
    """How an image too large for the memory is cut into tiles that overlap."""

    tile_size: tuple[int, ...] | None = leaf(
        None, "Height,width in pixels of the tiles that large images are segmented in; unset: images are taken whole."
    )
    tile_overlap: int = leaf(128, "Pixels by which neighbouring tiles overlap; probabilities are blended there.")
    tile_pooling: str = leaf(
        "shared",
        "What image-level pooling sees: shared (one mean of the whole image, in two passes) or own (the tile).",
    )

    def __post_init__(self) -> None:
        if len(self.tile_size or ()) == 1:
            object.__setattr__(self, "tile_size", (self.tile_size or ()) * 2)
        size = self.tile_size
        check(size is None or len(size) == 2, f"tile_size is {size}; give height,width")
        check(self.tile_overlap >= 0, f"tile_overlap is {self.tile_overlap}; it cannot be below 0")
        check(
            size is None or min(size) > 2 * self.tile_overlap,
            f"tile_size {size} must be more than twice the tile_overlap of {self.tile_overlap}",
        )
        check(
            self.tile_pooling in ("shared", "own"), f"tile_pooling is {self.tile_pooling!r}; legal are shared and own"
        )
