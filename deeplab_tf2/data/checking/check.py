"""A look at a dataset before the first step: what would make a network answer one class only, or stop it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.leaks import leaks
from deeplab_tf2.data.checking.sources import RecordSource, Source
from deeplab_tf2.data.checking.survey import SplitSurvey, survey_split
from deeplab_tf2.data.crops import small_images
from deeplab_tf2.data.findings import (
    SHOWN,
    Finding,
    Severity,
    balance,
    odd_values,
    uniform_masks,
    worst_first,
)
from deeplab_tf2.data.pairing.pairs import Problem

__all__ = ["Finding", "Report", "balance", "check_dataset", "check_records", "check_scored"]

MAX_RECORDS = 200


@dataclasses.dataclass(frozen=True)
class Report:
    """All that was found in a dataset.

    Attributes:
        findings: worst first.
        surveys: split name -> what was counted in it.
    """

    findings: list[Finding]
    surveys: Mapping[str, SplitSurvey]

    @property
    def may_train(self) -> bool:
        """Whether nothing was found that must stop a training."""
        return not any(finding.error for finding in self.findings)


def check_records(
    folder: str, split: str, descriptor: Descriptor, crop_size: tuple[int, int] | None = None
) -> list[Finding]:
    """The fast part: the masks of up to 200 records, spread over the split, and the counts of the descriptor.

    Args:
        folder: folder with the records.
        split: the split to train on.
        descriptor: class names, ignore label and counts.
        crop_size: training crop (height, width) in pixels, to compare images with; None for no comparison.

    Returns:
        What was found, errors first.

    Raises:
        InputError: the split cannot be read at all.
    """
    survey, examples = _surveyed(folder, split, descriptor)
    counted = descriptor.splits[split].class_pixels if split in descriptor.splits else ()
    if counted:
        survey.label_pixels[: descriptor.num_classes] = np.maximum(counted, survey.class_pixels(descriptor))
    findings = [*_labels(survey, descriptor), *_files(survey, must_have_masks=True)]
    findings += uniform_masks(survey.single.count, survey.empty.names, survey.empty.count, survey.masks)
    findings += _against_descriptor(examples, split, descriptor)
    if crop_size is not None:
        findings += small_images(survey.image_sizes, crop_size)
    return worst_first(findings)


def check_scored(folder: str, split: str, descriptor: Descriptor) -> list[Finding]:
    """What would stop a validation, in the masks of up to 200 records, spread over the split.

    Args:
        folder: folder with the records.
        split: the split to validate on.
        descriptor: class names and ignore label.

    Raises:
        InputError: the split cannot be read at all.
    """
    return _files(_surveyed(folder, split, descriptor)[0], must_have_masks=True)


def _surveyed(folder: str, split: str, descriptor: Descriptor) -> tuple[SplitSurvey, int]:
    """What some masks hold, and how many examples there are."""
    source = RecordSource(folder, [split])
    examples = source.sizes()[split]
    positions = np.unique(np.linspace(0, examples - 1, MAX_RECORDS).astype(int))
    return survey_split(source, split, descriptor, positions=positions.tolist(), with_images=False), examples


def check_dataset(
    source: Source,
    descriptor: Descriptor,
    *,
    crop_size: tuple[int, int],
    train_split: str = "train",
    problems: Sequence[Problem] = (),
    advance: Callable[[], object] = lambda: None,
) -> Report:
    """Reads every image and mask.

    Args:
        source: where the examples are.
        descriptor: class names and ignore label.
        crop_size: training crop (height, width) in pixels, to compare images with.
        train_split: the split to train on, which must have masks.
        problems: files and lines that did not pair.
        advance: called after every example.
    """
    surveys = {split: survey_split(source, split, descriptor, advance=advance) for split in source.sizes()}
    findings = _each(len(problems), [problem.text for problem in problems[:SHOWN]])
    for split, survey in surveys.items():
        # What all masks have in common explains what is wrong with each.
        found = _labels(survey, descriptor) if survey.masks else []
        found += _files(survey, must_have_masks=split == train_split)
        if survey.masks:
            found += uniform_masks(survey.single.count, survey.empty.names, survey.empty.count, survey.masks)
        if split == train_split:
            found += small_images(survey.image_sizes, crop_size)
        found += _against_descriptor(survey.examples, split, descriptor)
        findings += [Finding(f"{split}: {finding.text}", finding.severity) for finding in found]
    return Report(worst_first([*findings, *leaks(surveys)]), surveys)


def _files(survey: SplitSurvey, must_have_masks: bool) -> list[Finding]:
    findings = [*_each(survey.unreadable.count, survey.unreadable.names)]
    findings += _each(survey.strange.count, survey.strange.names)
    bare = survey.unlabelled
    if bare.count and (survey.masks or must_have_masks):
        findings += _each(bare.count, (f"{name} has no mask" for name in bare.names))
    elif bare.count:
        findings.append(Finding("no example has a mask: it serves for prediction only", Severity.NOTE))
    return findings


def _each(count: int, texts: Iterable[str]) -> list[Finding]:
    """An error for each of the first, and one for all others."""
    findings = [Finding(text, Severity.ERROR) for text in list(texts)[:SHOWN]]
    if count > SHOWN:
        findings.append(Finding(f"... and {count - SHOWN} more like the last", Severity.ERROR))
    return findings


def _labels(survey: SplitSurvey, descriptor: Descriptor) -> list[Finding]:
    # Sound masks beside strange ones would hide what is odd about the latter.
    strange = survey.strange.count
    odd = odd_values(survey.strange_pixels if strange else survey.label_pixels, descriptor)
    if 0 < strange < survey.masks:
        odd = [Finding(f"in {strange} of {survey.masks} masks, {finding.text}", finding.severity) for finding in odd]
    return [*odd, *balance(survey.class_pixels(descriptor), descriptor)]


def _against_descriptor(examples: int, split: str, descriptor: Descriptor) -> list[Finding]:
    stated = descriptor.splits.get(split)
    if stated is None or stated.examples == examples:
        return []
    return [
        Finding(
            f"descriptor.json says {stated.examples} examples, the records hold {examples}: convert again",
            Severity.ERROR,
        )
    ]
