"""TensorFlow starts without a word on the user's terminal, and errors still reach it."""

import os
import subprocess
import sys

CODE = """
import importlib.util
import io
import sys
from PIL import Image
from deeplab_tf2.cli.quiet import quiet_tensorflow
quiet_tensorflow()
assert "tensorflow" not in sys.modules
# Libraries look whether it is there before they import it.
assert importlib.util.find_spec("tensorflow").loader.get_source("tensorflow")
import tensorflow as tf
tf.constant(1) + 1
data = io.BytesIO()
Image.new("1", (10000, 9500)).save(data, "PNG")
Image.open(data)
print("told", file=sys.stderr)
"""


def told(level):
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"} | level
    result = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment)
    assert result.returncode == 0
    return result.stderr.strip()


def test_only_our_own_words_reach_standard_error():
    assert told({}) == "told"


def test_a_level_of_silence_is_silent_and_one_of_words_is_not():
    assert told({"TF_CPP_MIN_LOG_LEVEL": "3"}) == "told"
    assert len(told({"TF_CPP_MIN_LOG_LEVEL": "0"})) > len("told")
