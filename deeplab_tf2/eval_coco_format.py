"""Scores panoptic results: python eval_coco_format.py --gt_json_file=TRUTH --pred_json_file=FOUND."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])
    from deeplab_tf2.cli.eval_coco_format import main

    main()
