"""Packaging of deeplab_tf2; tool settings live in pyproject.toml."""

import pathlib
import re

from setuptools import find_packages, setup

ROOT = pathlib.Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "(.+)"$',
    (ROOT / "deeplab_tf2" / "__init__.py").read_text(encoding="utf-8"),
    re.MULTILINE,
).group(1)

COMMANDS = (
    *("train", "eval", "vis", "predict", "export_model", "benchmark", "benchmark_conversion", "compare", "complexity"),
    *("convert_checkpoint", "build_tfrecord", "check_dataset", "make_sample_set", "download_and_convert"),
    *("convert_tfds", "eval_coco_format"),
)

setup(
    name="deeplab-tf2",
    version=VERSION,
    description="DeepLabv3+ and its series on TensorFlow 2 and Keras 3",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    packages=find_packages(include=["deeplab_tf2", "deeplab_tf2.*"]),
    package_data={"deeplab_tf2": ["*.ipynb", "py.typed"]},
    python_requires=">=3.11,<3.14",
    install_requires=[
        "tensorflow>=2.21,<2.22",
        "keras>=3.15,<3.16",
        "tensorflow-datasets>=4.9.10",
        "numpy>=1.26",
        "pillow>=11",
        "absl-py>=2.1",
        "tqdm>=4.66",
    ],
    extras_require={
        "dev": [
            "pytest>=8",
            "pytest-xdist",
            "hypothesis",
            "ruff",
            "mypy",
            "pre-commit",
            "nbclient",
            "ipykernel",
            "nbformat",
            # What tests of extras need.
            "pyyaml",
            "scipy",
            "scikit-learn",
            "tifffile",
            "imagecodecs",
            "rasterio",
            "av",
        ],
        "demo": ["notebook", "matplotlib"],
        "tensorboard": ["tensorboard>=2.20"],
        "jax": ["jax>=0.7"],
        "torch": ["torch>=2.8"],
        "yaml": ["pyyaml>=6"],
        "scipy": ["scipy>=1.11"],
        "bands": ["tifffile>=2025.1", "imagecodecs>=2025.3"],
        "geotiff": ["rasterio>=1.4"],
        "beam": ["apache-beam>=2.77"],
        "video": ["av>=18"],
    },
    entry_points={
        "console_scripts": [
            f"deeplab-{command.replace('_', '-')} = deeplab_tf2.cli.{command}:main" for command in COMMANDS
        ]
    },
)
