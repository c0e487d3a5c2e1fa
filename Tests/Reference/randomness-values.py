"""Prints the values RandomnessTests compare with, as Swift literals: python3 randomness-values.py"""

import math

import scipy
from scipy import stats

from philox import MASK, child, philox


def literal(value):
    """Swift takes subnormal numbers only where the literal is exact."""
    return value.hex() if 0 < abs(value) < 2.3e-308 else repr(value)


print("children")
for seed, purpose, index in [
    (0, "", 0), (1, "initialization", 0), (1, "epoch", 7), (2**64 - 1, "größe", -1)]:
    bits = child(seed, purpose, index)
    first = philox([0, 0, 0, 0], [bits & MASK, bits >> 32])
    second = philox([1, 0, 0, 0], [bits & MASK, bits >> 32])
    print(f"ChildKey({seed}, \"{purpose}\", {index}, bits: 0x{bits:016x},")
    print("  words: [" + ", ".join(f"0x{word:08x}" for word in first + second[:1]) + "]),")
print("log")
for x in [5e-324, 2.5e-310, 1e-300, 0.1, 0.5, 0.7071067811865475, 0.9999999, 1.0, 1.0000001, 1.5,
          2.718281828459045, 10.0, 12345.678, 1.7976931348623157e308]:
    print(f"({literal(x)}, {math.log(x)!r}),")
print("exp")
for x in [-745.1, -720.5, -708.25, -100.25, -1.0, -1e-10, 0.0, 1e-17, 0.34657359, 0.5, 1.0, 20.75,
          100.0, 709.78]:
    print(f"({x!r}, {literal(math.exp(x))}),")
print("cos")
for x in [0.0, 1e-9, 0.5, 1.0, 1.5707963267948966, 2.0, 3.0, 3.141592653589793, -3.5, 4.71238898,
          6.283185307179586, 100.0, -9999.5, 99999.25]:
    print(f"({x!r}, {math.cos(x)!r}),")
print(f"// SciPy {scipy.__version__}")
print("chi-square 0.999 quantiles")
for degrees in [1, 2, 5, 6, 9, 63, 99]:
    print(f"{degrees}: {float(stats.chi2.ppf(0.999, degrees))!r},")
print("normal cumulative")
for z in [-3.0, -2.5, -2.0, -1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0,
          2.5, 3.0]:
    print(f"({z!r}, {float(stats.norm.cdf(z))!r}),")
