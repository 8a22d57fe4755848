"""Run a reactor file from Python and print how conversion grows along the tube."""

from pathlib import Path

from chemwright.kinetics.reactor_file import read_reactor, run_reactor

result = run_reactor(read_reactor(Path(__file__).with_name("fogler_isothermal.toml")), points=6)
print(f"conversion of A: {result['conversion']['A']:.4f}")
for volume, a in zip(result["profile"]["volume"], result["profile"]["A"], strict=True):
    print(f"{volume:5.2f} m^3  {a:7.4f} mol/L")
