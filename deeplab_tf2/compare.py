"""Compares evaluations: python compare.py --evaluations=RUN_A,RUN_B."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.compare import main

    main()
