#!/usr/bin/env bash
# The whole road on the bundled sample set: draw, convert, train, evaluate, visualise, export, predict.
#
#   ./local_test.sh [FOLDER]
#
# Results go to FOLDER (deeplab_sample_run by default); a second call goes on where the first one stopped.
# Environment: PYTHON, an interpreter that has the project installed (unset: .venv is made and used);
# STEPS, training steps (2200); TRAIN_IMAGES and VAL_IMAGES, size of the sample set (1200 and 60).
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
OUT="${1:-$ROOT/deeplab_sample_run}"
STEPS="${STEPS:-2200}"

if [ -z "${PYTHON:-}" ]; then
  PYTHON="$ROOT/.venv/bin/python"
  [ -x "$PYTHON" ] || python3 -m venv "$ROOT/.venv"
  "$PYTHON" -m pip install --quiet --editable "$ROOT[scipy]"
fi
mkdir -p "$OUT"
OUT="$(cd "$OUT" && pwd)"
SAMPLE="$OUT/sample" RECORDS="$OUT/records" RUN="$OUT/run" EXPORT="$OUT/export/1"

say() { printf '\n== %s\n' "$*"; }

if [ ! -f "$RECORDS/descriptor.json" ]; then
  say "drawing the sample set"
  "$PYTHON" "$ROOT/datasets/make_sample_set.py" --output_dir="$SAMPLE" \
    --train_images="${TRAIN_IMAGES:-1200}" --val_images="${VAL_IMAGES:-60}"
  say "converting it to TFRecords"
  "$PYTHON" "$ROOT/datasets/build_tfrecord.py" --image_folder="$SAMPLE/images" \
    --semantic_segmentation_folder="$SAMPLE/masks" --list_folder="$SAMPLE/lists" \
    --class_names="$SAMPLE/classes.txt" --output_dir="$RECORDS"
fi

say "training (with validation)"
"$PYTHON" "$ROOT/deeplab_tf2/train.py" --dataset_dir="$RECORDS" --train_logdir="$RUN" \
  --training_number_of_steps="$STEPS" --model_variant=mobilenet_v2 --depth_multiplier=0.5 \
  --train_crop_size=161,161 --train_batch_size=8 --base_learning_rate=0.1 \
  --min_scale_factor=1 --max_scale_factor=1 --log_steps=50

say "evaluating"
"$PYTHON" "$ROOT/deeplab_tf2/eval.py" --checkpoint_dir="$RUN" --eval_logdir="$OUT/eval"

say "drawing predictions"
"$PYTHON" "$ROOT/deeplab_tf2/vis.py" --checkpoint_dir="$RUN" --vis_logdir="$OUT/vis" --also_save_raw_predictions

say "exporting for serving"
rm -rf "$EXPORT"
"$PYTHON" "$ROOT/deeplab_tf2/export_model.py" --train_logdir="$RUN" --export_path="$EXPORT"

say "predicting photos with the export"
"$PYTHON" "$ROOT/deeplab_tf2/predict.py" --model="$EXPORT" --images="$SAMPLE/images/sample_0000*" \
  --output_dir="$OUT/predictions"

say "done"
echo "run         $RUN"
echo "report      $OUT/eval/val_report.html (numbers: $OUT/eval/val_scores.json)"
echo "pictures    $OUT/vis/segmentation_results and $OUT/predictions"
echo "SavedModel  $EXPORT"
