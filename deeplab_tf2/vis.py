"""Draws a run's predictions: python vis.py --checkpoint_dir=RUN."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.vis import main

    main()
