"""Makes a run of official weights: python convert_checkpoint.py --tf_initial_checkpoint=zoo:NAME --output_dir=RUN."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.convert_checkpoint import main

    main()
