"""Trains a network: python train.py --dataset_dir=RECORDS --train_logdir=RUN."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.train import main

    main()
