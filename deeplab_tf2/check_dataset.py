"""Checks a dataset before training: python check_dataset.py --dataset_dir=RECORDS."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.check_dataset import main

    main()
