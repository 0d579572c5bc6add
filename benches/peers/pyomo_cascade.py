"""The cascade's three goals in Pyomo over HiGHS, each kept by a row with a slack of 1e-6 of its value."""
import sys

import pyomo.environ as pyo

from case import HM3, RETURNS, Cascade

c = Cascade(sys.argv[1])
m = pyo.ConcreteModel()
at = [(t, i) for t in range(c.days) for i in range(c.count)]


def up_to(upper):
    return lambda m, t, i: (0, upper(t, i))


m.s = pyo.Var(at, bounds=lambda m, t, i: (max(c.dead[i], c.end[i] if t + 1 == c.days else 0), c.full[i]))
m.r = pyo.Var(at, bounds=up_to(lambda t, i: c.turbines[i]))
m.w = pyo.Var(at, bounds=up_to(lambda t, i: c.spillway[i]))
m.d = pyo.Var(at, bounds=up_to(lambda t, i: c.town[t][i]))
m.p = pyo.Var(at, bounds=up_to(lambda t, i: c.works[t][i]))
m.e = pyo.Var(at, bounds=up_to(lambda t, i: c.section[t][i]))


def balance(m, t, i):
    before = m.s[t - 1, i] if t else c.start[i]
    above = sum(m.r[t, u] + m.w[t, u] + RETURNS[0] * m.d[t, u] + RETURNS[1] * m.p[t, u] for u in c.up[i])
    out = m.r[t, i] + m.w[t, i] + m.d[t, i] + m.p[t, i]
    return m.s[t, i] == before + HM3 * (c.inflow[t][i] + above - out)


m.balance = pyo.Constraint(at, rule=balance)
m.section = pyo.Constraint(at, rule=lambda m, t, i: m.r[t, i] + m.w[t, i] + m.e[t, i] >= c.section[t][i])
goals = [
    sum((c.town[t][i] - m.d[t, i]) / c.town[t][i] for t, i in at),
    sum(m.e[t, i] / c.section[t][i] for t, i in at),
    sum((c.works[t][i] - m.p[t, i]) / c.works[t][i] for t, i in at),
]
m.kept = pyo.ConstraintList()
solver = pyo.SolverFactory("appsi_highs")
solver.options["threads"] = 1
for goal in goals:
    m.goal = pyo.Objective(expr=goal)
    solver.solve(m)
    value = pyo.value(goal)
    print(f"{value:.6f}")
    m.kept.add(goal <= value + 1e-6 * max(1.0, value))
    m.del_component(m.goal)
