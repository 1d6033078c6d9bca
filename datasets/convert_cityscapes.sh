#!/bin/bash
# Cityscapes, fine. Put its archives, which need a login, into FOLDER:
# leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip.
# Usage: convert_cityscapes.sh [FOLDER] [FLAGS]
# Archives lie in FOLDER (./cityscapes), records go to FOLDER/tfrecord.
set -e
folder="${1:-cityscapes}"
python "$(dirname "$0")/download_and_convert.py" --dataset=cityscapes --archives="$folder" \
  --output_dir="$folder/tfrecord" "${@:2}"
