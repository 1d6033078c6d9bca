"""Shards from several threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from toy_files import write_pairs

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion import shards, writer
from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.conversion.thread_runner import ThreadRunner, in_order
from deeplab_tf2.data.files.masks import MaskReader
from deeplab_tf2.data.pairing.lists import pair_files
from deeplab_tf2.pictures.palettes import default_colors


def test_results_come_in_order_and_do_not_pile_up():
    started = []

    def slow(number):
        started.append(number)
        time.sleep(0.002 * (number % 3))
        return number, threading.get_ident()

    with ThreadPoolExecutor(3) as pool:
        results = []
        for result in in_order(pool, slow, range(30), ahead=4):
            results.append(result)
            assert len(started) <= len(results) + 4
    assert [number for number, _ in results] == list(range(30))
    assert len({thread for _, thread in results}) > 1


def test_every_shard_gets_its_records(tmp_path):
    splits = pair_files(*write_pairs(tmp_path, list("abcdefg")), validation_share=0).splits
    maker = RecordMaker(Descriptor("toy", ("x", "y", "z"), default_colors(3)), MaskReader())
    ticks = []
    with writer.Staging(str(tmp_path / "out")) as staging:
        workshop = shards.Workshop(staging, "", skip_bad=False)
        finished = list(ThreadRunner(3, lambda: ticks.append(1))(shards.plan(splits, 3), maker, workshop))
    assert [[name for name, _ in shard.examples] for shard in finished] == [list("abc"), list("def"), ["g"]]
    assert len(ticks) == 7
