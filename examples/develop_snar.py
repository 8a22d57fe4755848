"""The bundled case from measured runs to a priced plant, in fifteen lines."""

from pathlib import Path
from tempfile import TemporaryDirectory

import chemwright as cw
from chemwright.knowledge import write_bundled

with TemporaryDirectory() as folder:
    path = write_bundled("snar", Path(folder) / "snar")
    case = cw.Case.from_toml(path, Path(folder) / "snar.case")
    print(case.fit()["parameters"]["k.r1"])
    plant = case.design()
    for figure in ("cost", "e_factor", "co2e"):
        print(figure, plant[figure])
    for cause in case.explain("plant.cost")[:3]:
        print(f"{cause['share']:6.1%}  {cause['cause']}  [{cause['source']}]")
    for row in case.next(figure="cost")[:3]:
        print(f"{row['expected_reduction']:6.1%} for {row['cost']:.0f} USD: {row['experiment']}")
    print(case.report().name)
