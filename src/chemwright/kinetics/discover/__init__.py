"""Networks and rate laws proposed from data."""

from chemwright.kinetics.discover.answer import models_text, proposal_answer
from chemwright.kinetics.discover.candidates import candidates
from chemwright.kinetics.discover.propose import Candidate, Proposal, propose
from chemwright.kinetics.discover.rate_law import FoundLaw, rate_laws
from chemwright.kinetics.discover.subspace import Subspace, subspace_of

__all__ = ["Candidate", "FoundLaw", "Proposal", "Subspace", "candidates", "models_text", "proposal_answer", "propose", "rate_laws", "subspace_of"]
