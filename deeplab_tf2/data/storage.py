from deeplab_tf2.storage import *  # noqa: F403
from deeplab_tf2.storage import explained, opened  # noqa: F401
