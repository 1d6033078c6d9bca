"""Segments photos: python predict.py --model=RUN_OR_EXPORT --images=FILE_OR_FOLDER --output_dir=OUT."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.predict import main

    main()
