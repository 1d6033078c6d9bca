"""Counts parameters and multiply-adds: python complexity.py --model_variant=xception_65, or --table5."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.complexity import main

    main()
