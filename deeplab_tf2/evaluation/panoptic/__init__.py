"""Panoptic segmentation against its truth: quality, parsing covering, results in the format of COCO."""
