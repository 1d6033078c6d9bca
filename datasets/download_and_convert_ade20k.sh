#!/bin/bash
# ADE20K as of the scene parsing challenge.
# Usage: download_and_convert_ade20k.sh [FOLDER] [FLAGS]
# Archives lie in FOLDER (./ade20k), records go to FOLDER/tfrecord.
set -e
folder="${1:-ade20k}"
python "$(dirname "$0")/download_and_convert.py" --dataset=ade20k --archives="$folder" \
  --output_dir="$folder/tfrecord" "${@:2}"
