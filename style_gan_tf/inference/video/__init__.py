"""Videos: decoded, stylized frame by frame with less flicker, and encoded again.

Needs the extra `video` (PyAV, and OpenCV for optical flow).
"""

from style_gan_tf.inference.video.frames import Clip, Frame
from style_gan_tf.inference.video.job import is_video, plan_video
from style_gan_tf.inference.video.reading import VideoReader, open_av
from style_gan_tf.inference.video.stylizing import VideoReport, stylize_video
from style_gan_tf.inference.video.writing import VideoWriter, writing_video

__all__ = [
    "Clip",
    "Frame",
    "VideoReader",
    "VideoReport",
    "VideoWriter",
    "is_video",
    "open_av",
    "plan_video",
    "stylize_video",
    "writing_video",
]
