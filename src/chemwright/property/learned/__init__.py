"""Properties learned from measured figures: networks run with numpy, with calibrated intervals, neighbours and drivers."""

from chemwright.property.learned.estimating import estimates
from chemwright.property.learned.models import Learned, load, models

__all__ = ["Learned", "estimates", "load", "models"]
