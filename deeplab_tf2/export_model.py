"""Exports a run for serving: python export_model.py --train_logdir=RUN --export_path=OUT."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.export_model import main

    main()
