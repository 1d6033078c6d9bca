"""A TensorFlow Datasets set to our records: `tfds:NAME` is converted when it is first asked for, and kept."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable

from tqdm import tqdm

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion import convert
from deeplab_tf2.data.tfds import tfds_reference
from deeplab_tf2.data.tfds.tfds_classes import Wishes, find_classes
from deeplab_tf2.data.tfds.tfds_features import find_layout
from deeplab_tf2.data.tfds.tfds_known import KNOWN, Known
from deeplab_tf2.data.tfds.tfds_reference import PREFIX, Reference
from deeplab_tf2.data.tfds.tfds_source import Examples
from deeplab_tf2.data.tfds.tfds_splits import find_pairs


def ensure(dataset: str, folder: str, echo: Callable[[str], object] = print) -> Descriptor:
    """The records of `tfds:NAME` in `folder`, made there unless they are.

    Args:
        dataset: `tfds:NAME[/CONFIG][:VERSION]`.
        folder: folder of the records.
        echo: prints a line.

    Raises:
        InputError: the folder holds something else, or the set cannot be had or understood.
    """
    reference = Reference.parse(dataset)
    if not storage.is_file(storage.join(folder, catalog.FILE_NAME)):
        echo(f"{dataset} is converted to records in {folder}, once")
        return import_set(dataset, folder, note=lambda text: echo(f"note: {text}"))
    descriptor = catalog.load_descriptor(folder)
    if not descriptor.source.startswith(PREFIX) or not reference.covers(Reference.parse(descriptor.source)):
        raise InputError(
            f"{folder} holds {descriptor.source or descriptor.name}, not {dataset}: choose another --dataset_dir"
        )
    newest = _newest(reference)
    if newest not in (None, descriptor.source):
        echo(f"note: {folder} holds {descriptor.source}; {newest} is there too, for another --dataset_dir")
    return descriptor


def _newest(reference: Reference) -> str | None:
    try:
        return f"{PREFIX}{reference.resolved(tfds_reference.open_builder(reference))}"
    except InputError:
        # Records need their source no more.
        return None


def import_set(
    dataset: str,
    folder: str,
    wishes: Wishes | None = None,
    *,
    options: convert.Options | None = None,
    note: Callable[[str], object] = lambda text: None,
) -> Descriptor:
    """Converts a set, downloaded and prepared by TFDS where it is not, to records in `folder`.

    Args:
        dataset: `tfds:NAME[/CONFIG][:VERSION]`.
        folder: folder for the records.
        wishes: what the user says of it.
        options: how it is done; finished shards of an interrupted conversion are kept.
        note: called with what the user should know.

    Returns:
        The descriptor of the records.

    Raises:
        InputError: the set cannot be had or understood; the message says which flag helps.
    """
    wishes = wishes or Wishes()
    reference = Reference.parse(dataset)
    builder = tfds_reference.open_builder(reference)
    tfds_reference.prepare(builder)
    known = KNOWN.get(builder.info.name, Known())
    layout = find_layout(builder.info.features, wishes.image or known.image, wishes.mask or known.mask)
    examples = Examples(builder, layout)
    name = PREFIX + (builder.info.name if reference.is_folder else str(dataclasses.replace(reference, version=None)))
    descriptor, reader = find_classes(name, wishes, known, layout.class_names, examples)
    source = f"{PREFIX}{reference.resolved(builder)}"
    pairs = find_pairs(examples, note)
    options = dataclasses.replace(options or convert.Options(), resume=True, settings=f"{wishes} {layout}")
    with tqdm(total=convert.files_to_read(pairs), desc="converting", unit="image", file=sys.stderr) as bar:
        return convert.convert(
            pairs,
            folder,
            descriptor.replace(source=source),
            mask_reader=reader,
            read_image=examples.image,
            options=options,
            advance=bar.update,
            note=note,
        )
