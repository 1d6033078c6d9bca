"""Sets of faces, converted from miniature archives."""

import numpy as np
from miniature_sets import celeba, lfw
from miniatures import made, same, stripes


def test_lfw_parts(tmp_path):
    lfw(tmp_path)
    descriptor, examples = made("lfw_parts", tmp_path)
    assert descriptor.class_names == ("background", "hair", "skin")
    assert descriptor.colors == ((0, 0, 255), (255, 0, 0), (0, 255, 0))
    labels = {"Abdullah_al-Attiyah_0001": stripes([0, 1, 2], 1), "Inga_Hall_0001": stripes([0, 1, 2], 1)}
    same(examples["train"], labels)
    same(examples["val"], {"Clara_Harris_0001": stripes([0, 1, 2], 1)})
    same(examples["test"], {"Zed_Nobody_0012": stripes([0, 1, 2], 12)})


def test_celebamask_hq(tmp_path):
    celeba(tmp_path)
    descriptor, examples = made("celebamask_hq", tmp_path)
    # Later parts over earlier ones, and each pixel of the mask on four of the image.
    row = [5, 5, 5, 1, 1, 1, 13, 13, 13, 13, 4, 4]
    labels = np.repeat([np.repeat(row, 2)], 8, axis=0)
    same(examples["train"], {"0": labels, "29999": labels})
    same(examples["val"], {"7": labels})
    same(examples["test"], {"2001": labels})
    assert descriptor.mirror_pairs == (("l_eye", "r_eye"), ("l_brow", "r_brow"), ("l_ear", "r_ear"))
    swapped = {label: other for label, other in enumerate(descriptor.mirrored_labels) if label != other}
    assert swapped == {4: 5, 5: 4, 6: 7, 7: 6, 8: 9, 9: 8}
