"""What lies beside an export, so that it explains itself where the project is not installed."""

from __future__ import annotations

import os
import textwrap
import typing

if typing.TYPE_CHECKING:
    from deeplab_tf2.data.catalog import Descriptor

_TEXT = """\
# Semantic segmentation: {name}

A TensorFlow SavedModel; loading it takes TensorFlow and nothing else. Classes by number (colours are in
`descriptor.json`):

{classes}

| signature | input |
|---|---|
| `serving_default` | `image_bytes` string [batch]: {files}, all of one size |
| `images` | `images` {pixels} |

| output of both | |
|---|---|
| `labels` | int32 [batch, height, width] |
| `probabilities` | float32 [batch, height, width, {count}] |

Any batch, height and width will do; results have the size of the images. The EXIF orientation of a JPEG file
is not applied: turn such photographs upright first.

## Python

    import tensorflow as tf

    segment = tf.saved_model.load("{path}").signatures["serving_default"]
    outputs = segment(image_bytes=tf.constant([open("photo.jpg", "rb").read()]))
    labels = outputs["labels"][0].numpy()

## TensorFlow Serving

The server wants the folder of the SavedModel to be a number, its version:

    tensorflow_model_server --port=8500 --rest_api_port=8501 --model_name=deeplab --model_base_path={base}

REST (the answer holds all probabilities as text: for large images prefer gRPC):

    (printf '{{"instances": [{{"image_bytes": {{"b64": "'
     base64 < photo.jpg | tr -d '\\n'
     printf '"}}}}]}}') > request.json
    curl -d @request.json http://localhost:8501/v1/models/deeplab:predict

gRPC, with the package `tensorflow-serving-api`, asking for the labels only:

    import grpc, tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    channel = grpc.insecure_channel("localhost:8500", options=[("grpc.max_receive_message_length", -1)])
    request = predict_pb2.PredictRequest(output_filter=["labels"])
    request.model_spec.name, request.model_spec.signature_name = "deeplab", "serving_default"
    image = open("photo.jpg", "rb").read()
    request.inputs["image_bytes"].CopyFrom(tf.make_tensor_proto([image]))
    answer = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, 60.0)
    labels = tf.make_ndarray(answer.outputs["labels"])[0]
"""

_STACK = "grey PNG files of 8 or 16 bits that show the {} bands below one another"
_FILES = {3: "JPEG or PNG files", 1: "grey JPEG or PNG files", 4: f"RGBA PNG files, or {_STACK}"}
_NUMBERS = "uint16 [batch, height, width, {}], the numbers of the files"
_PIXELS = {3: "uint8 [batch, height, width, 3], RGB"}


def readme(path: str, descriptor: Descriptor) -> str:
    """The text of an export's README.md.

    Args:
        path: folder of the export.
        descriptor: names of the classes.
    """
    folder = os.path.abspath(path)
    parent, name = os.path.split(folder)
    classes = ", ".join(f"{label} {entry}" for label, entry in enumerate(descriptor.class_names))
    return _TEXT.format(
        name=descriptor.name,
        classes=textwrap.fill(classes, 110),
        count=descriptor.num_classes,
        files=_FILES.get(descriptor.input_channels, _STACK).format(descriptor.input_channels),
        pixels=_PIXELS.get(descriptor.input_channels, _NUMBERS).format(descriptor.input_channels),
        path=folder,
        base=parent if name.isdigit() else os.path.join(folder, "..."),
    )
