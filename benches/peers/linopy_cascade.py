"""The cascade's three goals in linopy over HiGHS, each kept by a row with a slack of 1e-6 of its value."""
import sys

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from case import HM3, RETURNS, Cascade

c = Cascade(sys.argv[1])
days, dams = pd.RangeIndex(c.days, name="t"), pd.RangeIndex(c.count, name="i")


def array(rows):
    return xr.DataArray(np.array(rows), coords=[days, dams])


def every_day(values):
    return array(np.tile(values, (c.days, 1)))


m = linopy.Model()
lower = np.tile(c.dead, (c.days, 1))
lower[-1] = np.maximum(lower[-1], c.end)
inflow, town, works, section = map(array, (c.inflow, c.town, c.works, c.section))
s = m.add_variables(lower=array(lower), upper=every_day(c.full), name="s")
r = m.add_variables(lower=0, upper=every_day(c.turbines), name="r")
w = m.add_variables(lower=0, upper=every_day(c.spillway), name="w")
d = m.add_variables(lower=0, upper=town, name="d")
p = m.add_variables(lower=0, upper=works, name="p")
e = m.add_variables(lower=0, upper=section, name="e")
passed = r + w + RETURNS[0] * d + RETURNS[1] * p
water = HM3 * inflow
water[0] += np.array(c.start)
change = s - s.shift(t=1)
out = HM3 * (r + w + d + p)
for i in range(c.count):
    balance = change.sel(i=i) + out.sel(i=i)
    for u in c.up[i]:
        balance = balance - HM3 * passed.sel(i=u)
    m.add_constraints(balance == water.sel(i=i), name=f"balance{i}")
m.add_constraints(r + w + e >= section, name="section")
goals = [
    ((-1 / town) * d).sum(),
    ((1 / section) * e).sum(),
    ((-1 / works) * p).sum(),
]
constants = [c.days * c.count, 0, c.days * c.count]
for number, (goal, constant) in enumerate(zip(goals, constants)):
    m.add_objective(goal, overwrite=True)
    status, condition = m.solve(solver_name="highs", io_api="direct", threads=1, output_flag=False, progress=False)
    assert condition == "optimal", (status, condition)
    value = m.objective.value + constant
    print(f"{value:.6f}")
    m.add_constraints(goal <= m.objective.value + 1e-6 * max(1.0, value), name=f"kept{number}")
