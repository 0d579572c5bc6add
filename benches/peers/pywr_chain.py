"""Microseconds a step that Pywr takes for the chains of `examples/rules.rs`: `pywr_chain.py RESERVOIRS`, by the Pywr installed.

The model is written for Pywr 1 and converted by Pywr 2 itself. Median of five runs of 365 days, building not counted.
"""
import json
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

SEASON = [0.3, 0.3, 0.4, 0.8, 1.2, 2.0, 1.6, 1.2, 0.8, 0.5, 0.3, 0.3]
DAY = 0.0864  # hm³ a day in 1 m³/s


def chain(count):
    nodes, edges, parameters = [{"name": "sea", "type": "Output"}], [], {}
    for i in range(1, count + 1):
        below = "sea" if i % 10 == 0 or i == count else f"r{i + 1}"
        full = 24 + (i * 13 % 7) * 12
        mean = 24.0 if i % 10 == 1 else 3.0 + (7 * i % 11)
        parameters[f"flow{i}"] = {"type": "monthlyprofile", "values": [DAY * mean * part for part in SEASON]}
        nodes += [
            {"name": f"q{i}", "type": "Catchment", "flow": f"flow{i}"},
            {"name": f"r{i}", "type": "Storage", "max_volume": full, "min_volume": 0, "initial_volume": full / 2, "cost": -1},
            {"name": f"town{i}", "type": "Output", "max_flow": DAY * (4 + i * 5 % 7), "cost": -100},
            {"name": f"farm{i}", "type": "Output", "max_flow": DAY * (6 + (i * 3 % 8) * 2), "cost": -10},
            {"name": f"section{i}", "type": "RiverGauge", "mrf": DAY * 0.2 * mean, "mrf_cost": -50},
        ]
        edges += [[f"q{i}", f"r{i}"], [f"r{i}", f"town{i}"], [f"r{i}", f"farm{i}"], [f"r{i}", f"section{i}"], [f"section{i}", below]]
    return {
        "metadata": {"title": "chain", "description": "", "minimum_version": "0.1"},
        "timestepper": {"start": "2026-01-01", "end": "2026-12-31", "timestep": 1},
        "nodes": nodes,
        "edges": edges,
        "parameters": parameters,
    }


def times_of_1(model):
    from pywr.model import Model

    times = []
    for _ in range(5):
        loaded = Model.load(model)
        loaded.setup()
        begun = time.perf_counter()
        loaded.run()
        times.append(time.perf_counter() - begun)
    return times


def times_of_2(model, solver):
    import pywr

    converted, errors = pywr.convert_model_from_v1_json_string(json.dumps(model))
    assert not errors, errors
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for _ in range(5):
            built = converted.build(Path(folder), None)
            begun = time.perf_counter()
            built.run(solver)
            times.append(time.perf_counter() - begun)
    return times


number = version("pywr")
model = chain(int(sys.argv[1]))
ways = {"": times_of_1} if number.startswith("1.") else {f" {s}": lambda m, s=s: times_of_2(m, s) for s in ("clp", "highs")}
for way, times in ways.items():
    print(f"pywr {number}{way}: {sorted(times(model))[2] / 365 * 1e6:.0f} µs a step")
