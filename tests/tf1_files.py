"""TF1 checkpoints and frozen graphs, written with TensorFlow's own savers."""

import io
import tarfile

import numpy as np
import tensorflow as tf


def write_checkpoint(prefix, arrays):
    """Writes `prefix.index` and `prefix.data-00000-of-00001` as a TF1 saver does; returns the prefix.

    Args:
        prefix: path without extension, for example `.../model.ckpt-30000`; its folder is made where it is missing.
        arrays: name of each variable (without ":0") -> its values.
    """
    tf.io.gfile.makedirs(str(prefix).rpartition("/")[0] or ".")
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=list(arrays),
        shape_and_slices=[""] * len(arrays),
        tensors=[tf.constant(array) for array in arrays.values()],
    )
    return str(prefix)


def write_frozen_graph(path, arrays):
    """Writes a graph with a constant for each variable, read by an identity, as freezing leaves it; returns the path.

    Args:
        path: file ending in `.pb`.
        arrays: name of each variable -> its values.
    """
    graph = tf.Graph()
    with graph.as_default():
        tf.compat.v1.placeholder(tf.uint8, (1, None, None, 3), name="ImageTensor")
        for name, array in arrays.items():
            tf.identity(tf.constant(array, name=name), name=f"{name}/read")
        tf.constant([513, 513], name="ResizeBilinear/size")
    with open(path, "wb") as file:
        file.write(graph.as_graph_def().SerializeToString())
    return str(path)


def write_archive(path, members):
    """Writes a compressed archive of members (name -> bytes, or the target of a link); returns the path."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return str(path)


def variables_of(model):
    """The variables of a network under their TF1 names."""
    from deeplab_tf2.checkpoints.names import official_name

    return {official_name(weight.path, model.config.model_variant): np.array(weight) for weight in model.weights}
