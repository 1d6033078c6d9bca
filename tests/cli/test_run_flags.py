import pytest
from toy_run import describe_run, make_records

from deeplab_tf2.cli.run_flags import RunFlags, find_subject
from deeplab_tf2.config import InputError, Resizing


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return make_records(tmp_path_factory.mktemp("toy"))


@pytest.fixture
def run(tmp_path, records):
    return describe_run(tmp_path, records)


def find(run, *, model=None, split="val", crop_size=None, batch_size=1, **chosen):
    flags = RunFlags(checkpoint_dir=run, **chosen)
    return find_subject(flags, model or {}, "eval", split, crop_size, batch_size)


def test_everything_comes_from_the_run(run, records):
    subject = find(run)
    assert subject.records == records
    assert subject.dataset_name == "toy"
    assert subject.overrides == {}
    assert subject.output_stride == 16
    assert subject.padding == {"kind": "own size", "multiple": 16, "plus": 1}
    assert not subject.resizing


def test_flags_win_where_the_weights_can_follow(run):
    subject = find(run, model={"output_stride": 8}, crop_size=(73,), min_resize_value=30, dataset="other")
    assert subject.output_stride == 8
    assert subject.padding == {"kind": "crop", "height": 73, "width": 73}
    assert subject.resizing == Resizing(30)
    assert subject.dataset_name == "other"


def test_resizing_is_that_of_training(tmp_path, records):
    run = describe_run(tmp_path, records, min_resize_value=40, max_resize_value=64, resize_factor=16)
    assert find(run).resizing == Resizing(40, 64, 16)
    assert find(run, max_resize_value=80).resizing == Resizing(40, 80, 16)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"split": "train"}, "no split 'train'; it has test, val"),
        ({"crop_size": (65, 65)}, "eval_crop_size is 65,65.*has 70,65 pixels.*--eval_crop_size=81,65"),
        ({"crop_size": (65, 65), "model": {"output_stride": 8}}, "--eval_crop_size=73,65"),
        ({"crop_size": (1, 2, 3)}, "eval_crop_size is 1,2,3; give height,width"),
        ({"crop_size": (0, 65)}, "eval_crop_size is 0,65; give height,width"),
        ({"batch_size": 2}, "eval_batch_size is 2.*--eval_crop_size too, for example 81,65"),
        ({"batch_size": 0}, "eval_batch_size is 0"),
        ({"model": {"num_classes": 21}}, "num_classes=21 contradicts the run in .*num_classes=3"),
        ({"dataset_dir": "/nowhere"}, "/nowhere is not a converted dataset"),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(run, wrong, message):
    with pytest.raises(InputError, match=message):
        find(run, **wrong)


def test_a_missing_run_is_told():
    with pytest.raises(InputError, match="--checkpoint_dir is missing"):
        find("")
    with pytest.raises(InputError, match="/nowhere is not a training run"):
        find("/nowhere")


def test_records_that_moved_ask_for_their_folder(tmp_path, records):
    run = describe_run(tmp_path, records)
    config = tmp_path / "run" / "config.json"
    config.write_text(config.read_text().replace(records, "/gone"))
    with pytest.raises(InputError, match="/gone is not a converted dataset.*give --dataset_dir"):
        find(run)
    assert find(run, dataset_dir=records).records == records


def test_records_of_other_classes_are_refused(tmp_path, run):
    other = make_records(tmp_path, names=("ground", "disc", "cube"))
    with pytest.raises(InputError, match="ground, disc, ring; .* have ground, disc, cube"):
        find(run, dataset_dir=other)


def test_another_dataset_name_than_that_of_training_is_refused(tmp_path, records):
    run = describe_run(tmp_path, records, dataset="cityscapes")
    assert find(run).dataset_name == "cityscapes"
    with pytest.raises(InputError, match="--dataset=ade20k contradicts the run, which has dataset=cityscapes"):
        find(run, dataset="ade20k")
