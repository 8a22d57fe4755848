"""The 66 bundled flow runs of a nucleophilic substitution: which by-products does the E-factor speak for, and which constants can't it tell?"""

from pathlib import Path
from tempfile import TemporaryDirectory

from chemwright.kinetics import compare, fit_answer, read_problem
from chemwright.knowledge import write_bundled

with TemporaryDirectory() as folder:
    case = Path(write_bundled("snar", Path(folder) / "snar"))
    runs, models = read_problem(case.parent / "runs.csv", Path(__file__).parent / "snar_rivals.toml")

ranking = compare(models.schemes, runs, starts=3, cross_validate=False)
for rival in ranking.rivals:
    print(f"{rival.name:15} AICc {rival.aicc:7.1f}   probability {rival.probability:.2g}")
print(*ranking.words, sep="\n")

answer = fit_answer(ranking["all four"].fit)
print("\nAll four constants from the E-factor alone:", *answer["identifiability"], sep="\n- ")
print(*(p["words"] for p in answer["profiles"]), sep="\n")
