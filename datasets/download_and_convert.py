"""Downloads and converts a public dataset: python download_and_convert.py --dataset=NAME --archives=FOLDER ..."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.download_and_convert import main

    main()
