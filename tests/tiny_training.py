"""`train.py` with a backbone of three layers more, and without TensorFlow's tracing of large networks: FLAGS as train.py.

Several runs, one after the other, are separated by a comma: FLAGS , FLAGS.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from deeplab_tf2.cli.train import main
from deeplab_tf2.models import backbones, mobilenet_rows

mobilenet_rows.VARIANTS["tiny"] = mobilenet_rows.Variant(mobilenet_rows.VARIANTS["mobilenet_v2"].rows[:3], {}, True)
backbones.BACKBONES["tiny"] = backbones.Backbone(backbones._mobilenet, "Tiny", batch_norm_decay=0.9, decoder_strides=())

if __name__ == "__main__":
    main()
