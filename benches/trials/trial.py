#!/usr/bin/env python3
"""Ways of beginning from nothing, tried step by step over HiGHS's Python interface: what `solver/src/methods/certified.rs` does, with another start.

    pip install highspy==1.16.0 numpy==2.4.6 scipy==1.17.1
    cargo run --release -p weir-benches --example bare -- rich 10 365 rich.mps     # the bare matrix; or `weir solve BASIN --dump FILE.mps`
    benches/trials/trial.py rich.mps daily joint [--runs 5] [--limit 240]

A line a way: processor seconds of HiGHS's runs alone (median of the runs) and their ratio to the first way's, iterations over blocks
and by group of goals, what a start that is given for nothing took, and how far the values are from the first way's. `--log` tells each run.

A way is a start and what is changed, START[/CHANGE...]:

    daily                    nothing known: groups of four goals, presolve, limits of change left out until one is broken
    blocks:7                 the basis of the program whose blocks of 7 steps are one; `blocks:15,5` in blocks of 15 first, then of 5;
                             `blocks:7:days` leaves steps longer than a day as they are, `blocks:7:within` has storages within a block basic
    windows:73:20            windows of 73 + 20 steps one after another, their bases glued
    rules                    each demand in the goals' order, upstream first, what lies between its bounds basic; `--point FILE.csv` has
                             the series of a plan by `rules` for programs of `weir solve --dump`
    alone:balance            given for nothing: the optimum of these families of rows alone, such as balance,requirement,flood_limit;
                             `alone:balance:no_returns` without what deliveries give back, which is a network
    joint                    blocks:7/joint=30/first=near/behind=primal

    joint=30                 all goals as one program first, weights by 30; largest=1e6 its largest
    first=ALG  behind=ALG    auto, near (dual, costs not perturbed), primal, ipx, pdlp: of the first group, of those behind
    at_once                  limits of change from the start
    OPTION=VALUE             an option of HiGHS, such as presolve=off or simplex_dual_edge_weight_strategy=1

With `--then OTHER.mps`, of the same form (`bare … 0.9`: all inflow × 0.9), each way is a live session brought from FILE to OTHER:
`groups`, `own` (each group from where it ended itself), `joint:30` (the joint program, largest 1e8, its basis kept beside, then groups by primal
simplex; `joint:30:plan` from the basis where the groups ended).
"""
import argparse
import csv
import re
import statistics
import time
from collections import defaultdict

import highspy
import numpy as np
import scipy.sparse as sp

KINDS = highspy.HighsBasisStatus
STATUS = [KINDS.kLower, KINDS.kBasic, KINDS.kUpper, KINDS.kZero, KINDS.kNonbasic]
LOWER, BASIC, UPPER, ZERO = range(4)
BROKEN = (highspy.HighsModelStatus.kNotset, highspy.HighsModelStatus.kUnknown)
DUAL = 1e-9
LATE_FROM = 1000
HM3_A_DAY = 0.0864
DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOST = 2**31 - 1


class Unfinished(Exception):
    """A run without an optimum, or beyond the limit."""


class Program:
    """A program from a file of `weir solve --dump` or of the example `bare`: names tell families, places and steps."""

    def __init__(self, path, end=None, keep=None):
        goals, rows, columns, kinds, side, ranges = {}, {}, {}, [], {}, {}
        costs, constants, entries, bounds, section = defaultdict(dict), {}, [], [], ""
        for line in open(path, encoding="utf-8"):
            if line[0] != " ":
                section = line.split()[0]
                continue
            word = line.split()
            if section == "ROWS":
                (goals if word[0] == "N" else rows)[word[1]] = len(goals if word[0] == "N" else rows)
                kinds += word[0] if word[0] != "N" else ""
            elif section == "COLUMNS":
                column = columns.setdefault(word[0], len(columns))
                if word[1] in goals:
                    costs[goals[word[1]]][column] = float(word[2])
                else:
                    entries.append((rows[word[1]], column, float(word[2])))
            elif section == "RHS":
                if word[1] in goals:
                    constants[goals[word[1]]] = -float(word[2])
                else:
                    side[rows[word[1]]] = float(word[2])
            elif section == "RANGES":
                ranges[rows[word[1]]] = float(word[2])
            elif section == "BOUNDS":
                bounds.append((word[0], columns[word[2]], float(word[3])))
        row, column, value = zip(*entries)
        self.A = sp.csc_matrix((value, (row, column)), shape=(len(rows), len(columns)))
        self.A.sort_indices()
        self.lo, self.up = np.zeros(len(columns)), np.full(len(columns), np.inf)
        for kind, column, bound in bounds:
            if kind in ("FX", "LO"):
                self.lo[column] = bound
            if kind in ("FX", "UP"):
                self.up[column] = bound
        sides, kinds = np.array([side.get(k, 0.0) for k in range(len(rows))]), np.array(kinds)
        self.rlo = np.where(kinds == "L", -np.inf, sides)
        self.rup = np.where(kinds == "G", np.inf, sides)
        for row, width in ranges.items():
            self.rup[row] = sides[row] + width
        dense = lambda of: np.array([of.get(k, 0.0) for k in range(len(columns))])
        self.goals = [(dense(costs[k]), constants.get(k, 0.0)) for k in range(len(goals))]
        self.columns, self.rows = list(columns), list(rows)
        dates = sorted({found for name in columns for found in DATE.findall(name)})
        self.dates, step = dates, {date: number for number, date in enumerate(dates)}
        days = np.array([*dates, end or dates[-1]], dtype="datetime64[D]").astype(int)
        self.length = np.diff(days)
        self.length[-1] = self.length[-1] or self.length[-2]
        of = lambda names: np.array([step[found[-1]] if (found := DATE.findall(name)) else -1 for name in names])
        self.column_step, self.row_step = of(columns), of(rows)
        self.column_family = np.array([name.split("[")[0].rsplit(".", 1)[-1] for name in columns])
        self.row_family = np.array([name.split("[")[0] for name in rows])
        if keep:
            stays = np.where(np.isin(self.row_family, keep))[0]
            self.A = self.A.tocsr()[stays].tocsc()
            self.A.sort_indices()
            self.rlo, self.rup, self.row_step, self.row_family = (
                of[stays] for of in (self.rlo, self.rup, self.row_step, self.row_family))
            self.rows = [self.rows[row] for row in stays]
        change = np.where(self.row_family == "change")[0]
        self.late = change if len(change) >= LATE_FROM else change[:0]

    def blocks(self, most, days_alone):
        """The block of each column and row: so many steps of one length, numbered as they are met."""
        block, first = [], 0
        for step, length in enumerate(self.length):
            if step - first == most or length != self.length[first] or (days_alone and length != 1):
                first = step
            block.append(first)

        def numbers(names, steps):
            known = {}
            keys = (name if step < 0 else DATE.sub(self.dates[block[step]], name) for name, step in zip(names, steps))
            return np.array([known.setdefault(key, len(known)) for key in keys])

        return numbers(self.columns, self.column_step), numbers(self.rows, self.row_step)


class Session:
    """One program in HiGHS; `log` has what each run took."""

    log, talks, limit = [], False, np.inf

    def __init__(self, A, lo, up, rlo, rup, options):
        self.h, self.options, self.rows = highspy.Highs(), options, A.shape[0]
        fixed = dict(output_flag=False, threads=1, parallel="off", random_seed=0, run_crossover="on", small_matrix_value=1e-12)
        for name, value in fixed.items():
            self.h.setOptionValue(name, value)
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = A.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_ = np.zeros(A.shape[1]), lo, up, rlo, rup
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = A.indptr, A.indices, A.data
        self.h.passModel(lp)
        self.columns = np.arange(A.shape[1], dtype=np.int32)

    def run(self, cost, algorithm, what):
        """Whether there is an optimum, and iterations of all kinds."""
        options = dict(solver="choose", simplex_strategy=1, presolve="choose", simplex_iteration_limit=MOST,
                       dual_simplex_cost_perturbation_multiplier=1.0)
        options |= {
            "auto": {}, "primal": dict(solver="simplex", simplex_strategy=4), "ipx": dict(solver="ipx"),
            "near": dict(simplex_iteration_limit=max((self.rows + len(self.columns)) // 2, 1000),
                         dual_simplex_cost_perturbation_multiplier=0.0),
            "pdlp": dict(solver="pdlp", kkt_tolerance=1e-4),
        }[algorithm] | self.options
        for name, value in options.items():
            if self.h.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise SystemExit(f"HiGHS has no {name} = {value}")
        self.h.changeColsCost(len(self.columns), self.columns, cost)
        left = Session.limit - sum(seconds for *_, seconds in Session.log)
        self.h.setOptionValue("time_limit", self.h.getRunTime() + left)
        before = time.process_time()
        self.h.run()
        seconds, info = time.process_time() - before, self.h.getInfo()
        counts = [info.simplex_iteration_count, info.ipm_iteration_count, info.crossover_iteration_count, info.pdlp_iteration_count]
        iterations, status = sum(max(count, 0) for count in counts), self.h.getModelStatus()
        Session.log.append((what, iterations, seconds))
        if Session.talks:
            print(f"    {what}, {algorithm}: {iterations} iterations, {seconds:.3f} s, {status}", flush=True)
        return status == highspy.HighsModelStatus.kOptimal, iterations

    def basis(self):
        basis = self.h.getBasis()
        return tuple(np.array([int(status) for status in all_], dtype=np.int8) for all_ in (basis.col_status, basis.row_status))

    def set_basis(self, columns, rows):
        basis = highspy.HighsBasis()
        basis.col_status, basis.row_status = [STATUS[k] for k in columns], [STATUS[k] for k in rows]
        basis.valid = basis.alien = True
        if self.h.setBasis(basis) == highspy.HighsStatus.kError:
            raise Unfinished("a basis that HiGHS refuses")

    def point(self):
        return np.array(self.h.getSolution().col_value)


class Live:
    """A program in a session, with the bounds that hold now."""

    def __init__(self, program, options=None, at_once=False):
        self.program = program
        self.bounds = [bound.copy() for bound in (program.lo, program.up, program.rlo, program.rup)]
        self.session = Session(program.A, *self.bounds, options or {})
        self.late = program.late[:0] if at_once else program.late
        self.fixed = np.full(sum(program.A.shape), -1, np.int8)
        self.move_rows(self.late, -np.inf, np.inf)

    def move_columns(self, which, lower, upper):
        lo, up = self.bounds[:2]
        lo[which], up[which] = lower, upper
        self.session.h.changeColsBounds(len(which), which.astype(np.int32), lo[which], up[which])

    def move_rows(self, which, lower, upper):
        lo, up = self.bounds[2:]
        lo[which], up[which] = lower, upper
        if len(which):
            self.session.h.changeRowsBounds(len(which), which.astype(np.int32), lo[which], up[which])

    def basis(self):
        """What a face fixed stands where it was fixed: HiGHS tells it at either bound."""
        basis = np.concatenate(self.session.basis())
        put_back = (self.fixed >= 0) & (basis != BASIC)
        basis[put_back] = self.fixed[put_back]
        return np.split(basis, [len(self.bounds[0])])

    def minimise(self, cost, algorithm, what):
        done, iterations = self.session.run(cost, algorithm, what)
        if not done and algorithm == "near":
            self.session.h.clearSolver()
            return self.minimise(cost, "auto", what + ", again from nothing")
        if not done and self.session.h.getModelStatus() in BROKEN:
            done, more = self.session.run(cost, "primal", what + ", again by primal simplex")
            iterations += more
        if not done:
            raise Unfinished(f"{what} ended {self.session.h.getModelStatus()}")
        program, late = self.program, self.late
        activity = (program.A @ self.session.point())[late]
        if len(late) and max((program.rlo[late] - activity).max(), (activity - program.rup[late]).max()) > 1e-7:
            self.late = late[:0]
            self.move_rows(late, program.rlo[late], program.rup[late])
            done, more = self.session.run(cost, "near" if algorithm == "near" else "auto", what + ", limits of change back")
            if not done:
                raise Unfinished(what)
            iterations += more
        return iterations


class Group:
    """Goals as one weighted program, whose weights rise until its signs prove their order."""

    def __init__(self, live, goals, ratio=30.0, largest=None):
        def scale(cost):
            return 2.0 ** -np.round(np.log2(np.abs(cost[cost != 0])).mean()) if cost.any() else 1.0

        count = len(goals)
        self.live, self.goals, self.costs = live, goals, [scale(cost) * cost for cost, _ in goals]
        self.weights = [1.0 if k == 0 else ratio**k if count > 4 else 1e3 * 1e2 ** (k - 1) for k in reversed(range(count))]
        self.largest = largest or (1e6 if count > 4 else 1e8)

    def cost(self):
        factor = min(1.0, self.largest / max(self.weights))
        return factor * sum(weight * cost for weight, cost in zip(self.weights, self.costs))

    def proved(self):
        """How many goals from the first have all signs right."""
        live, h = self.live, self.live.session.h
        basic = np.array(h.getBasicVariables()[1])
        self.reduced = []
        for cost in self.costs:
            duals = np.array(h.getBasisTransposeSolve(np.where(basic >= 0, cost[np.clip(basic, 0, None)], 0.0))[1])
            self.reduced.append(np.concatenate([cost - live.program.A.T @ duals, duals]))
        self.status = np.concatenate(live.session.basis())
        lo, up = np.concatenate(live.bounds[::2]), np.concatenate(live.bounds[1::2])
        is_open, self.sign, self.wrong = (self.status != BASIC) & (lo != up), np.where(self.status == UPPER, -1.0, 1.0), []
        for reduced in self.reduced:
            decides = is_open & (np.abs(reduced) > DUAL)
            sign = np.where(self.status == ZERO, -np.sign(reduced), self.sign)
            self.wrong.append(np.where(decides & (sign * reduced < 0))[0])
            is_open &= ~decides
        return next((k for k, wrong in enumerate(self.wrong) if len(wrong)), len(self.wrong))

    def raised(self):
        weights, rises, ratio = self.weights, False, 1.0
        for k in reversed(range(len(weights) - 1)):
            wrong, need = self.wrong[k], 0.0
            if len(wrong):
                below = sum(weights[j] * self.sign[wrong] * self.reduced[j][wrong] for j in range(k + 1, len(weights)))
                need = max(0.0, float((-below / (self.sign[wrong] * self.reduced[k][wrong])).max()))
            risen = max(2.0 * need, weights[k] * ratio)
            ratio = risen / weights[k]
            rises |= ratio > 1.0
            weights[k] = risen
        return rises

    def cut(self):
        stays = next((k for k, weight in enumerate(self.weights) if self.weights[0] > 1e9 * weight), len(self.weights))
        stays = min(max(stays, 1), len(self.weights) - 1)
        last = self.weights[stays - 1]
        self.goals, self.costs = self.goals[:stays], self.costs[:stays]
        self.weights = [weight / last for weight in self.weights[:stays]]

    def solve(self, algorithm, what):
        """Goals proved from the first, and iterations."""
        h, is_tight, iterations, proved = self.live.session.h, False, 0, 0
        for number in range(12):
            iterations += self.live.minimise(self.cost(), algorithm if number == 0 else "primal", f"{what}, round {number + 1}")
            proved = self.proved()
            if proved == len(self.goals):
                break
            if self.raised():
                if self.weights[0] > 1e9 * self.weights[-1]:
                    if proved:
                        break
                    self.cut()
            elif is_tight:
                break
            else:
                is_tight = True
                h.setOptionValue("dual_feasibility_tolerance", 1e-10)
        if is_tight:
            h.setOptionValue("dual_feasibility_tolerance", 1e-7)
        return proved, iterations

    def keep(self, proved):
        """Keeps the goals that are proved by their face; their values."""
        live, x = self.live, self.live.session.point()
        lo, up = np.concatenate(live.bounds[::2]), np.concatenate(live.bounds[1::2])
        bound = np.where(self.status == UPPER, up, lo)
        holds = np.any(np.abs(np.array(self.reduced[:proved])) > DUAL, axis=0) & np.isfinite(bound) & (lo != up)
        fixed = np.where(holds & (self.status != BASIC) & (self.status != ZERO))[0]
        live.fixed[fixed] = self.status[fixed]
        count = len(x)
        columns, rows = fixed[fixed < count], fixed[fixed >= count]
        live.move_columns(columns, bound[columns], bound[columns])
        live.move_rows(rows - count, bound[rows], bound[rows])
        return [float(cost @ x + constant) for cost, constant in self.goals[:proved]]


def order(live, start=None, first="auto", behind="auto", joint=None, largest=None, own=None, known=None):
    """Values of all goals and iterations by group. By the first goal of a group, `own` has the basis that it begins from and `known` its
    weights; both get those that it ends with."""
    goals, values, iterations = live.program.goals, [], []
    while len(values) < len(goals):
        done = len(values)
        before = (known or {}).get(done)
        count = len(before) if before else len(goals) if joint and not done else 4
        group = Group(live, goals[done:done + count], joint or 30.0, largest)
        group.weights = list(before or group.weights)
        if start and not done:
            start(live, group.cost())
        if own and done in own:
            live.session.set_basis(*own[done])
        proved, taken = group.solve(behind if done else first, f"goals {done + 1} to {done + len(group.goals)}")
        if not proved:
            raise Unfinished("no goal proved")
        if own is not None:
            own[done] = live.basis()
        if known is not None:
            known[done] = group.weights[:proved]
        iterations.append(taken)
        values += group.keep(proved)
    return values, iterations


def of_blocks(sizes, how=()):
    """Of a size of blocks after another, each from the basis of the one before."""

    def start(live, cost):
        program, basis = live.program, None
        for steps in sizes:
            columns, rows = program.blocks(steps, "days" in how)
            coarse = coarser(live, columns, rows)
            if basis:
                first = [np.unique(of, return_index=True)[1] for of in (columns, rows)]
                coarse.set_basis(*(of[which] for of, which in zip(basis, first)))
            if not coarse.run(np.bincount(columns, cost), "auto", "blocks")[0]:
                raise Unfinished("blocks")
            basis = [of[which] for of, which in zip(coarse.basis(), (columns, rows))]
        if "within" in how:
            last = np.zeros(len(columns), bool)
            last[len(columns) - 1 - np.unique(columns[::-1], return_index=True)[1]] = True
            basis[0][(program.column_family == "storage") & ~last] = BASIC
        live.session.set_basis(*basis)

    return start


def coarser(live, columns, rows):
    """A session on the program whose blocks are one column and one row each."""
    count = np.bincount(columns)
    spread = sp.csr_matrix((np.ones(len(columns)), (np.arange(len(columns)), columns)))
    sums = sp.csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))))
    A = (sums @ live.program.A @ spread).tocsc()
    A.data[np.abs(A.data) <= 1e-12] = 0
    A.eliminate_zeros()
    A.sort_indices()

    def summed(side, endless):
        total = np.bincount(rows, np.where(np.isfinite(side), side, 0.0))
        total[np.bincount(rows, ~np.isfinite(side)) > 0] = endless
        return total

    lo, up, rlo, rup = live.bounds
    means = [np.bincount(columns, side) / count for side in (lo, up)]
    return Session(A, *means, summed(rlo, -np.inf), summed(rup, np.inf), live.session.options)


def of_windows(keep, ahead):
    def start(live, cost):
        program, (lo, up, rlo, rup) = live.program, live.bounds
        by_row, steps = program.A.tocsr(), len(program.dates)
        x, columns = np.zeros(len(lo)), np.zeros(len(lo), np.int8)
        rows = np.ones(len(rlo), np.int8)
        whole = np.where(program.row_step < 0)[0]
        most = np.where(np.isfinite(program.up), program.up, 0.0)
        for begin in range(0, steps, keep):
            end = steps if steps - (begin + keep) < ahead else begin + keep + ahead
            within = lambda of: np.where((of >= begin) & (of < end))[0]
            c, r = within(program.column_step), within(program.row_step)
            before = np.where(program.column_step < begin)[0]
            passed = by_row[r][:, before] @ x[before]
            A, lower, upper = by_row[r][:, c], rlo[r] - passed, rup[r] - passed
            if len(whole):  # a row of all steps gets the part of its limit that its columns could take within the window
                part = by_row[whole][:, c]
                A = sp.vstack([A, part])
                share = (part @ most[c]) / (by_row[whole] @ most)
                lower, upper = np.r_[lower, np.full(len(whole), -np.inf)], np.r_[upper, rup[whole] * share]
            A = A.tocsc()
            A.sort_indices()
            window = Session(A, lo[c], up[c], lower, upper, live.session.options)
            if not window.run(cost[c], "auto", f"window from step {begin}")[0]:
                raise Unfinished("a window")
            x[c] = window.point()
            of_columns, of_rows = window.basis()
            mine = lambda of: of < (steps if end == steps else begin + keep)
            c_mine, r_mine = mine(program.column_step[c]), mine(program.row_step[r])
            columns[c[c_mine]], rows[r[r_mine]] = of_columns[c_mine], of_rows[:len(r)][r_mine]
            if end == steps:
                break
        live.session.set_basis(columns, rows)

    return start


def alone(families, no_returns):
    def start(live, cost):
        program = live.program
        A = program.A.tocoo(copy=True)
        if no_returns:
            delivered = np.isin(program.column_family, DELIVERIES)
            A.data[delivered[A.col] & (program.row_family == "balance")[A.row] & (A.data < 0)] = 0
        r = np.where(np.isin(program.row_family, families))[0]
        A = A.tocsr()[r].tocsc()
        A.eliminate_zeros()
        A.sort_indices()
        lo, up, rlo, rup = live.bounds
        given = Session(A, lo, up, rlo[r], rup[r], live.session.options)
        if not given.run(cost, "auto", "given")[0]:
            raise Unfinished("what is given")
        columns, of_rows = given.basis()
        rows = np.ones(len(rlo), np.int8)
        rows[r] = of_rows
        live.session.set_basis(columns, rows)

    return start


# Deliveries of the bare matrices in the goals' order, ecological flow among them.
GIVES = {"domestic": ["domestic", ("shortfall",), "production"],
         "domestic_1": ["domestic_1", ("lower_shortfall",), "domestic_2", "industry_1", "industry_2", ("upper_shortfall",), "farms_1",
                        "farms_2"]}
DELIVERIES = [name for names in GIVES.values() for name in names if isinstance(name, str)]


def by_rules(program):
    """The point of a bare matrix by the rules: each reservoir, upstream first, gives what it has in the goals' order and spills the rest."""
    at = {name: number for number, name in enumerate(program.columns)}
    row_at = {name: number for number, name in enumerate(program.rows)}
    gives = GIVES["domestic" if f"r1.domestic[{program.dates[0]}]" in at else "domestic_1"]
    by_row, x = program.A.tocsr(), np.zeros(len(program.columns))
    for date in program.dates:
        for place in (f"r{number + 1}" for number in range(int((program.column_family == "storage").sum() / len(program.dates)))):
            column = lambda family: at[f"{place}.{family}[{date}]"]
            row, storage = row_at[f"balance[{place},{date}]"], column("storage")
            start, stop = by_row.indptr[row:row + 2]
            least = program.lo[storage]
            water = program.rlo[row] - by_row.data[start:stop] @ x[by_row.indices[start:stop]] - least
            flow, released, target = max(0.0, water / HM3_A_DAY), 0.0, 0.0
            for family in gives:
                is_ecological = isinstance(family, tuple)
                family = column(family[0] if is_ecological else family)
                given = min(flow, program.up[family])
                x[family] = program.up[family] - given if is_ecological else given
                flow -= given
                if is_ecological:
                    released += given
                    target += program.up[family]
            flood = row_at.get(f"flood_limit[{place},{date}]")
            full = program.up[storage] if flood is None else program.rup[flood]
            over = max(0.0, flow - (full - least) / HM3_A_DAY)
            released += over
            x[column("release")] = min(released, program.up[column("release")])
            x[column("spill")] = released - x[column("release")]
            x[storage] = least + (flow - over) * HM3_A_DAY
            if released >= target:
                for family in gives:
                    if isinstance(family, tuple):
                        x[column(family[0])] = 0.0
    return x


def of_series(program, path, end):
    """The point that a plan's long series tell of a program of `weir solve --dump`; what they do not tell is 0."""
    told = {(row["address"], row["quantity"], row["time"][:10]): float(row["value"] or 0) for row in csv.DictReader(open(path))}
    at = {name: number for number, name in enumerate(program.columns)}
    x = np.clip(0.0, np.where(np.isfinite(program.lo), program.lo, 0), np.where(np.isfinite(program.up), program.up, 0))
    for number, name in enumerate(program.columns):
        step = program.column_step[number]
        place, quantity = name.split("[")[0].rsplit(".", 1)
        if step < 0 or not (quantity in ("storage", "flow", "supply") or ".shortfall." in name):
            continue
        date, volume = program.dates[step], HM3_A_DAY * program.length[step]
        following = program.dates[step + 1] if step + 1 < len(program.dates) else end
        if ".shortfall." in name:
            place, quantity = name.split(".shortfall")[0], "shortfall"
        base = place.removesuffix(".tier2")
        value = told.get((base, quantity, following if quantity == "storage" else date))
        if value is None:
            continue
        value *= 1.0 if quantity == "storage" else volume
        first = at.get(name.replace(".tier2", "").replace("shortfall.2", "shortfall.1"), number)
        x[number] = min(value, program.up[number]) if first == number else max(0.0, value - program.up[first])
    return x


def at_point(x):
    def start(live, _cost):
        (lo, up, rlo, rup), activity, near = live.bounds, live.program.A @ x, 1e-9
        columns = np.where(x <= lo + near, LOWER, np.where(x >= up - near, UPPER, BASIC))
        rows = np.where((activity <= rlo + near) | (rlo == rup), LOWER, np.where(activity >= rup - near, UPPER, BASIC))
        live.session.set_basis(columns, rows)

    return start


def split(way):
    """The start of a way and its parts, what is changed of the order, options of HiGHS."""
    way = way.replace("joint", "blocks:7/joint=30/first=near/behind=primal") if re.match(r"joint(/|$)", way) else way
    (start, *parts), asked, options = way.split("/")[0].split(":"), {}, {}
    for change in way.split("/")[1:]:
        name, _, value = change.partition("=")
        if name in ("joint", "largest", "first", "behind", "at_once"):
            asked[name] = float(value) if name in ("joint", "largest") else value or True
        else:
            options[name] = number(value)
    return start, parts, asked, options


def number(word):
    """A word as HiGHS has the option: 4 whole, 4.0 not."""
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            pass
    return word


def cold(program, way, point):
    start, parts, asked, options = split(way)
    live = Live(program, options, asked.pop("at_once", False))
    if start == "daily":
        begin = None
    elif start == "blocks":
        begin = of_blocks([int(size) for size in parts[0].split(",")], parts[1:])
    elif start == "windows":
        begin = of_windows(int(parts[0]), int(parts[1]))
    elif start == "alone":
        begin = alone(parts[0].split(","), "no_returns" in parts)
    elif start == "rules":
        begin = at_point(by_rules(program) if point is None else point)
    else:
        raise SystemExit(f"no way {way}")
    return lambda: order(live, begin, **asked)


def hot(program, other, way):
    """A session that has answered a program, to be brought to another."""
    kind, *ratio = way.split(":")
    if kind not in ("groups", "own", "joint"):
        raise SystemExit(f"no way {way} of what-ifs")
    live, own, known, group, basis = Live(program), {} if kind == "own" else None, {}, None, None
    if kind == "joint":
        group = Group(live, program.goals, float(ratio[0]), 1e8)
        of_blocks([7])(live, group.cost())
        live.minimise(group.cost(), "near", "before")
        basis = live.basis()
    order(live, first="primal" if group else "auto", behind="primal" if group else "auto", own=own, known=known)
    if not group or "plan" in ratio:
        basis = live.basis()

    def answer():
        live.program, live.late = other, other.late[:0]
        live.fixed[:] = -1
        live.move_columns(np.arange(len(other.lo)), other.lo, other.up)
        live.move_rows(np.arange(len(other.rlo)), other.rlo, other.rup)
        live.session.set_basis(*basis)
        if not group:
            return order(live, own=own, known=known)
        taken = live.minimise(group.cost(), "near", "joint")
        values, iterations = order(live, first="primal", behind="primal", known=known)
        return values, [taken, *iterations]

    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("ways", nargs="+")
    parser.add_argument("--then", help="a what-if: a program of the same form")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=np.inf, help="seconds by the clock of a run of all goals")
    parser.add_argument("--rows", help="these families of rows alone, such as balance,requirement: what stands before the [ of a row's name")
    parser.add_argument("--goals", type=int, help="so many of the goals, from the first")
    parser.add_argument("--end", help="the date behind the last step, where that is not as long as the one before")
    parser.add_argument("--point", help="series.csv of a plan, for `rules`")
    parser.add_argument("--log", action="store_true")
    asked = parser.parse_args()
    Session.talks, Session.limit = asked.log, asked.limit
    keep = asked.rows and asked.rows.split(",")
    program = Program(asked.file, asked.end, keep)
    program.goals = program.goals[:asked.goals]
    other = asked.then and Program(asked.then, asked.end, keep)
    point = asked.point and of_series(program, asked.point, asked.end)
    print(f"{asked.file}: {program.A.shape[0]} rows, {program.A.shape[1]} columns, {program.A.nnz} non-zeros, {len(program.goals)} goals")
    base = None
    for way in asked.ways:
        seconds, given = [], []
        try:
            for _ in range(asked.runs):
                work = hot(program, other, way) if other else cold(program, way, point)
                Session.log.clear()
                values, iterations = work()
                seconds.append(sum(took for what, _, took in Session.log if what != "given"))
                given.append(sum(took for what, _, took in Session.log if what == "given"))
        except Unfinished as why:
            print(f"{way}: not done, {why} after {sum(took for *_, took in Session.log):.2f} s", flush=True)
            continue
        median = statistics.median(seconds)
        base = base or (median, values)
        before = [str(count) for what, count, _ in Session.log if what == "blocks"]
        apart = max(abs(one - two) for one, two in zip(values, base[1]))
        print(f"{way}: {median:.3f} s, {median / base[0]:.2f}; {' + '.join(before + [str(count) for count in iterations])}; "
              f"given {statistics.median(given):.3f} s; values within {apart:.1e}", flush=True)
    if base:
        print("values", *(f"{value:.6f}" for value in base[1]))


if __name__ == "__main__":
    main()
