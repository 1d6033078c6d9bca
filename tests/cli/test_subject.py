import numpy as np
import pytest
import toys
from toy_run import describe_run, make_records

from deeplab_tf2.cli.run_flags import RunFlags, find_subject
from deeplab_tf2.cli.subject import plain_errors
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.models.prediction import predict


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    return describe_run(folder, make_records(folder))


def find(run, split="val", crop_size=None, batch_size=1, **chosen):
    return find_subject(RunFlags(checkpoint_dir=run, **chosen), {}, "eval", split, crop_size, batch_size)


def test_batches_are_padded_as_said(run):
    sizes = [tuple(batch["image"].shape[1:3]) for batch in find(run).batches()]
    assert sizes == [(49, 65), (33, 65), (81, 33)]
    cropped = list(find(run, split="test", crop_size=(81, 65), batch_size=2).batches())
    assert [tuple(batch["image"].shape) for batch in cropped] == [(2, 81, 65, 3), (1, 81, 65, 3)]
    assert "label" not in cropped[0]


def test_an_image_that_outgrows_the_crop_by_resizing_is_told(run):
    subject = find(run, crop_size=(65, 65), min_resize_value=60)
    with pytest.raises(InputError, match="must fit the crop 65,65: enlarge it"), plain_errors(subject):
        list(subject.batches())


def test_a_run_without_checkpoint_is_told(run):
    with pytest.raises(InputError, match="no checkpoint in"):
        find(run).load()


def test_classes_with_a_side_change_places_in_mirror_images(tmp_path):
    run = toys.tiny_run(tmp_path)
    load_descriptor(run).replace(mirror_pairs=(("disc", "ring"),)).save(run)
    subject = find(run, dataset_dir=make_records(tmp_path, toys.NAMES), add_flipped_images=True)
    loaded = subject.load()
    images = np.random.default_rng(0).integers(0, 256, (1, 49, 65, 3)).astype(np.float32)
    found = np.array(subject.labeller(loaded)(images))
    sided, plain = (
        np.array(predict(loaded.model, images, flip=True, mirrored_labels=mirrored)["labels"])
        for mirrored in ((0, 2, 1, 3), ())
    )
    assert (found == sided).mean() > 0.999 > (found == plain).mean() + 0.02
