"""The findings of a check as a page: what the network will see, and what it will learn from."""

from __future__ import annotations

import collections
from collections.abc import Iterator

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, constant_answer_miou
from deeplab_tf2.data.checking import contact_sheet
from deeplab_tf2.data.checking.check import Report
from deeplab_tf2.data.checking.sources import Example, Source
from deeplab_tf2.data.checking.survey import SplitSurvey, without_union
from deeplab_tf2.data.crops import LARGEST_CROP, suggested_crop
from deeplab_tf2.data.label_weights import METHODS, label_weights, written
from deeplab_tf2.pictures.legend import percent
from deeplab_tf2.pictures.page import Html, element, histogram, named, picture, save_page, swatch, table

FILE_NAME = "check.html"


def write_check_page(path: str, source: Source, descriptor: Descriptor, report: Report, train_split: str) -> str:
    """Writes the page, whole or not at all, and returns its path.

    Args:
        path: where to.
        source: where the examples are.
        descriptor: class names, colours and ignore label.
        report: what was found.
        train_split: the split that weights and crop size are suggested for.

    Raises:
        InputError: the page cannot be written there.
    """
    train = report.surveys[train_split]
    content = [
        *_verdict(report),
        *_sheet(source, descriptor, report),
        *_classes(descriptor, report, train_split),
        *_constant_answers(descriptor, report),
        *_sizes(train, train_split),
        *_settings(descriptor, train, train_split),
        *_suspicious(report),
    ]
    try:
        return save_page(path, f"Dataset {descriptor.name}", content)
    except InputError as error:
        raise InputError(f"{error}: say --output=FILE.html") from error


def _verdict(report: Report) -> Iterator[Html]:
    may = "Training may start." if report.may_train else "Training must not start: mend the errors first."
    yield element("p", may, kind="good" if report.may_train else "error")
    counts = ", ".join(f"{name}: {survey.examples}" for name, survey in report.surveys.items())
    yield element("p", f"Images read: {counts}.")
    items = []
    for finding in report.findings:
        severity = finding.severity.name.lower()
        items.append(element("li", element("span", severity, kind=severity), Html(" "), finding.text))
    yield element("h2", "Findings")
    yield element("ul", *items) if items else element("p", "Nothing was found.")


def _sheet(source: Source, descriptor: Descriptor, report: Report) -> Iterator[Html]:
    choices = contact_sheet.choose(report.surveys)
    figures = [
        picture(pixels, _caption(choice, example, descriptor), f"mask of {example.name} over its image")
        for choice, example, pixels in contact_sheet.drawn(source, choices, descriptor)
    ]
    yield element("h2", "What the network sees")
    yield element(
        "p",
        "Masks over their images, in the colours of the class table. Ignored pixels show the image alone; ",
        swatch(contact_sheet.STRANGE),
        "marks labels outside the classes. Outlines must follow the objects.",
    )
    yield element("div", *figures, kind="sheet")


def _caption(choice: contact_sheet.Choice, example: Example, descriptor: Descriptor) -> Html:
    reason = element("span", choice.reason, kind="warning") if choice.reason else Html("")
    classes: list[Html] = []
    if example.label is not None:
        pixels = np.bincount(example.label.ravel(), minlength=256)
        largest = [int(label) for label in np.argsort(-pixels[: descriptor.num_classes])[:3] if pixels[label]]
        for label in largest:
            text = f"{descriptor.class_names[label]} {percent(pixels[label] / pixels.sum())}"
            classes += [named(descriptor.colors[label], text), Html(" ")]
    name = element("div", element("strong", example.name), f" ({choice.split}) ", reason)
    return Html(name + element("div", *classes))


def _classes(descriptor: Descriptor, report: Report, train_split: str) -> Iterator[Html]:
    train = report.surveys[train_split]
    pixels, images = train.class_pixels(descriptor), train.class_images(descriptor)
    others = {
        name: report.surveys[name].class_pixels(descriptor)
        for name in without_union(report.surveys)
        if name != train_split and report.surveys[name].masks
    }
    weights = [label_weights(pixels, method) for method in METHODS] if pixels.sum() else []
    rows = []
    for label, (name, color) in enumerate(zip(descriptor.class_names, descriptor.colors, strict=True)):
        ignored = " (ignored)" if label == descriptor.ignore_label else ""
        row = [label, named(color, f"{name}{ignored}"), f"{pixels[label]:,}"]
        row += [_share(pixels, label), f"{images[label]:,}"]
        row += [_share(counts, label) for counts in others.values()]
        rows.append([*row, *(f"{weight[label]:.3g}" for weight in weights)])
    headers = [
        "label",
        "class",
        f"pixels in {train_split}",
        "share",
        f"images in {train_split}",
        *(f"share in {name}" for name in others),
    ]
    headers += [f"weight by {method}" for method in (METHODS if weights else ())]
    yield element("h2", "Classes")
    yield table(headers, rows, text_columns=(1,))
    total = int(train.label_pixels.sum())
    if total:
        share = percent(train.label_pixels[descriptor.ignore_label] / total)
        yield element(
            "p", f"The ignore label is {descriptor.ignore_label}; it has {share} of the pixels in {train_split}."
        )


def _share(pixels: np.ndarray, label: int) -> str:
    return percent(pixels[label] / pixels.sum()) if pixels.sum() else "-"


def _constant_answers(descriptor: Descriptor, report: Report) -> Iterator[Html]:
    rows = []
    for name in without_union(report.surveys):
        pixels = report.surveys[name].class_pixels(descriptor)
        if pixels.sum():
            answer = descriptor.class_names[int(np.argmax(pixels))]
            rows.append((name, answer, percent(pixels.max() / pixels.sum()), f"{constant_answer_miou(pixels):.3f}"))
    yield element("h2", "What a constant answer scores")
    yield element(
        "p", "A network that has learned nothing but the commonest class scores this; a useful one scores more."
    )
    if not rows:
        yield element("p", "No pixel belongs to any class.")
        return
    yield table(("split", "answer", "pixel accuracy", "mIoU"), rows, text_columns=(0, 1))


def _sizes(train: SplitSurvey, train_split: str) -> Iterator[Html]:
    yield element("h2", f"Image sizes in {train_split}")
    if not train.image_sizes:
        yield element("p", "No image could be read.")
        return
    if len(train.image_sizes) == 1:
        ((height, width),) = train.image_sizes
        yield element("p", f"Every image is {width} pixels wide and {height} high.")
        return
    common = ", ".join(f"{width} x {height} ({count})" for (height, width), count in train.image_sizes.most_common(3))
    yield element("p", f"{len(train.image_sizes)} sizes; the most common, width x height: {common}.")
    charts = []
    for axis, title in ((1, "width in pixels"), (0, "height in pixels")):
        counts: collections.Counter[int] = collections.Counter()
        for size, count in train.image_sizes.items():
            counts[size[axis]] += count
        charts.append(histogram(counts, title))
    yield element("div", *charts, kind="row")


def _settings(descriptor: Descriptor, train: SplitSurvey, train_split: str) -> Iterator[Html]:
    yield element("h2", "Suggested settings")
    if train.image_sizes:
        height, width = suggested_crop(train.image_sizes)
        flag = element("code", f"--train_crop_size={height},{width}")
        sizes = train.image_sizes.items()
        whole = sum(count for size, count in sizes if size[0] <= height and size[1] <= width)
        share = percent(whole / train.image_sizes.total())
        limits = f"nine tenths are wanted, with at most {LARGEST_CROP} pixels a side"
        yield element("p", flag, f" holds {share} of the images whole ({limits}).")
    yield from _weight_flags(train.class_pixels(descriptor))
    pairs = ", ".join(" / ".join(pair) for pair in descriptor.mirrored_pairs) or "none"
    found = 'found by name; "mirror_pairs" in descriptor.json declares others'
    origin = found if descriptor.mirror_pairs is None else "declared in descriptor.json"
    yield element("p", f"Classes that change places in a mirrored image ({origin}): {pairs}.")


def _weight_flags(pixels: np.ndarray) -> Iterator[Html]:
    for method in METHODS if pixels.sum() else ():
        numbers = ",".join(map(str, written(label_weights(pixels, method))))
        flag = element("code", f"--label_weights={method}")
        yield element("p", flag, " where rare classes matter.")
        typed = element("p", element("code", f"--label_weights={numbers}"))
        yield element("details", element("summary", "the same as numbers, one per class"), typed)


def _suspicious(report: Report) -> Iterator[Html]:
    rows = []
    for split, survey in report.surveys.items():
        for hits, what in (
            (survey.unreadable, "cannot be used"),
            (survey.strange, "labels outside the classes"),
            (survey.unlabelled if survey.masks else None, "no mask"),
            (survey.empty, "ignored pixels only"),
            (survey.repeated, "occurs twice"),
            (survey.single, "one class only"),
        ):
            if hits and hits.count:
                more = f" and {hits.count - len(hits.first)} more" if hits.count > len(hits.first) else ""
                rows.append((split, what, hits.count, element("span", "; ".join(hits.names), more)))
    yield element("h2", "Files to look at")
    if not rows:
        yield element("p", "None.")
        return
    yield table(("split", "what", "number", "files"), rows, text_columns=(0, 1, 3))
