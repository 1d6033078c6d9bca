"""Flags about images and masks that are files: where they lie, how they pair, what their pixels mean."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.config import Config, InputError, leaf
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.band_arrays import EXTENSIONS as ARRAYS
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.files.coco import read_instances
from deeplab_tf2.data.files.label_map import Color, LabelMap
from deeplab_tf2.data.files.label_map_file import read_label_map
from deeplab_tf2.data.pairing import lists
from deeplab_tf2.data.pairing.folders import EXTENSIONS
from deeplab_tf2.pictures.palettes import default_colors

if TYPE_CHECKING:
    from deeplab_tf2.data.files.masks import MaskReader, MaskSource

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class Classes:
    """The classes that the flags give: one by one, or by a label map.

    Attributes:
        names: one name per class.
        colors: one (red, green, blue) per class, or None for the default ones.
        label_map: where they come from, if a file says more about them.
    """

    names: tuple[str, ...]
    colors: tuple[Color, ...] | None = None
    label_map: LabelMap | None = None

    @property
    def mirror_pairs(self) -> tuple[tuple[str, str], ...] | None:
        """Classes that the label map lets change places in a mirrored image; None: it names none."""
        return (self.label_map.mirror_pairs if self.label_map else ()) or None


@dataclasses.dataclass(frozen=True)
class FilesConfig(Config):
    """Images and masks as they lie in folders."""

    image_folder: str = leaf("", "Folder of the images, with subfolders.")
    semantic_segmentation_folder: str | None = leaf(
        None,
        "Folder of the masks or labelme files, which have the names of their images; may be the same folder. Or the "
        ".json file of COCO instances.",
    )
    image_suffix: str = leaf("", "End of image names before the extension: _leftImg8bit for a_leftImg8bit.png.")
    mask_suffix: str = leaf("", "End of mask names before the extension: _mask for a_mask.png.")
    list_folder: str | None = leaf(
        None, "Folder of train.txt, val.csv and the like, or one list; unset: a seeded split."
    )
    class_names: tuple[str, ...] = leaf(
        (), "Names of the classes in the order of their labels, or a text file with one name per line."
    )
    label_map: str | None = leaf(
        None, "JSON, YAML or CSV file of the classes: names, mask values, colours; what is ignored; mirror pairs."
    )
    unknown_colors: Literal["refuse", "nearest"] = leaf(
        "refuse", "What a mask colour outside the label map is: a mistake, or the nearest colour in it."
    )
    binary_masks: bool = leaf(
        False, "Whether masks are black and white pictures: from half bright (128 of 255) on, the second class."
    )
    class_by_folder: bool = leaf(
        False, "Whether the folder of a black and white mask, called like a class, says the class of what is bright."
    )
    resize_masks: Literal["refuse", "nearest"] = leaf(
        "refuse", "What a mask of another size than its image is: a mistake, or scaled if the shape agrees."
    )
    input_channels: int = leaf(
        3, "Channels of the images. 3: photographs; 1: grey; 4: RGBA; any number: bands of TIFF and .npy files."
    )
    ignore_label: int = leaf(255, "Mask value without loss and metric, 0 to 255.")
    colors: tuple[str, ...] = leaf((), "One colour #rrggbb per class; unset: the PASCAL VOC colours.")
    validation_share: float = leaf(0.2, "Part of the images that becomes val when there are no lists.")
    seed: int = leaf(0, "Seed of that split.")

    def __post_init__(self) -> None:
        if not self.image_folder:
            raise InputError("--image_folder is missing; see --help")
        if not self.class_names and not self.label_map and not self._has_instances:
            raise InputError("--class_names is missing (or --label_map); see --help")
        if self.input_channels < 1:
            raise InputError(f"--input_channels={self.input_channels}; at least 1 is needed")
        if self.class_by_folder and not self.binary_masks:
            raise InputError("--class_by_folder is about black and white masks: say --binary_masks too")
        if self.binary_masks and self._has_instances:
            raise InputError("--binary_masks is about pictures; the polygons of a file bear the names of their classes")
        for name in ("unknown_colors", "resize_masks"):
            if getattr(self, name) not in ("refuse", "nearest"):
                raise InputError(f"--{name}={getattr(self, name)}; legal are refuse and nearest")

    @property
    def _has_instances(self) -> bool:
        """Whether one file holds the polygons of all images, and the names of the classes."""
        return (self.semantic_segmentation_folder or "").lower().endswith(".json")

    def pair_files(self) -> lists.Pairing:
        """The splits that the folders and lists make.

        Raises:
            InputError: a folder or list is not there, or nothing in it fits.
        """
        pairing = lists.pair_files(
            self.image_folder,
            self.semantic_segmentation_folder,
            self.list_folder,
            image_suffix=self.image_suffix,
            mask_suffix=self.mask_suffix,
            image_extensions=EXTENSIONS if self.input_channels == RGB else (*EXTENSIONS, *ARRAYS),
            validation_share=self.validation_share,
            seed=self.seed,
        )
        also = self._also_ignored(self.classes())
        note = f"the mask value {also} is ignored too, like {self.ignore_label}"
        return dataclasses.replace(pairing, notes=(*pairing.notes, note)) if also else pairing

    def _also_ignored(self, classes: Classes) -> int | None:
        """What stands for no class besides the ignore label, unless it is that of a class."""
        # Of two classes, 255 may be what is white.
        free = self.ignore_label != 255 and 2 < len(classes.names) < 256
        return 255 if free and self.semantic_segmentation_folder else None

    def classes(self) -> Classes:
        """The classes that the flags or the label map name.

        Raises:
            InputError: a label map says otherwise than --class_names or --colors, or cannot be used.
        """
        names = read_class_names(self.class_names)
        colors = tuple(_color(text) for text in self.colors) or None
        if not self.label_map:
            if not names and self._has_instances:
                names = read_instances(str(self.semantic_segmentation_folder)).class_names
            return Classes(names, colors)
        label_map = read_label_map(self.label_map)
        for flag, given, listed in (
            ("class_names", names, label_map.class_names),
            ("colors", colors, label_map.colors),
        ):
            if given and listed and given != listed:
                raise InputError(f"--{flag} differs from {label_map.path}; leave --{flag} out")
        return Classes(label_map.class_names, label_map.colors or colors, label_map)

    def descriptor(self, classes: Classes, name: str) -> Descriptor:
        """What the flags say of the dataset, without its splits."""
        colors = classes.colors or default_colors(len(classes.names))
        return Descriptor(
            name,
            classes.names,
            colors,
            self.ignore_label,
            mirror_pairs=classes.mirror_pairs,
            input_channels=self.input_channels,
        )

    def mask_reader(self, classes: Classes) -> MaskSource:
        """What reads the masks as the flags say."""
        from deeplab_tf2.data.files.annotations import ShapeClasses
        from deeplab_tf2.data.files.coco import CocoReader
        from deeplab_tf2.data.files.labelme import LabelmeReader

        ignored = [entry.name for entry in classes.label_map.ignored] if classes.label_map else []
        shapes = ShapeClasses(classes.names, self.ignore_label, ignored)
        resize = self.resize_masks == "nearest"
        if self._has_instances:
            return CocoReader(read_instances(str(self.semantic_segmentation_folder)), shapes, resize)
        return LabelmeReader(shapes, resize, others=self._picture_reader(classes))

    def _picture_reader(self, classes: Classes) -> MaskReader:
        from deeplab_tf2.data.files.masks import MaskReader

        if self.binary_masks and not self.class_by_folder and len(classes.names) != 2:
            raise InputError(
                f"binary masks have 2 classes; there are {len(classes.names)} names: --class_by_folder reads more"
            )
        kinds = {name: label for label, name in enumerate(classes.names) if label}
        return MaskReader(
            self.ignore_label,
            classes.label_map,
            nearest_color=self.unknown_colors == "nearest",
            binary=self.binary_masks,
            resize=self.resize_masks == "nearest",
            folders=kinds if self.class_by_folder else None,
            also_ignored=self._also_ignored(classes),
        )


def read_class_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """The class names of the flag: given one by one, or as the path of a file with one per line."""
    if len(values) != 1:
        return values
    if not storage.is_file(values[0]):
        raise InputError(f"--class_names={values[0]} is one name and no file; give all names, comma-separated")
    return tuple(line.strip() for line in storage.read_text(values[0]).splitlines() if line.strip())


def _color(text: str) -> tuple[int, int, int]:
    digits = text.removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError(text)
        red, green, blue = bytes.fromhex(digits)
    except ValueError as error:
        raise InputError(f"--colors has {text!r}; legal is #rrggbb, for example #ff8000") from error
    return red, green, blue
