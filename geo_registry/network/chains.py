"""Pieces of road joined into chains where one goes straight on into another: pure, in numbers, the same every time."""
# ruff: noqa: PLR0917  - a compiled kernel takes no keywords

import math

import numpy as np

from geo_registry.network.arrays import Float64, Int64
from geo_registry.network.compiled import kernel

NONE = -1

_DEGREES = 180 / math.pi
_RADIANS = math.pi / 180
_EQUAL_DEG = 0.05
"""Deflections that differ by less are alike: what comes first in the order of pieces then decides."""


@kernel("float64[:, ::1](int64[::1], float64[::1], float64[::1], float64)")
def end_bearings_deg(piece_ptr: Int64, lon: Float64, lat: Float64, along_m: float) -> Float64:
    """Which way each piece leads from its start, and from its end inwards: degrees clockwise of north, shape (p, 2).

    Measured to the place `along_m` metres along it, or to its other end where it is shorter: the last metre before a
    crossing is drawn as it happens.
    """
    bearing = np.empty((piece_ptr.size - 1, 2), np.float64)
    for piece in range(piece_ptr.size - 1):
        first, last = piece_ptr[piece], piece_ptr[piece + 1] - 1
        shrink = math.cos(lat[first] * _RADIANS)
        for end in range(2):
            here, step, stop = (first, 1, last) if end == 0 else (last, -1, first)
            east, north, gone_m = 0.0, 0.0, 0.0
            vertex = here
            while vertex != stop and gone_m < along_m:
                following = vertex + step
                x = (lon[following] - lon[vertex]) * shrink * 111_320.0
                y = (lat[following] - lat[vertex]) * 111_320.0
                length_m = math.sqrt(x * x + y * y)
                share = 1.0 if gone_m + length_m <= along_m else (along_m - gone_m) / length_m
                east += x * share
                north += y * share
                gone_m += length_m
                vertex = following
            bearing[piece, end] = math.atan2(east, north) * _DEGREES
    return bearing


@kernel("int64[::1](int64[::1], int64[::1], int64[::1], float64[:, ::1], int64[::1], float64, float64)")
def partners(
    end_order: Int64,
    end_node: Int64,
    kind: Int64,
    bearing: Float64,
    node_degree: Int64,
    crossing_deg: float,
    joint_deg: float,
) -> Int64:
    """The end that each end of a piece goes on into, shape (2p,); -1 where it goes nowhere.

    End ``2i`` is the start of piece ``i``, ``2i + 1`` its end. At each node the two ends that deflect least are joined
    first, then the next two; only pieces of one `kind` are. At a node of two ends altogether a road merely bends: there
    up to `joint_deg`, else up to `crossing_deg`.

    Parameters
    ----------
    end_order
        Ends in the order of their nodes, then of themselves.
    end_node
        The node of each end, shape (2p,).
    node_degree
        How many ends of any road meet at the node of each end, shape (2p,).
    """
    partner = np.full(end_node.size, NONE, np.int64)
    first = 0
    while first < end_order.size:
        after = first
        while after < end_order.size and end_node[end_order[after]] == end_node[end_order[first]]:
            after += 1
        while True:
            best_deg, best_a, best_b = 1e9, NONE, NONE
            for i in range(first, after):
                a = end_order[i]
                if partner[a] != NONE:
                    continue
                for j in range(i + 1, after):
                    b = end_order[j]
                    if partner[b] != NONE or kind[a // 2] != kind[b // 2]:
                        continue
                    apart = abs(bearing[a // 2, a % 2] - bearing[b // 2, b % 2]) % 360.0
                    deflection_deg = abs(180.0 - apart)
                    limit_deg = joint_deg if node_degree[a] == 2 else crossing_deg
                    if deflection_deg <= limit_deg and deflection_deg < best_deg - _EQUAL_DEG:
                        best_deg, best_a, best_b = deflection_deg, a, b
            if best_a == NONE:
                break
            partner[best_a] = best_b
            partner[best_b] = best_a
        first = after
    return partner


@kernel("Tuple((int64[::1], int64[::1]))(int64[::1])")
def chains(partner: Int64) -> tuple[Int64, Int64]:
    """Pieces in the order that chains run: ``chain_ptr`` shape (c + 1,), and the end that each is entered by, shape (p,).

    A chain begins at an end that goes nowhere; what has none goes round, and begins at its first piece.
    """
    pieces = partner.size // 2
    entered = np.empty(pieces, np.int64)
    chain_ptr = np.empty(pieces + 1, np.int64)
    taken = np.zeros(pieces, np.bool_)
    count, at = 0, 0
    chain_ptr[0] = 0
    for round_ in range(2):
        for piece in range(pieces):
            if taken[piece]:
                continue
            if round_ == 1 or partner[2 * piece] == NONE:
                end = 2 * piece
            elif partner[2 * piece + 1] == NONE:
                end = 2 * piece + 1
            else:
                continue
            while end != NONE and not taken[end // 2]:
                taken[end // 2] = True
                entered[at] = end
                at += 1
                end = partner[end ^ 1]
            count += 1
            chain_ptr[count] = at
    return chain_ptr[: count + 1].copy(), entered


@kernel("Tuple((int64[::1], int64[::1]))(int64[::1], int64[::1], int64[::1])")
def chain_vertices(chain_ptr: Int64, entered: Int64, piece_ptr: Int64) -> tuple[Int64, Int64]:
    """The vertices of each chain in its order, without what two pieces share: ``vertex_ptr``, and which they are."""
    chains_ = chain_ptr.size - 1
    vertex_ptr = np.empty(chains_ + 1, np.int64)
    taken = np.empty(piece_ptr[-1], np.int64)
    at = 0
    vertex_ptr[0] = 0
    for chain in range(chains_):
        for position in range(chain_ptr[chain], chain_ptr[chain + 1]):
            piece = entered[position] // 2
            first, after = piece_ptr[piece], piece_ptr[piece + 1]
            skipped = 1 if position > chain_ptr[chain] else 0
            for step in range(skipped, after - first):
                taken[at] = first + step if entered[position] % 2 == 0 else after - 1 - step
                at += 1
        vertex_ptr[chain + 1] = at
    return vertex_ptr, taken[:at].copy()
