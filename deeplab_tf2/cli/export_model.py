"""The command export_model: a run as a SavedModel, and as the official frozen graph."""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Mapping
from typing import Any

from absl import flags, logging

from deeplab_tf2.checkpoints import choice
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.official import FIXED_MODEL, RETIRED_EVAL
from deeplab_tf2.config import Config, InputError, ModelConfig, leaf

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.loading import Run

flags.disclaim_key_flags()

OFFICIAL = binding.Official(
    retired={
        "crop_size": "exports take images of any size.",
        "keep_aspect_ratio": RETIRED_EVAL["keep_aspect_ratio"],
    },
    fixed={
        **FIXED_MODEL,
        "inference_scales": "1.0",
        "add_flipped_images": "false",
        "save_inference_graph": "false",
    },
)


@dataclasses.dataclass(frozen=True)
class ExportConfig(Config):
    """Which run is exported, and in what form."""

    train_logdir: str | None = leaf(None, "Folder of the run: one of its checkpoints is exported.")
    checkpoint: str | None = leaf(None, choice.HELP)
    checkpoint_path: str | None = leaf(
        None,
        "Official name: the run, or one of its checkpoints (RUN/model.ckpt-500 is that of step 500).",
    )
    export_path: str | None = leaf(
        None, "Folder of the SavedModel, for example serving/1; a name ending in .pb gives the frozen graph."
    )
    frozen_graph: str | None = leaf(
        None, "Also write the official frozen graph (ImageTensor:0 to SemanticPredictions:0) to this file."
    )
    min_resize_value: int | None = leaf(
        None, "Resize so that the short side has this many pixels; unset: as in training."
    )
    max_resize_value: int | None = leaf(None, "Cap of the long side when resizing; unset: as in training.")
    resize_factor: int | None = leaf(None, "Resized sides become a multiple of this plus one; unset: as in training.")

    @property
    def targets(self) -> tuple[str | None, str | None]:
        """The folder of the SavedModel and the file of the frozen graph, where wanted.

        Raises:
            InputError: neither is, or the frozen graph has two names.
        """
        folder, file = self.export_path, self.frozen_graph
        if folder and folder.endswith(".pb"):
            if file:
                raise InputError(
                    f"--export_path={folder} and --frozen_graph={file} both name a frozen graph: "
                    "let --export_path be a folder, for example serving/1"
                )
            folder, file = None, folder
        if not folder and not file:
            raise InputError("--export_path is missing: give a folder for the SavedModel, for example serving/1")
        return folder, file


def main() -> None:
    """Runs the command line."""
    binding.run(command, ExportConfig, ModelConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Exports the run and says what was written."""
    config = ExportConfig(**given[ExportConfig])
    folder, file = config.targets
    if not (config.train_logdir or config.checkpoint_path):
        raise InputError("--train_logdir is missing: give the folder of a training run")
    from deeplab_tf2.serving.frozen_graph import check_absent, export_frozen_graph
    from deeplab_tf2.serving.saved_model import check_free, export_saved_model

    # TensorFlow tells of temporary files and inner names, which look like faults.
    logging.set_verbosity(logging.WARNING)
    if folder:
        check_free(folder)
    if file:
        check_absent(file)
    run = _load(config, given[ModelConfig])
    print(f"exporting {run.checkpoint}, step {run.step}, output_stride={run.model.config.output_stride}")
    if folder:
        written = export_saved_model(run, folder)
        print(f"SavedModel with the signatures serving_default (files) and images (pixels): {written}")
        print(f"how to serve it: {os.path.join(written, 'assets.extra', 'README.md')}")
    if file:
        written = export_frozen_graph(run, file)
        print(f"frozen graph, ImageTensor:0 to SemanticPredictions:0 and SemanticProbabilities:0: {written}")


def _load(config: ExportConfig, model: Mapping[str, Any]) -> Run:
    from deeplab_tf2.inference.loading import find_run, load_run

    folder, checkpoint = find_run(config.checkpoint_path or config.train_logdir or "", config.checkpoint)
    if config.train_logdir and os.path.realpath(config.train_logdir) != os.path.realpath(folder):
        raise InputError(
            f"--checkpoint_path={config.checkpoint_path} is not of the run "
            f"--train_logdir={config.train_logdir}: give one of the two"
        )
    run = load_run(folder, checkpoint, **model)
    data = run.config.data
    data = data.replace(**dataclasses.asdict(data.resizing.overridden(config)))
    return dataclasses.replace(run, config=run.config.replace(data=data))
