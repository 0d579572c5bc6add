"""The cascade's three goals in RTC-Tools' goal programming over HiGHS, as its users write it: a Modelica model, a goal a priority."""
import sys
import tempfile
from pathlib import Path

import casadi
import numpy as np
from rtctools.optimization.collocated_integrated_optimization_problem import CollocatedIntegratedOptimizationProblem
from rtctools.optimization.goal_programming_mixin import Goal, GoalProgrammingMixin
from rtctools.optimization.modelica_mixin import ModelicaMixin
from rtctools.optimization.timeseries import Timeseries

from case import RETURNS, Cascade

c = Cascade(sys.argv[1])
DAY = 86400.0
# A day more than the case's: the first is the start, and what flows in it is nowhere counted.
TIMES = np.arange(c.days + 1) * DAY


GOALS = ("domestic", "ecological", "production")
SERIES = {"q": c.inflow, "town": c.town, "works": c.works, "least": c.section}


def model():
    lines = ["model Cascade", *(f"  output Real {goal};" for goal in GOALS)]
    for i in range(c.count):
        lines += [f"  Real s{i};", *(f"  input Real {kind}{i}(fixed=true);" for kind in SERIES)]
        lines += [f"  input Real {kind}{i}(fixed=false);" for kind in "rwdpe"]
    lines.append("equation")
    for i in range(c.count):
        above = "".join(f" + r{u} + w{u} + {RETURNS[0]} * d{u} + {RETURNS[1]} * p{u}" for u in c.up[i])
        lines.append(f"  der(s{i}) = 1e-6 * (q{i}{above} - r{i} - w{i} - d{i} - p{i});")
    dams = range(c.count)
    lines.append("  domestic = " + " + ".join(f"(1.0 - d{i} / town{i})" for i in dams) + ";")
    lines.append("  ecological = " + " + ".join(f"e{i} / least{i}" for i in dams) + ";")
    lines.append("  production = " + " + ".join(f"(1.0 - p{i} / works{i})" for i in dams) + ";")
    return "\n".join([*lines, "end Cascade;", ""])


class Sum(Goal):
    """The sum over all days of a quantity of the model."""

    order = 1

    def __init__(self, priority):
        self.priority, self.state = priority, GOALS[priority - 1]
        self.function_nominal = max(1.0, 0.1 * c.days * c.count)

    def function(self, problem, member):
        return casadi.sum1(problem.states_in(self.state, TIMES[1], TIMES[-1], member))


class Problem(GoalProgrammingMixin, ModelicaMixin, CollocatedIntegratedOptimizationProblem):
    """The cascade."""

    def times(self, variable=None):
        return TIMES

    def constant_inputs(self, member):
        inputs = super().constant_inputs(member)
        for kind, rows in SERIES.items():
            for i in range(c.count):
                inputs[f"{kind}{i}"] = Timeseries(TIMES, np.array([row[i] for row in (rows[0], *rows)]))
        return inputs

    def history(self, member):
        history = super().history(member)
        for i in range(c.count):
            history[f"s{i}"] = Timeseries(TIMES[:1], np.array([c.start[i]]))
        return history

    def bounds(self):
        bounds = super().bounds()

        def upper(rows, i):
            return Timeseries(TIMES, np.array([rows[0][i], *(row[i] for row in rows)]))

        for i in range(c.count):
            lower = np.full(c.days + 1, c.dead[i])
            lower[-1] = max(c.dead[i], c.end[i])
            bounds[f"s{i}"] = (Timeseries(TIMES, lower), c.full[i])
            bounds[f"r{i}"] = (0.0, c.turbines[i])
            bounds[f"w{i}"] = (0.0, c.spillway[i])
            for kind, rows in (("d", c.town), ("p", c.works), ("e", c.section)):
                bounds[f"{kind}{i}"] = (0.0, upper(rows, i))
        return bounds

    def path_constraints(self, member):
        enough = [
            (sum(self.state(f"{kind}{i}") for kind in "rwe") - self.variable(f"least{i}"), 0.0, np.inf) for i in range(c.count)
        ]
        return super().path_constraints(member) + enough

    def goals(self):
        return [Sum(priority) for priority in (1, 2, 3)]

    def priority_completed(self, priority):
        super().priority_completed(priority)
        print(f"{self.extract_results()[GOALS[priority - 1]][1:].sum():.6f}", flush=True)

    def solver_options(self):
        options = super().solver_options()
        options["casadi_solver"] = "qpsol"
        options["solver"] = "highs"
        options["highs"] = {"threads": 1, "output_flag": False}
        return options

    def compiler_options(self):
        return {**super().compiler_options(), "cache": False}


with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "Cascade.mo").write_text(model())
    problem = Problem(model_name="Cascade", model_folder=folder)
    if not problem.optimize():
        sys.exit("no optimum")
