"""A published batch of alpha-pinene at 189.5 degC: its network fitted, its rivals ranked, what the ranking shows about the data."""

from pathlib import Path

from chemwright.kinetics import compare, fit_answer, fit_runs, read_problem

here = Path(__file__).parent
runs, models = read_problem(here / "pinene.csv", here / "pinene.toml")

fit = fit_runs(models.schemes["published"], runs, seed=1)
for p in fit_answer(fit)["parameters"]:
    print(f"{p['name']:14} {p['value']:.3e} {p['unit']}  95 %: {p['low']:.3e} to {p['high']:.3e}")

ranking = compare(models.schemes, runs, seed=1)
for rival in ranking.rivals:
    print(f"{rival.name:22} AICc {rival.aicc:7.1f}   probability {rival.probability:.2g}")
print(*ranking.words, sep="\n")

# Why? The pyronene is 3 % of the conversion in every sample, to the digits given: a figure that was computed, not read.
conversion, pyronene = 100 * runs.runs[0].observed[:, 0], 100 * runs.runs[0].observed[:, 3]
for read, computed in zip(pyronene, 0.03 * conversion, strict=True):
    print(f"pyronene {read:.1f} %, 3 % of the conversion {computed:.2f} %")
