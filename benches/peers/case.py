"""A cascade as the peers read it: from the basin folder that weir itself reads, so that all solve the same water."""
import csv
import tomllib
from pathlib import Path

HM3 = 0.0864  # hm³ a day in 1 m³/s
RETURNS = (0.6, 0.3)  # of town and works


class Cascade:
    """Reservoirs in order; series by day, then reservoir, in m³/s; `down[i]` is the next reservoir or None."""

    def __init__(self, folder):
        folder = Path(folder)
        basin = tomllib.loads((folder / "basin.toml").read_text())
        dams = basin["reservoir"]
        number = {dam["id"]: i for i, dam in enumerate(dams)}
        self.down = [number.get(dam["outlet"][0]["to"]) for dam in dams]
        self.full = [dam["curve"][-1]["storage_hm3"] for dam in dams]
        self.dead = [dam["minimum_storage_hm3"] for dam in dams]
        self.start = [dam["initial_storage_hm3"] for dam in dams]
        self.end = [dam["end"]["storage_hm3"] for dam in dams]
        self.turbines = [dam["outlet"][0]["capacity_m3s"] for dam in dams]
        self.spillway = [dam["outlet"][1]["capacity_m3s"] for dam in dams]
        with open(folder / "series.csv", newline="") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.count, self.days = len(dams), len(rows)

        def series(name):
            return [[float(row[f"{name}{i + 1}"]) for i in range(self.count)] for row in rows]

        self.inflow, self.town, self.works, self.section = map(series, ("q", "dom", "prod", "eco"))
        self.up = [[u for u, d in enumerate(self.down) if d == i] for i in range(self.count)]
