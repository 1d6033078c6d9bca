"""Converts images and masks to TFRecords: python build_tfrecord.py --image_folder=IMAGES --output_dir=RECORDS ..."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.build_tfrecord import main

    main()
