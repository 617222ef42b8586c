"""What looks at a scene. `INSTRUMENTS` lists the kinds, by the names that JSON gives them."""

from nanotilt.instruments.area_detector import AreaDetector
from nanotilt.instruments.bright_field import BrightField
from nanotilt.instruments.camera import Camera
from nanotilt.instruments.dark_field import DarkField
from nanotilt.instruments.instrument import Instrument
from nanotilt.instruments.line_detector import Detector
from nanotilt.instruments.scanning_camera import ScanningCamera

__all__ = [
    "INSTRUMENTS",
    "AreaDetector",
    "BrightField",
    "Camera",
    "DarkField",
    "Detector",
    "Instrument",
    "ScanningCamera",
]

INSTRUMENTS: dict[str, type[Instrument]] = {
    kind.kind: kind
    for kind in (Detector, Camera, ScanningCamera, DarkField, BrightField, AreaDetector)
}
