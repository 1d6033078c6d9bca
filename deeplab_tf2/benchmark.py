"""Measures speed as ratios: python benchmark.py --model_variant=xception_65, or --dataset_dir=RECORDS."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.benchmark import main

    main()
