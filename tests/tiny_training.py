"""`train.py` with a backbone of three layers: FLAGS as train.py, or several runs on the same devices: FLAGS , FLAGS."""

import itertools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from deeplab_tf2.cli import binding, quiet, train
from deeplab_tf2.models import backbones, mobilenet_rows

mobilenet_rows.VARIANTS["tiny"] = mobilenet_rows.Variant(mobilenet_rows.VARIANTS["mobilenet_v2"].rows[:3], {}, True)
backbones.BACKBONES["tiny"] = backbones.Backbone(backbones._mobilenet, "Tiny", batch_norm_decay=0.9, decoder_strides=())


def several(runs):
    """Trains one run after the other; devices are chosen once."""
    quiet.quiet_tensorflow()
    from deeplab_tf2.data.catalog import load_descriptor
    from deeplab_tf2.training import distribution, fit

    strategy = None
    for flags in runs:
        config = train.settle(binding.parse(flags, train.SECTIONS.values()))
        strategy = strategy or distribution.make_strategy(config.machine)
        fit.train(config, load_descriptor(config.data.dataset_dir), strategy=strategy)


if __name__ == "__main__":
    if "," in sys.argv:
        groups = itertools.groupby(sys.argv[1:], lambda flag: flag == ",")
        several([list(flags) for is_comma, flags in groups if not is_comma])
    else:
        train.main()
