"""Video files: measure, look into, join, cut. FFmpeg runs inside this process through PyAV."""

from sequences.media.video.assemble import cut_movie, join, normalise
from sequences.media.video.encode import Writer, as_frame, as_image, container_options, encoder_options
from sequences.media.video.frames import StripFacts, filmstrip, frame_at, last_frame, poster
from sequences.media.video.plan import Piece, Segment, Slate, Still
from sequences.media.video.slates import draw_slate
from sequences.media.video.tracks import BadVideo, VideoFacts, probe, same_shape

__all__ = [
    "BadVideo",
    "Piece",
    "Segment",
    "Slate",
    "Still",
    "StripFacts",
    "VideoFacts",
    "Writer",
    "as_frame",
    "as_image",
    "container_options",
    "cut_movie",
    "draw_slate",
    "encoder_options",
    "filmstrip",
    "frame_at",
    "join",
    "last_frame",
    "normalise",
    "poster",
    "probe",
    "same_shape",
]
