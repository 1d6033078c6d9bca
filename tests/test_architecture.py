"""The arrows between rooms, checked on the imports as written."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "deeplab_tf2"

# room (longest prefix wins) -> what it may import: rooms of ours, and libraries. A room may import itself.
LOW = {"numpy", "PIL"}
HEAVY = {"tensorflow", "keras"}
ARROWS = {
    "__init__": set(),
    "settings": set(),
    "storage": {"settings", "tensorflow"},
    "json_files": {"settings", "storage"},
    "cell_config": {"settings", "storage"},
    "model_config": {"settings", "cell_config"},
    "training_config": {"settings"},
    "prediction_config": {"settings"},
    "config": {"settings", "storage", "json_files", "model_config", "training_config", "prediction_config"},
    "presets": {"config"},
    "fetching": {"settings", "tqdm"},
    "pictures": {"config", "storage"} | LOW,
    "layers": {"keras"},
    # Native ops where TensorFlow is the backend; all have a portable way, tested to be equal.
    "layers.resize": {"keras", "tensorflow"},
    "layers.batch_norm": {"keras", "tensorflow"},
    "layers.pointwise": {"keras", "tensorflow"},
    "models": {"layers", "config", "presets", "keras"},
    "checkpoints": {"models", "config", "presets", "storage", "keras", "h5py"},
    # The only readers of TF1 files; the others see arrays.
    "checkpoints.tf1": {"config", "tensorflow"} | LOW,
    "checkpoints.graph_constants": {"config", "tensorflow", "google"} | LOW,
    "checkpoints.variables": LOW,
    "checkpoints.stem": {"models", "config"} | LOW,
    "checkpoints.imagenet": {"models", "config", "keras"} | LOW,
    "checkpoints.download": {"fetching"},
    "data": {"config", "storage", "pictures", "tensorflow", "tqdm"} | LOW,
    "data.conversion.beam_runner": {"config", "apache_beam"},
    "data.files.band_arrays": {"config", "tifffile"} | LOW,
    "data.public": {"config", "fetching", "pictures", "storage"} | LOW,
    "data.public.mat_masks": {"config", "scipy", "storage"} | LOW,
    "data.catalog": {"config", "storage"} | LOW,
    "data.pairing.lists": {"config", "storage"} | LOW,
    "data.conversion.tfds_metadata": {"config", "storage", "tensorflow_datasets"} | LOW,
    "data.tfds.tfds_features": {"config", "tensorflow_datasets"} | LOW,
    "data.tfds.tfds_reference": {"config", "storage", "tensorflow_datasets"},
    "data.tfds.tfds_source": {"config", "tensorflow", "tensorflow_datasets", "google", "array_record"} | LOW,
    "data.files.label_map_file": {"config", "storage", "yaml"},
    "training.losses": {"keras"},
    "training.loss_terms": {"keras"},
    "training.optimizers": {"keras", "config", "models", "checkpoints"},
    "training.metrics": {"keras"},
    "training.schedules": {"keras", "config"},
    "training.learner": {"models", "layers", "config", "keras", "tensorflow"},
    "training": {"models", "checkpoints", "data", "evaluation", "config", "storage", "pictures", "tensorboard"}
    | LOW
    | HEAVY,
    "evaluation": {"models", "data", "config", "storage", "pictures"} | LOW | HEAVY,
    "evaluation.objects": {"scipy"} | LOW,
    "inference.films": {"config", "pictures", "storage", "av"} | LOW,
    "inference.permutohedral": {"config", "scipy"} | LOW,
    "inference.raster_strips": {"storage", "rasterio"} | LOW,
    "inference.rasters": {"config", "data", "storage", "rasterio"} | LOW,
    "inference": {"models", "checkpoints", "data", "storage", "pictures", "config"} | LOW | HEAVY,
    "serving": {"models", "inference", "data", "config", "storage"} | LOW | HEAVY,
    "cli.benchmark_crf": {"config", "inference", "absl", "pydensecrf"} | LOW,
    "cli": {
        "config",
        "storage",
        "models",
        "checkpoints",
        "data",
        "pictures",
        "training",
        "inference",
        "evaluation",
        "serving",
    }
    | {"absl", "tqdm"}
    | LOW
    | HEAVY,
}
SHELLS = {
    "train",
    "check_dataset",
    "eval",
    "eval_coco_format",
    "vis",
    "predict",
    "export_model",
    "benchmark",
    "benchmark_conversion",
    "compare",
    "complexity",
    "convert_checkpoint",
}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def imports(path):
    """Module names imported anywhere in a file, as written: `deeplab_tf2.data.pairing.lists`, `numpy`, ..."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def allowed(name):
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in ARROWS:
            return ARROWS[".".join(parts[:length])]
    raise AssertionError(f"{name} stands in no room: add its arrows")


@pytest.mark.parametrize(("name", "path"), list(modules()), ids=[name for name, _ in modules()])
def test_arrows(name, path):
    import sys

    if name in SHELLS:
        assert set(imports(path)) == {"pathlib", "sys", f"deeplab_tf2.cli.{name}.main"}
        return
    for imported in imports(path):
        top, _, rest = imported.partition(".")
        if top in sys.stdlib_module_names or top == "__future__":
            continue
        room = rest.split(".")[0] if top == "deeplab_tf2" else top
        own = name.split(".")[0]
        catalog_row = rest.startswith("data.catalog.") and own in ("inference", "serving", "checkpoints")
        assert room in allowed(name) or room == own or catalog_row, f"{name} may not import {imported}"


# The data room's own rooms, from the ground up: none opens a door to one above.
FLOORS = (("files",), ("",), ("pairing",), ("conversion",), ("checking", "public", "samples"), ("tfds",))


def floor(name):
    parts = name.split(".")
    room = parts[1] if (PACKAGE / "data" / parts[1]).is_dir() else ""
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("name", [name for name, _ in modules() if name.startswith("data.")])
def test_the_data_room_has_floors(name):
    path = dict(modules())[name]
    for imported in imports(path):
        if imported.startswith("deeplab_tf2.data."):
            assert floor(imported.removeprefix("deeplab_tf2.")) <= floor(name), f"{name} may not import {imported}"


def test_only_the_binding_defines_flags():
    for name, path in modules():
        if name != "cli.binding":
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
            assert not any(call.attr.startswith("DEFINE") for call in calls), name


def test_every_module_has_a_test_of_its_name():
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    packages = {"layers", "models", "data", "training", "checkpoints", "pictures", "inference", "evaluation"}
    untested = [
        name
        for name, path in modules()
        if name not in SHELLS and path.name != "__init__.py" and name.split(".")[-1] not in tests
    ]
    assert not untested, f"no test for {untested}; rooms: {packages}"


def test_datasets_folder_is_no_package():
    assert not (ROOT / "datasets" / "__init__.py").exists()
