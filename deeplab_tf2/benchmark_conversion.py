"""Measures the speed of build_tfrecord as ratios: python benchmark_conversion.py --image_folder=...."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.benchmark_conversion import main

    main()
