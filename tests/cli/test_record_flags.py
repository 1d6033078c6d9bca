"""Commands that make records share the flags about them."""

import pytest

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.build_tfrecord import BuildConfig
from deeplab_tf2.cli.convert_tfds import ConvertTfdsConfig
from deeplab_tf2.cli.download_and_convert import PublicConfig
from deeplab_tf2.cli.record_flags import FileRecordFlags, RecordFlags
from deeplab_tf2.config import InputError


@pytest.mark.parametrize("command", [BuildConfig, PublicConfig, ConvertTfdsConfig])
def test_every_command_has_them(command):
    given = binding.parse(["--num_shards=7", "--skip_bad", "--skip_limit=3"], (command,))[command]
    assert given == {"num_shards": 7, "skip_bad": True, "skip_limit": 3} and issubclass(command, RecordFlags)


def test_illegal_ways_to_check_are_named():
    with pytest.raises(InputError, match="--verify=fast; legal are header and full"):
        FileRecordFlags(verify="fast")
