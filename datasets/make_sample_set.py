"""Draws the bundled sample set: python make_sample_set.py --output_dir=SAMPLE."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.make_sample_set import main

    main()
