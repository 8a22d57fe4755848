"""The same planner served by BoTorch (extra ``learn``): the only room where torch may be imported."""

from chemwright.experiment.torch_backend.propose import propose_with_torch

__all__ = ["propose_with_torch"]
