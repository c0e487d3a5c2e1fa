"""Prints the values StatisticsTests compare with, as Swift literals: python3 statistics-values.py"""

import numpy as np
import scipy
from scipy import optimize, special, stats

print(f"// SciPy {scipy.__version__}, NumPy {np.__version__}")
print("cdf")
for df, t in [(1, 0.5), (2, -4.3), (3, 2.0), (4.7, -1.1), (10, 3.3), (998, 1.96)]:
    print(f"(degrees: {df}, t: {t}, value: {float(stats.t.cdf(t, df))!r}),")
print("quantile")
for df, p in [(1, 0.975), (2, 0.975), (2, 0.025), (4.7, 0.9), (9, 0.995), (499, 0.975), (998, 0.6)]:
    print(f"(degrees: {df}, probability: {p}, value: {float(stats.t.ppf(p, df))!r}),")
print("betainc")
for x, a, b in [(0.3, 0.5, 0.5), (0.9, 2, 3), (0.02, 10, 0.5), (0.5, 499, 0.5), (0.996, 499, 0.5)]:
    print(f"(x: {x}, a: {a}, b: {b}, value: {float(special.betainc(a, b, x))!r}),")
print("nct")
for df, nc, t in [(2, 4.0, 4.3), (4, 2.5, 2.776), (4, -1.0, 1.0), (58, 2.8, 2.0), (4, 1.0, -0.5)]:
    print(f"(degrees: {df}, noncentrality: {nc}, t: {t}, value: {float(stats.nct.cdf(t, df, nc))!r}),")
print("welch")
pairs = [
    ([0.123, 0.131, 0.118], [0.127, 0.139, 0.125]),
    ([6.31, 6.02, 6.5, 6.11], [6.9, 7.4]),
    ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 2.0, 2.25]),
]
for a, b in pairs:
    r = stats.ttest_ind(a, b, equal_var=False)
    ci = r.confidence_interval(0.95)
    print(f"(first: {a}, second: {b}, p: {float(r.pvalue)!r}, degrees: {float(r.df)!r}, low: {float(ci.low)!r}, high: {float(ci.high)!r}),")
print("sample")
x = [0.123, 0.131, 0.118, 0.1275, 0.14]
m, s = np.mean(x), np.std(x, ddof=1)
print("mean, sd", float(m), float(s))
print("interval", [float(v) for v in stats.t.interval(0.95, len(x) - 1, m, stats.sem(x))])
print("quantiles 0.1 0.5 0.9", [float(np.quantile(x, q)) for q in (0.1, 0.5, 0.9)])
print("normal", [(z, float(stats.norm.cdf(z))) for z in (-6, -1.96, 0.0, 0.7, 3.0)])
print("detectable")


def power(d, n):
    df, nc = 2 * n - 2, d * np.sqrt(n / 2)
    c = stats.t.ppf(0.975, df)
    return stats.nct.sf(c, df, nc) + stats.nct.cdf(-c, df, nc)


for n in (2, 3, 5, 10, 30, 500):
    d = optimize.brentq(lambda d: power(d, n) - 0.8, 0, 8 / np.sqrt(n / 2), xtol=1e-12)
    print(f"(seeds: {n}, difference: {float(float(d))!r}),")
