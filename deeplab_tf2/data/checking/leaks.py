"""Whether splits that should have nothing in common do, and whether trainval is what its name says."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from deeplab_tf2.data.checking.survey import SplitSurvey
from deeplab_tf2.data.findings import Finding, Severity, listed

_APART = (("train", "val"), ("train", "test"), ("val", "test"), ("trainval", "test"))


def leaks(surveys: Mapping[str, SplitSurvey]) -> list[Finding]:
    """Images that occur twice, by their bytes or their names.

    Args:
        surveys: split name -> what was counted in it.
    """
    findings = []
    for first, second in (pair for pair in _APART if set(pair) <= set(surveys)):
        findings += _shared(first, second, surveys[first], surveys[second])
    for split, survey in surveys.items():
        if survey.repeated.count:
            names = listed(survey.repeated.names, survey.repeated.count)
            text = f"{split}: {_images(survey.repeated.count, 'occurs', 'occur')} twice: {names}"
            findings.append(Finding(text, Severity.NOTE))
    return findings + _union(surveys)


def _shared(first: str, second: str, one: SplitSurvey, other: SplitSurvey) -> list[Finding]:
    same = [digest for digest in other.digests if digest in one.digests]
    equal = [f"{other.digests[digest][1]} = {one.digests[digest][1]}" for digest in same]
    told = {other.digests[digest][1] for digest in same}
    names = {name for _, name in one.digests.values()}
    alike = [name for _, name in other.digests.values() if name in names and name not in told]
    findings = []
    if equal:
        findings.append(
            Finding(
                f"{_images(len(equal), 'is', 'are')} both in {first} and in {second}, byte by byte: {listed(equal)}; "
                f"scores on {second} then promise too much"
            )
        )
    if alike:
        text = f"{_images(len(alike), 'has', 'have')} the same name in {first} and in {second}: {listed(alike)}"
        findings.append(Finding(text))
    return findings


def _images(count: int, one: str, many: str) -> str:
    return f"1 image {one}" if count == 1 else f"{count} images {many}"


def _union(surveys: Mapping[str, SplitSurvey]) -> list[Finding]:
    if not {"train", "val", "trainval"} <= set(surveys):
        return []
    parts = dict(itertools.chain(surveys["val"].digests.items(), surveys["train"].digests.items()))
    whole = surveys["trainval"].digests
    missing = [name for digest, (_, name) in parts.items() if digest not in whole]
    extra = [name for digest, (_, name) in whole.items() if digest not in parts]
    findings = []
    if missing:
        findings.append(
            Finding(f"{_images(len(missing), 'is', 'are')} in train or val but not in trainval: {listed(missing)}")
        )
    if extra:
        findings.append(
            Finding(f"{_images(len(extra), 'is', 'are')} in trainval but neither in train nor val: {listed(extra)}")
        )
    return findings
