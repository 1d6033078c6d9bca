"""What TensorFlow Datasets does not say of some sets: which features to take, and what mask values mean."""

from __future__ import annotations

import dataclasses

from deeplab_tf2.data.public.class_tables import CITYSCAPES
from deeplab_tf2.data.public.rows import ClassTable


@dataclasses.dataclass(frozen=True)
class Known:
    """One set.

    Attributes:
        image: key of the image; None: found by name.
        mask: key of the mask; None: found by name.
        table: the classes and their mask values; None: the mask is black and white.
        binary: names of what is dark and what is bright in such masks.
    """

    image: str | None = None
    mask: str | None = None
    table: ClassTable | None = None
    binary: tuple[str, str] | None = None


_PET_COLORS = ((128, 0, 0), (0, 0, 0), (0, 128, 0))

KNOWN = {
    "oxford_iiit_pet": Known(
        mask="segmentation_mask",
        table=ClassTable(("pet", "background", "border"), _PET_COLORS, values=(1, 2, 3)),
    ),
    "cityscapes": Known("image_left", "segmentation_label", CITYSCAPES),
    # As many shades of grey as people drew outlines.
    "caltech_birds2011": Known(mask="segmentation_mask", binary=("background", "bird")),
}
