"""Converts a TensorFlow Datasets set: python convert_tfds.py --dataset=tfds:NAME --output_dir=RECORDS ..."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.convert_tfds import main

    main()
