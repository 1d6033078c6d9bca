#!/bin/bash
# PASCAL VOC 2012: train, val and trainval.
# Usage: download_and_convert_voc2012.sh [FOLDER] [FLAGS]
# Archives lie in FOLDER (./pascal_voc_seg), records go to FOLDER/tfrecord.
set -e
folder="${1:-pascal_voc_seg}"
python "$(dirname "$0")/download_and_convert.py" --dataset=pascal_voc_seg --archives="$folder" \
  --output_dir="$folder/tfrecord" "${@:2}"
