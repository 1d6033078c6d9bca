#!/bin/bash
# PASCAL VOC 2012 with the labels of SBD: train_aug too.
# Usage: download_and_convert_voc2012_aug.sh [FOLDER] [FLAGS]
# Archives lie in FOLDER (./pascal_voc_seg), records go to FOLDER/tfrecord.
set -e
folder="${1:-pascal_voc_seg}"
python "$(dirname "$0")/download_and_convert.py" --dataset=pascal_voc_seg --archives="$folder" \
  --output_dir="$folder/tfrecord" --splits=train,val,trainval,train_aug "${@:2}"
